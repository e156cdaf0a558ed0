import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeCohort, writeCase } from "../../src/testing/raw_cohort.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { type Finished, sets } from "./command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command of a user who stands in a folder. */
async function typed(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const own = Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !/^(INIT_CWD|DFDT_CWD)$/.test(name)),
  );
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...own, NO_COLOR: "1", PATH: `${dirname(Deno.execPath())}:${own.PATH}`, ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A folder with a data set in it. */
async function withData(dir: string): Promise<void> {
  await describeCohort(join(dir, "my data"));
  for (const [shift, id] of ["a", "b"].entries()) await writeCase(join(dir, "my data"), id, { shift });
}

const CUSTOM = ["pipeline", "custom", "--data", "my data", "--until", "index", ...sets("network.image=65")];

Deno.test("paths are relative to the folder that the user stands in: through ./dfdt, links to it, deno task and deno run", () =>
  inFolder(async (dir) => {
    await withData(dir);
    await Deno.mkdir(join(dir, "bin"));
    await Deno.symlink(join(ROOT, "dfdt"), join(dir, "bin/first"));
    await Deno.symlink("first", join(dir, "bin/dfdt"));
    const main = join(ROOT, "src/cli/main.ts");
    const ways: [name: string, command: string, args: string[]][] = [
      ["script", join(ROOT, "dfdt"), []],
      ["link", "bin/dfdt", []],
      ["task", Deno.execPath(), ["task", "--quiet", "--config", join(ROOT, "deno.json"), "--cwd", ROOT]],
      ["run", Deno.execPath(), ["run", "-A", "--quiet", main]],
    ];
    const before = [...Deno.readDirSync(ROOT)].map(({ name }) => name).sort();
    let first: string | undefined;
    for (const [name, command, prefix] of ways) {
      // deno task tells where it was typed by INIT_CWD, and goes to the project
      const { code, stdout, stderr } = await typed(dir, command, [...prefix, ...CUSTOM, "--work", `work ${name}`], {
        ...(name === "task" ? { INIT_CWD: dir } : { INIT_CWD: "/stale" }),
      });
      assert.equal(code, 0, `${name}: ${stderr}`);
      const [found] = [...Deno.readDirSync(join(dir, `work ${name}`, "custom/index"))].map(({ name }) => name);
      first ??= found;
      assert.equal(found, first, `${name}: ${stdout}`); // no folder's name is in a key
    }
    assert.deepEqual([...Deno.readDirSync(ROOT)].map(({ name }) => name).sort(), before);
  }));

Deno.test("other files and folders that a user names are in the user's folder, too", () =>
  inFolder(async (dir) => {
    const phantom = await typed(dir, join(ROOT, "dfdt"), [
      "phantom",
      "--out",
      "cohort",
      "--cases",
      "1",
      "--size",
      "64",
      "--slices",
      "4",
    ]);
    assert.equal(phantom.code, 0, phantom.stderr);
    assert.ok(existsSync(join(dir, "cohort/RawData/Training/img/img0001.nii.gz")));
    const inspected = await typed(dir, join(ROOT, "dfdt"), ["inspect", "cohort/RawData/Training/img/img0001.nii.gz"]);
    assert.equal(inspected.code, 0, inspected.stderr);
    const dry = await typed(dir, join(ROOT, "dfdt"), ["pipeline", "phantom", "--dry-run"]);
    assert.equal(dry.code, 0, dry.stderr);
    assert.ok(!existsSync(join(dir, "runs")), "a dry run made a folder");
    const weights = await typed(dir, join(ROOT, "dfdt"), ["pipeline", "phantom", "--dry-run", "--weights", "none.pth"]);
    assert.match(weights.stderr, /Cannot read "none\.pth"/);
  }));

Deno.test("moving, renaming and linking a data set invalidates nothing, and its folder's name is in no artifact", () =>
  inFolder(async (dir) => {
    await withData(dir);
    const run = (data: string, ...args: string[]) =>
      typed(dir, Deno.execPath(), [
        "run",
        "-A",
        "--quiet",
        join(ROOT, "src/cli/main.ts"),
        ...CUSTOM,
        "--work",
        "w",
        "--data",
        data,
        ...args,
      ]);
    const made = await run("my data");
    assert.equal(made.code, 0, made.stderr);
    await Deno.rename(join(dir, "my data"), join(dir, "renamed"));
    await Deno.symlink("renamed", join(dir, "linked"));
    for (const data of ["renamed", "linked", "renamed/.", join(dir, "linked")]) {
      const { stdout } = await run(data, "--dry-run");
      assert.match(stdout, /^ {2}index +[0-9a-f]{24} +cached$/m, data);
    }
    for (const file of ["manifest.json", "classmap_1.json"]) {
      const [{ name }] = [...Deno.readDirSync(join(dir, "w/custom/index"))];
      assert.doesNotMatch(await Deno.readTextFile(join(dir, "w/custom/index", name, file)), /my data/);
    }
  }));

/** Whether somebody else may read the project's folder. */
const isReadable = Deno.build.os === "linux" && Deno.uid() === 0 && new Deno.Command("setpriv", {
  args: ["--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r", join(ROOT, "deno.json")],
}).outputSync().success;

Deno.test({
  name: "an installation that its user may not write to works, also without a home",
  ignore: !isReadable,
  fn: () =>
    inFolder(async (dir) => {
      await withData(dir);
      await new Deno.Command("chown", { args: ["-R", "65534", dir] }).output();
      await Deno.chmod(dir, 0o755);
      const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", join(ROOT, "dfdt")];
      const env = { HOME: "/nonexistent", XDG_RUNTIME_DIR: "", TMPDIR: dir, DENO_DIR: "" };
      const { code, stderr } = await typed(dir, "setpriv", [...nobody, ...CUSTOM], env);
      assert.equal(code, 0, stderr);
      assert.ok(existsSync(join(dir, "runs/custom/index")));
    }),
});
