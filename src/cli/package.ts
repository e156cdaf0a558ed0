import { Command } from "@commander-js/extra-typings";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { writePackage } from "../package/build_package.ts";
import { PACKAGE } from "./program.ts";
import { PROJECT } from "./user_folder.ts";

/** `deno task package`: the npm package, a tarball. */
export function command() {
  return new Command("package")
    .description("builds the npm package, a tarball")
    .option("--out <dir>", "where it goes", "dist")
    .action(async ({ out }) => {
      const folder = await Deno.makeTempDir();
      try {
        await writePackage(PROJECT, join(folder, "package"), PACKAGE);
        await mkdir(out, { recursive: true });
        const tarball = join(out, `${PACKAGE}-${denoJson.version}.tgz`);
        // the times of files say nothing: equal contents make an equal tarball
        const args = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-cf", "-", "package"];
        const pack = `tar ${args.join(" ")} | gzip -n9 > "$0"`;
        const { code, stderr } = await new Deno.Command("sh", { args: ["-c", pack, resolve(tarball)], cwd: folder })
          .output();
        if (code !== 0) throw new Error(`Cannot pack "${tarball}": ${new TextDecoder().decode(stderr).trim()}`);
        const { size } = await Deno.stat(tarball);
        console.log(`${tarball}  ${(size / 1e6).toFixed(2)} MB`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
}
