/// <reference lib="dom" />
import type { Program, ProgramOptions, StartProgram } from "../../imaging/io/dicom_convert.ts";
import type { PagePieces } from "../protocol.ts";

type Start = (options: ProgramOptions & { wasmBinary: Uint8Array; locateFile(): string }) => Promise<Program>;

/** Starts dcm2niix from the pieces that lie in the page; its module is made when the first series is read. */
export function converterOf({ converterCode, converterWasm }: PagePieces): StartProgram {
  let start: Promise<Start> | undefined;
  return async (options) => {
    start ??= importText(converterCode);
    return await (await start)({ ...options, wasmBinary: converterWasm, locateFile: () => "dcm2niix.wasm" });
  };
}

async function importText(code: string): Promise<Start> {
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}
