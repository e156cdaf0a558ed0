import type { ComponentChildren } from "preact";
import type { SlicePicture } from "../cases/slice_picture.ts";

/** A slice with what is drawn on it, in pixels of the slice. */
export function Picture({ picture, alt, children, shared = false }: {
  picture: SlicePicture;
  /** What a reader who does not see it is told; empty where the text beside it says all. */
  alt: string;
  children?: ComponentChildren;
  /** Whether the picture is that of an element around it, `--shared`, so that the page holds it once. */
  shared?: boolean;
}) {
  const { address, width, height, aspect, edges } = picture;
  return (
    <span class="picture" style={{ aspectRatio: String(aspect) }} data-left={edges.left} data-top={edges.top}>
      {shared ? <span class="shared" role="img" aria-label={alt} /> : <img src={address} alt={alt} decoding="async" />}
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">{children}</svg>
    </span>
  );
}

/** Outlines of truth and prediction on a slice. */
export function Outlines({ truth, predicted }: { truth: string; predicted: string }) {
  return (
    <>
      {truth && <path class="truth" d={truth} />}
      {predicted && <path class="predicted" d={predicted} />}
    </>
  );
}

/** What the two kinds of outlines are. */
export function OutlineLegend({ hasTruth = true }: { hasTruth?: boolean }) {
  return (
    <p class="legend">
      {hasTruth && <span class="key truth">truth</span>}
      <span class="key predicted">prediction</span>
    </p>
  );
}
