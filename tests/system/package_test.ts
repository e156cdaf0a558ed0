import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { run, SMALL } from "../pipeline/command_line.ts";

/** A registry on this machine that has the tarball, and hands on what is asked for besides. */
async function serveRegistry(tarball: Uint8Array<ArrayBuffer>, manifest: Record<string, unknown>) {
  const upstream = (await command("npm", ["config", "get", "registry"], {})).stdout.trim().split("\n").at(-1)!;
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === "/dfdt") {
        const version = denoJson.version;
        const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
        const dist = { tarball: `${address}/dfdt/-/dfdt-${version}.tgz`, integrity };
        return Response.json({
          name: "dfdt",
          "dist-tags": { latest: version },
          versions: { [version]: { ...manifest, dist } },
        });
      }
      if (pathname.startsWith("/dfdt/-/")) return new Response(tarball);
      const answer = await fetch(new URL(pathname.slice(1), upstream), {
        headers: { accept: request.headers.get("accept") ?? "*/*" },
      });
      return new Response(answer.body, {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? "" },
      });
    },
  );
  const address = `http://127.0.0.1:${server.addr.port}`;
  return { address, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function command(
  program: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Record<string, string> },
) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd, env, stdin: "null" })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const OWN_EXPERIMENT = `import { ownExperiment, UserError } from "dfdt";

export default ownExperiment({
  name: "knees",
  about: "knee MR",
  list: () => {
    throw new UserError("data", "knees are refused");
  },
});
`;

Deno.test("the package works by npx, deno run and deno x, with workers, an experiment of one's own and types", () =>
  inFolder(async (dir) => {
    const built = await run("package", "--out", dir);
    assert.equal(built.code, 0, built.stderr);
    const file = join(dir, `dfdt-${denoJson.version}.tgz`);
    const tarball = new Uint8Array(await readFile(file));
    assert.ok(tarball.length < 3e6, `${tarball.length} bytes`);
    const listed = (await command("tar", ["tzf", file], {})).stdout.split("\n");
    for (const name of ["LICENSE", "THIRD_PARTY_LICENCES.md", "PROVENANCE.json", "mod.d.ts", "kernels.d.ts", "dfdt"]) {
      assert.ok(listed.includes(`package/${name}`), name);
    }
    const manifest = JSON.parse((await command("tar", ["xzOf", file, "package/package.json"], {})).stdout);
    await using registry = await serveRegistry(tarball, manifest);
    const home = join(dir, "home"), place = join(dir, "place");
    await Deno.mkdir(join(place, "experiments"), { recursive: true });
    await Deno.mkdir(join(place, "data/knees"), { recursive: true });
    const env = {
      HOME: home,
      NPM_CONFIG_REGISTRY: registry.address,
      npm_config_registry: registry.address,
      NO_COLOR: "1",
    };

    // Node finds Deno among the package's dependencies
    await Deno.writeTextFile(join(place, "package.json"), '{ "private": true }');
    const installed = await command("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "dfdt"], {
      cwd: place,
      env,
    });
    assert.equal(installed.code, 0, installed.stderr);
    const ran = await command("npx", ["dfdt", "pipeline", "phantom", ...SMALL, "--until", "resample"], {
      cwd: place,
      env: { ...env, DFDT_WORKERS: "2" },
    });
    assert.equal(ran.code, 0, ran.stderr);
    const help = await command("npx", ["dfdt", "pipeline", "--help"], { cwd: place, env });
    assert.match(help.stdout, /^ {2}dfdt pipeline phantom$/m);
    assert.doesNotMatch(help.stdout, /\.\/dfdt/);
    assert.match(ran.stdout, /done +resample/);
    await Deno.writeTextFile(join(place, "experiments/knees.ts"), OWN_EXPERIMENT);
    const own = await command("npx", ["dfdt", "pipeline", "knees", "--dry-run"], { cwd: place, env });
    assert.deepEqual([own.code, own.stderr.includes("knees are refused")], [2, true], own.stderr); // one UserError, not two
    await Deno.writeTextFile(
      join(place, "program.ts"),
      `import { type Recipe } from "dfdt";
import { openDevice } from "dfdt/kernels";
const recipe: Recipe = [{ step: "standardise" }];
// @ts-expect-error: there is no such step
const wrong: Recipe = [{ step: "nothing" }];
console.log(typeof openDevice, recipe.length, wrong.length);
`,
    );
    const program = await command(Deno.execPath(), ["run", "-A", "--check", "--quiet", "program.ts"], {
      cwd: place,
      env,
    });
    assert.deepEqual([program.code, program.stdout], [0, "function 1 1\n"], program.stderr);

    // Deno alone, from its cache
    const empty = join(dir, "empty");
    await Deno.mkdir(empty);
    const denoEnv = { ...env, DENO_DIR: join(dir, "deno") };
    const small = ["pipeline", "phantom", ...SMALL, "--until", "window"];
    const byRun = await command(Deno.execPath(), ["run", "-A", "--quiet", "npm:dfdt", ...small], {
      cwd: empty,
      env: denoEnv,
    });
    assert.equal(byRun.code, 0, byRun.stderr);
    assert.match(byRun.stdout, /done +window/);
    const byX = await command(Deno.execPath(), ["x", "-A", "-y", "npm:dfdt", "--version"], {
      cwd: empty,
      env: denoEnv,
    });
    assert.deepEqual([byX.code, byX.stdout.trim()], [0, denoJson.version], byX.stderr);
  }));
