/** What the converter made of a series. */
export interface Converted {
  /** The uncompressed NIfTI files that it wrote, by name. */
  files: Map<string, Uint8Array>;
  /** What it said, a line each. */
  said: string[];
}

/** The parts of the WebAssembly module that are used: an Emscripten program with a file system in memory. */
export interface Program {
  /** Its file system. */
  FS: {
    /** Makes a folder. */
    mkdir(path: string): void;
    /** Writes a whole file. */
    writeFile(path: string, bytes: Uint8Array): void;
    /** Reads a whole file. */
    readFile(path: string): Uint8Array;
    /** Names in a folder. */
    readdir(path: string): string[];
  };
  /** Runs it once. */
  callMain(args: string[]): number;
}

/** Who is told what the program says. */
export interface ProgramOptions {
  /** A line for people. */
  print(line: string): void;
  /** A line about a fault. */
  printErr(line: string): void;
}

/** Starts a program: its module lies beside the process's other modules, or in a page. */
export type StartProgram = (options: ProgramOptions) => Promise<Program>;

/**
 * Runs dcm2niix on the files of one series, in this process and in memory. Every call starts a program of its own, since one
 * that has run keeps what it found in its file system and in its variables.
 *
 * @param start starts the program
 * @param files whole DICOM files, in order
 * @param names of these, for what it says of them
 */
export async function runDcm2niix(
  start: StartProgram,
  files: readonly Uint8Array[],
  names: readonly string[],
): Promise<Converted> {
  const said: string[] = [];
  const program = await start({
    print: (line) => said.push(withNames(line, names)),
    printErr: (line) => said.push(withNames(line, names)),
  });
  for (const dir of ["/in", "/out"]) program.FS.mkdir(dir);
  for (const [i, bytes] of files.entries()) program.FS.writeFile(`/in/${String(i).padStart(5, "0")}.dcm`, bytes);
  // no sidecar file, not compressed, one name for all; a 3D acquisition is neither cropped nor brought to axial order
  try {
    program.callMain(["-b", "n", "-z", "n", "-x", "i", "-f", "image", "-o", "/out", "/in"]);
  } catch (error) {
    // Its decoders do not survive every damaged file.
    said.push(`Error: it broke off (${error instanceof Error ? error.message : "an exception of its own"})`);
    return { files: new Map(), said };
  }
  const made = program.FS.readdir("/out").filter((name) => name.endsWith(".nii"));
  return { files: new Map(made.map((name) => [name, program.FS.readFile(`/out/${name}`)])), said };
}

/** What the program says of its own copies, said of the user's files. */
function withNames(line: string, names: readonly string[]): string {
  return line.replace(/\/in\/(\d{5})\.dcm/g, (copy, number) => names[Number(number)] ?? copy);
}
