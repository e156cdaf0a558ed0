import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import type { PageCase, PageData } from "../page_data.ts";
import { Page } from "./page.tsx";
import { bytesElement, dataElement, niivueElement, PROVENANCE, scriptElement } from "./scripts.ts";

/** Bytes of a page at most. */
export const PAGE_BYTES = 15_000_000;

/** Bytes of a page that pictures of cases may take, and viewers at most. */
export const PAGE_ROOM = { pictures: 2_500_000, viewers: PAGE_BYTES - 1_000_000 };

/** What a page says more once it has viewers. */
const WORDS_BYTES = 50_000;

/** Bytes that viewers may take of a page, with which it is as large as it may be. */
export async function roomForViewers(data: PageData): Promise<number> {
  const page = new TextEncoder().encode(await renderPage(data)).length;
  const cases = [...data.cases, ...data.segmented];
  const library = cases.length > 0 ? (await niivueElement()).length : 0;
  return PAGE_BYTES - page - library - WORDS_BYTES - cases.length * BYTES_OF_A_VIEWER;
}

/** What stands around the volumes of a case: elements, sizes. */
const BYTES_OF_A_VIEWER = 600;

/** The page of a run, whole: it asks for nothing. */
export async function renderPage(data: PageData): Promise<string> {
  const page = renderToString(h(Page, data));
  const cases = [...data.cases, ...data.segmented];
  const parts = ["<!doctype html>", page.slice(0, page.lastIndexOf("</body>"))];
  const { experiment, identity } = data;
  parts.push(dataElement("page-data", { experiment, identity, cases: cases.map(scriptCase) }));
  if (data.provenance.scans) parts.push(dataElement(PROVENANCE, data.provenance));
  const viewed = cases.filter(({ viewer }) => viewer);
  for (const { key, viewer } of viewed) {
    parts.push(
      bytesElement(`${key}-image`, viewer!.image.voxels),
      bytesElement(`${key}-predicted`, viewer!.predicted.voxels),
    );
    if (viewer!.truth) parts.push(bytesElement(`${key}-truth`, viewer!.truth.voxels));
  }
  if (viewed.length > 0) parts.push(await niivueElement());
  parts.push(scriptElement("scheme"));
  if (cases.length > 0) parts.push(scriptElement("table"), scriptElement("ratings"), scriptElement("viewer"));
  parts.push("</body></html>\n");
  return parts.join("");
}

/** What the page's scripts need of a case. */
function scriptCase({ key, id, part, dice, slices, worst, sliceAxis, picture, rows, viewer }: PageCase) {
  const about = ({ header, size }: { header: string; size: readonly number[] }) => ({ header, size });
  return {
    ...{ key, id, part, dice, slices, worst, sliceAxis },
    isPicture: picture.edges.left === "",
    radiological: picture.edges.left !== "" && picture.edges.left !== "L",
    rows: rows.map(({ name, position, figures, worst, predictedMl }) => {
      return { name, position, dice: figures?.dice, worst, predictedMl };
    }),
    viewer: viewer && {
      image: about(viewer.image),
      predicted: about(viewer.predicted),
      truth: viewer.truth && about(viewer.truth),
      origin: viewer.origin,
      coarseness: viewer.coarseness,
      wide: viewer.wide,
    },
  };
}
