import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SCRIPT = await Deno.readTextFile(join(ROOT, "dfdt"));
const PINNED = SCRIPT.match(/^deno_version=([\d.]+)/m)![1];
const TASKS = Object.entries(JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json"))).tasks);

/** What the set-up needs of a system, and no more: no Deno, no npm, no package manager, no sudo. */
const SYSTEM = "sh cat chmod cksum cmp cp dirname env grep head id ln ls mkdir mv readlink rm sed sort tail uname"
  .split(" ");

/** Programs that stand in for real ones, by name: the lines of a shell script. */
type Stubs = Record<string, string[]>;

/** Runs `./dfdt` of a bare copy of the project, on a system that has only {@link SYSTEM} and the stubs. */
async function setUp(args: string[], stubs: Stubs) {
  const root = await Deno.makeTempDir();
  try {
    const bin = join(root, "bin");
    await Deno.mkdir(bin);
    for (const name of SYSTEM) {
      if (name in stubs) continue; // writing a stub would follow the link, into the system
      for (const folder of ["/usr/bin", "/bin"]) {
        const path = join(folder, name);
        if (await Deno.lstat(path).catch(() => undefined)) {
          await Deno.symlink(path, join(bin, name));
          break;
        }
      }
    }
    for (const [name, lines] of Object.entries(stubs)) {
      await Deno.writeTextFile(join(bin, name), ["#!/bin/sh", ...lines].join("\n"), { mode: 0o755 });
    }
    for (const file of ["dfdt", "deno.json", "deno.lock"]) await Deno.copyFile(join(ROOT, file), join(root, file));
    const run = () =>
      new Deno.Command(join(root, "dfdt"), {
        args,
        clearEnv: true,
        env: { PATH: bin, HOME: root },
        stdin: "null",
      }).output();
    const results = [];
    for (let i = 0; i < 2; i++) {
      const { code, stdout, stderr } = await run();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll(root, "ROOT");
      results.push({ code, stdout: text(stdout), stderr: text(stderr) });
    }
    return { first: results[0], second: results[1] };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** A Deno of a version, which shows the task that it is asked to run and ends it with code 7. */
function denoStub(version: string, { adapter = true } = {}): string[] {
  return [
    `case $1 in`,
    `  --version) echo "deno ${version} (stable, release)" ;;`,
    `  eval) exit ${adapter ? 0 : 1} ;;`,
    `  install) ;;`,
    `  *) echo "$@"; exit 7 ;;`,
    `esac`,
  ];
}

/** An npm whose package holds a Deno of the pinned version. */
const NPM = [
  `while [ "$1" != --prefix ]; do shift; done`,
  `mkdir -p "$2/node_modules/@deno/some-system"`,
  `cat >"$2/node_modules/@deno/some-system/deno" <<'DENO'`,
  `#!/bin/sh`,
  ...denoStub(PINNED),
  `DENO`,
];

Deno.test("dfdt pins a Deno version that this one satisfies", () => {
  const [pinned, found] = [PINNED, Deno.version.deno].map((version) => version.split(".").map(Number));
  assert.equal(found[0], pinned[0]);
  assert.ok(found[1] > pinned[1] || found[1] === pinned[1] && found[2] >= pinned[2]);
});

Deno.test("deno.json sends every task to the command line of the same name, and ./dfdt lists it", () => {
  const listed = [...SCRIPT.matchAll(/^ {2}([a-z]+)\b.* {2,}\S/gm)].map(([, name]) => name);
  assert.deepEqual(TASKS.map(([name]) => name).sort(), listed.sort());
  for (const [name, line] of TASKS) assert.equal(line, `deno run -A src/cli/main.ts ${name}`);
});

Deno.test("dfdt without a task, or with an unknown one, prints the tasks and exits 2", async () => {
  for (const args of [[], ["tset"]]) {
    const { first } = await setUp(args, {});
    assert.equal(first.code, 2);
    assert.match(first.stderr, /Usage: .\/dfdt TASK/);
  }
});

Deno.test("dfdt runs the task with the Deno on PATH and passes its exit code through, saying nothing", async () => {
  const { first, second } = await setUp(["parity", "a b"], { deno: denoStub(PINNED) });
  assert.equal(first.stderr, "dfdt: installing the npm dependencies that deno.lock names\n");
  assert.deepEqual(second, { code: 7, stdout: "task --quiet parity a b\n", stderr: "" });
});

Deno.test("dfdt keeps a newer Deno of the same major version", async () => {
  const [major, minor] = PINNED.split(".").map(Number);
  const { second } = await setUp(["check"], { deno: denoStub(`${major}.${minor + 10}.0`) });
  assert.deepEqual(second, { code: 7, stdout: "task --quiet check\n", stderr: "" });
});

Deno.test("dfdt installs Deno from npm once where it is missing, older, or of another major version", async () => {
  for (const version of [undefined, "2.0.0", "1.46.3", `${Number(PINNED.split(".")[0]) + 1}.0.0`]) {
    const { first, second } = await setUp(["check"], { npm: NPM, ...(version ? { deno: denoStub(version) } : {}) });
    assert.match(first.stderr, new RegExp(`^dfdt: installing Deno ${PINNED} from npm into .cache/deno\n`));
    assert.deepEqual(second, { code: 7, stdout: "task --quiet check\n", stderr: "" });
  }
});

Deno.test("dfdt says that npm is needed, or what npm said, and exits 1", async () => {
  const without = await setUp(["check"], {});
  assert.equal(without.first.code, 1);
  assert.match(without.first.stderr, /expected npm \(Node 20 or later\), found none/);
  const failing = await setUp(["check"], { npm: ["echo no network >&2", "exit 1"] });
  assert.equal(failing.first.code, 1);
  assert.match(failing.first.stderr, /no network\ndfdt: Cannot install Deno: npm failed/);
});

Deno.test({
  name: "dfdt exits 3 where no adapter is found and it may not install a driver; check, help and jobs of Slurm go on",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const deno = denoStub(PINNED, { adapter: false });
    const ordinaryUser = { id: ["echo 1000"], "apt-get": ["exit 1"] };
    const test = await setUp(["test"], { deno, ...ordinaryUser });
    assert.equal(test.second.code, 3);
    assert.match(test.second.stderr, /No usable WebGPU adapter: ask an administrator .*mesa-vulkan-drivers/);
    assert.equal((await setUp(["check"], { deno, ...ordinaryUser })).second.code, 7);
    assert.equal((await setUp(["doctor"], { deno, ...ordinaryUser })).second.code, 7);
    for (
      const line of ["pipeline sabs --executor slurm --detach", "pipeline sabs --executor=slurm", "segment --help"]
    ) {
      const { second } = await setUp(line.split(" "), { deno, ...ordinaryUser }); // nothing is computed here
      assert.deepEqual(second, { code: 7, stdout: `task --quiet ${line}\n`, stderr: "" });
    }
    const bare = await setUp(["test"], { deno });
    assert.match(bare.second.stderr, /No usable WebGPU adapter: install a Vulkan driver/);
  },
});

Deno.test({
  name: "dfdt installs a driver as root, once, and says so",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const deno = denoStub(PINNED).map((line) => line.replace("exit 0", `[ -f "$HOME/driver" ] || exit 1`));
    const { first, second } = await setUp(["test"], {
      deno,
      id: ["echo 0"],
      "apt-get": [`[ "$1" = update ] || echo installed >"$HOME/driver"`],
    });
    assert.match(first.stderr, /dfdt: installing a Vulkan driver: apt-get install .*mesa-vulkan-drivers\n$/);
    assert.deepEqual(second, { code: 7, stdout: "task --quiet test\n", stderr: "" });
  },
});

Deno.test("dfdt asks for no adapter again while nothing around it changes", async () => {
  const counted = denoStub(PINNED).map((line) => line.replace("eval) exit 0", `eval) echo asked >>"$HOME/asked"`));
  const { first, second } = await setUp(["test"], {
    deno: counted.map((line) => line.replace(`*) echo "$@"`, `*) cat "$HOME/asked"`)),
  });
  assert.equal(first.stdout, "asked\n");
  assert.equal(second.stdout, "asked\n");
});
