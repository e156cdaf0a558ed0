/// <reference lib="dom" />
import { maskOf, type SessionScan, volumesTable } from "./scan.ts";
import type { Session } from "./session.ts";

/** Saves the mask of a scan as NIfTI, on the scan's own grid. */
export async function saveNifti(session: Session, scan: SessionScan): Promise<void> {
  await session.doing("Saving", async () => {
    const volume = maskOf(scan, session.structures);
    download(await session.line.ask("writeNifti", { volume, written: scan.written }), `${scan.name}_mask.nii.gz`);
  });
}

/** Saves the masks of all scans that have one. */
export async function saveAllNifti(session: Session): Promise<void> {
  for (const scan of session.scans) if (scan.counts.size > 0) await saveNifti(session, scan);
}

/** Saves the volumes of all structures in all scans. */
export function saveVolumes({ scans, structures }: Session): void {
  download(new Blob([volumesTable(scans, structures)], { type: "text/csv" }), "volumes.csv");
}

/** Saves the probabilities of a scan's structures as NIfTI, a file each. */
export async function saveProbabilities(session: Session, scan: SessionScan): Promise<void> {
  await session.doing("Saving", async () => {
    for (const { value, data } of scan.probabilities ?? []) {
      const name = session.structures.find((one) => one.value === value)?.name ?? String(value);
      const file = await session.line.ask("writeNifti", { volume: { ...scan.volume, data }, written: scan.written });
      download(file, `${scan.name}_probability_${name.replace(/[^\p{L}\p{N}_-]/gu, "_")}.nii.gz`);
    }
  });
}

/** Saves the mask of a scan as a DICOM segmentation that refers to its series. */
export async function saveDicomSeg(session: Session, scan: SessionScan): Promise<void> {
  await session.doing("Saving", async () => {
    const { volume: { size, spacing, affine }, labels, files, name } = scan;
    const { file, warnings } = await session.line.ask("writeDicomSeg", {
      files,
      name,
      mask: { data: labels, size, spacing, affine },
      segments: session.structures.filter(({ value }) => scan.counts.has(value)).map(({ value, name }) => ({
        value,
        name,
      })),
      model: scan.result?.model ?? session.model!.sha256,
    });
    for (const warning of warnings) session.tell("warning", `“${name}”: ${warning}`);
    download(file, `${name}_mask.dcm`);
  });
}

function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
