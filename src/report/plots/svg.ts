/// <reference lib="dom" />
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const { document } = parseHTML("<html></html>") as unknown as { document: Document };

/**
 * A plot as the text of an SVG in the colour of the text around it.
 *
 * @param alt what a reader who does not see it is told
 */
export function svgPlot(options: Plot.PlotOptions, alt: string): string {
  const { width = 640, height = 400 } = options;
  const svg = Plot.plot({ style: { fontSize: "12px" }, ...options, width, height, document }) as unknown as Element;
  svg.querySelector("style")?.remove(); // the page's own rules are the same for all plots
  for (const [name, value] of [["class", "plot"], ["role", "img"], ["aria-label", alt]]) svg.setAttribute(name, value);
  // a picture has no parts for a reader who hears it
  for (const part of svg.querySelectorAll("[aria-label], [aria-hidden]")) {
    if (part === svg) continue;
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-hidden");
  }
  // a hundredth of a pixel is enough of a place
  return svg.outerHTML.replace(
    / (?:d|transform|[xy][12]?|c[xy]|width|height)="[^"]*"/g,
    (attribute) => attribute.replace(/(\d+\.\d{2})\d+/g, "$1"),
  );
}

/** Colours that stay apart on white and on black, and for readers who do not see red and green apart (Okabe and Ito, 2008). */
export const PLOT_COLOURS: readonly string[] = [
  "#0a84c6",
  "#d55e00",
  "#009e73",
  "#cc5f9d",
  "#8a6fd8",
  "#b58900",
  "#5b8fa8",
];
