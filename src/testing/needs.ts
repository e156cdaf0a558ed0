import { existsSync } from "node:fs";

/** Packages of Debian's that tests compare with, by name: a file that each brings. `.ci/run` installs them. */
const DEBIAN_PACKAGES: Record<string, string> = {
  "python3-nibabel": "/usr/lib/python3/dist-packages/nibabel/__init__.py",
  "python3-pydicom": "/usr/lib/python3/dist-packages/pydicom/__init__.py",
  "python3-torch": "/usr/lib/python3/dist-packages/torch/__init__.py",
  "python3-torchvision": "/usr/lib/python3/dist-packages/torchvision/__init__.py",
  "dcm2niix": "/usr/bin/dcm2niix",
  "dicom3tools": "/usr/bin/dciodvfy",
  "chromium": "/usr/bin/chromium",
  "slurm-wlm": "/usr/sbin/slurmctld",
  "zsh": "/usr/bin/zsh",
  "fish": "/usr/bin/fish",
};

/** Packages that `.ci/run` installs where it can: as root, in a system that lets services be set up. */
const WHERE_IT_CAN: readonly string[] = ["slurm-wlm"];

/** Debian's own Python: another one on PATH would not see its packages. */
export const DEBIAN_PYTHON = "/usr/bin/python3";

/** Registers tests that need a package. */
export interface NeedyTests {
  /** Whether the package is there. */
  found: boolean;
  /** Like `Deno.test(title, run)`. */
  test(title: string, run: () => void | Promise<void>): void;
}

/**
 * Registers tests that need a package of Debian's. Where it is missing they say `skipped: needs NAME` and count as
 * skipped; with `CI` set they fail, since `.ci/run` installs it, but for what it installs where it can.
 *
 * @param name the package
 */
export function needs(name: string): NeedyTests {
  const file = DEBIAN_PACKAGES[name];
  const found = file !== undefined && existsSync(file);
  return {
    found,
    test(title, run) {
      if (found) Deno.test(title, run);
      else if (Deno.env.get("CI") && !WHERE_IT_CAN.includes(name)) {
        Deno.test(title, () => {
          throw new Error(`Cannot test with ${name}: expected the package, found none. apt-get install ${name}`);
        });
      } else Deno.test({ name: `${title} (skipped: needs ${name})`, ignore: true, fn: run });
    },
  };
}

/**
 * Runs a Python program with Debian's Python and returns what it printed.
 *
 * @param program the source
 * @param args what `sys.argv[1:]` holds
 * @param env variables beside those of this process
 */
export async function runPython(
  program: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(DEBIAN_PYTHON, {
    args: ["-c", program, ...args],
    env: { ...env },
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Python failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
