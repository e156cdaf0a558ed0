import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { UserError } from "../src/errors.ts";
import { type BenchRow, timing } from "./measure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is compared. */
export interface AgainstOptions {
  /** A revision of the project's repository. */
  revision: string;
  /** How often each build runs; they take turns. */
  turns: number;
  /** Options of the suite; an older build looks at those that it knows. */
  options: Readonly<Record<string, unknown>>;
}

/** Runs in the folder of a build, whose modules it imports: every row of a suite as a line of JSON. */
const programOf = (suite: string, options: unknown) => `
import { openDevice } from "./src/gpu/mod.ts";
import { ${suite} } from "./bench/${suite}.ts";
await openDevice();
await ${suite}((row) => console.log(JSON.stringify(row)), ${JSON.stringify(options)});
Deno.exit(0);
`;

/**
 * A suite by this build and by that of another revision, each a process of its own, in turns.
 *
 * @param onRow gets a row for each that both builds have: ours, with the other build among the peers
 * @throws {UserError} if there is no such revision
 */
export async function against(
  onRow: (row: BenchRow) => void,
  suite: string,
  { revision, turns, options }: AgainstOptions,
): Promise<void> {
  const commit = await commitOf(revision);
  const other = await Deno.makeTempDir({ prefix: "dfdt-bench-" });
  try {
    await checkOut(commit, other);
    const ours: BenchRow[][] = [], theirs: BenchRow[][] = [];
    for (let turn = 0; turn < turns; turn++) {
      ours.push(await rowsOf(ROOT, programOf(suite, options)));
      const names = new Set(ours[0].map(nameOf));
      theirs.push(await rowsOf(other, programOf(suite, options), names));
    }
    for (const row of sideBySide(ours, theirs, `build ${commit.slice(0, 7)}`)) onRow(row);
  } finally {
    await Deno.remove(other, { recursive: true });
  }
}

/** Without what a name tells of a measurement. */
const nameOf = ({ name }: BenchRow) => name.replace(/ \(peak .*\)$/, "");

/** Medians over the turns of two builds, for the rows that both have. */
export function sideBySide(ours: readonly BenchRow[][], theirs: readonly BenchRow[][], build: string): BenchRow[] {
  const of = (turns: readonly BenchRow[][], name: string) =>
    turns.flatMap((rows) => rows.filter((row) => nameOf(row) === name).map(({ ours_ms }) => ours_ms));
  return ours[0].flatMap((row) => {
    const name = nameOf(row), others = of(theirs, name);
    if (others.length === 0) return [];
    const { median, spread } = timing(of(ours, name));
    const gflops = row.work_gflop === null ? null : row.work_gflop / median * 1e3;
    const peers = { [build]: timing(others).median };
    return [{
      suite: row.suite,
      name,
      work_gflop: row.work_gflop,
      ours_ms: median,
      spread_ms: spread,
      gflops,
      roofline: null,
      peers,
    }];
  });
}

async function git(args: readonly string[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { success, stdout } = await new Deno.Command("git", { args: ["-C", ROOT, ...args], stderr: "null" }).output()
    .catch(() => ({ success: false, stdout: undefined }));
  return success ? stdout : undefined;
}

async function commitOf(revision: string): Promise<string> {
  const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  if (!found) {
    throw new UserError(
      "usage",
      `Cannot use --against "${revision}": expected a revision of the project's git repository, found none of that name`,
    );
  }
  return new TextDecoder().decode(found).trim();
}

/** The files of a commit, with their dependencies. */
async function checkOut(commit: string, dir: string): Promise<void> {
  const archive = join(dir, "build.tar");
  if (!await git(["archive", "--output", archive, commit])) throw new Error(`git could not archive ${commit}`);
  for (const [program, ...args] of [["tar", "-xf", archive], [Deno.execPath(), "install", "--frozen", "--quiet"]]) {
    const { success, stderr } = await new Deno.Command(program, { args, cwd: dir }).output();
    if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }
}

/** The rows that a build prints, until it ends, or has printed all of those that are wanted. */
async function rowsOf(dir: string, program: string, wanted?: ReadonlySet<string>): Promise<BenchRow[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", "-"],
    cwd: dir,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const rows: BenchRow[] = [];
  let text = "", all = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    for (const line of lines) if (line.startsWith("{")) rows.push(JSON.parse(line));
    const names = new Set(rows.map(nameOf));
    all = wanted !== undefined && [...wanted].every((name) => names.has(name));
    if (all) break;
  }
  if (all) child.kill();
  const { success } = await child.status;
  if (!success && !all) throw new Error(`The benchmark of the build in "${dir}" failed`);
  return rows;
}
