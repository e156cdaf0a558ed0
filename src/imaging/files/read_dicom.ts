import { readFile } from "node:fs/promises";
import { type ConvertedSeries, convertSeries } from "../io/dicom.ts";
import type { Program, ProgramOptions } from "../io/dicom_convert.ts";
import { readDicomSeries, type SeriesChoice } from "./dicom_folder.ts";

/**
 * Reads a folder with the DICOM files of one series: all headers are checked first, then dcm2niix converts, and the result is
 * compared with the headers.
 *
 * @throws {UserError} if the files do not make one volume, or cannot be decoded
 */
export async function readDicom(dir: string, choice: SeriesChoice = {}): Promise<ConvertedSeries> {
  const series = await readDicomSeries(dir, choice);
  const bytes = new Map(
    await Promise.all(series.slices.map(async ({ path }) => [path, await readFile(path)] as const)),
  );
  return await convertSeries(series, bytes, startProgram);
}

/** Starts the program of the package, which exports its browser worker alone; the one with all codecs lies beside it. */
async function startProgram(options: ProgramOptions): Promise<Program> {
  const url = new URL("./dcm2niix.jpeg.js", import.meta.resolve("@niivue/dcm2niix"));
  const { default: start } = await import(url.href) as { default: (options: ProgramOptions) => Promise<Program> };
  const program = await start(options);
  return {
    FS: program.FS,
    callMain(args) {
      const { exitCode } = Deno;
      try {
        return program.callMain(args);
      } finally {
        Deno.exitCode = exitCode; // the program sets it to its own
      }
    },
  };
}
