import { Command } from "@commander-js/extra-typings";
import { writeFile } from "node:fs/promises";
import { billOfMaterials, licencesTable, lockedPackages } from "./packages.ts";
import { PROJECT } from "./user_folder.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** `deno task sbom`: what the program is made of, from the lock file and what was installed from it. */
export function command() {
  return new Command("sbom")
    .description("software bill of materials: every npm package with version, licence and hash (CycloneDX 1.6)")
    .option("--out <file>", "writes it there instead of printing it")
    .option("--licences", "a table of licences instead")
    .action(async ({ out, licences }) => {
      const packages = await lockedPackages(PROJECT);
      const text = licences
        ? licencesTable(packages)
        : JSON.stringify(billOfMaterials(packages, denoJson), undefined, 1);
      if (out === undefined) console.log(text);
      else await writeFile(out, text + "\n");
    });
}
