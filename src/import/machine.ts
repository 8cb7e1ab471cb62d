// The machine's defaults of a production: which file they are in, as covariance-mocks keeps it, and what the machine is called.
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import { checkFile } from "./check.ts";
import { kindOf } from "./kind.ts";
import { readYaml, type YamlFile } from "./yaml-file.ts";

/** As run_production.py, where nobody says otherwise. */
const USUAL = "nersc";

export interface Machine {
  /** First argument of the generator, and the name of the site profile. */
  readonly name: string;
  /** The profile that its own is laid over. */
  readonly site: "perlmutter" | "slurm-generic";
  /** Absent: nothing says what holds there. */
  readonly defaults?: YamlFile;
}

/** `named`: a name, or the path of a YAML file. */
export async function machineFor(
  production: YamlFile,
  named: string | undefined,
  cwd: string,
): Promise<{ machine: Machine; warnings: readonly Diagnostic[] }> {
  if (named !== undefined && /\.ya?ml$/.test(named))
    return { machine: await load(resolve(cwd, named), cwd), warnings: [] };
  const found = candidates(dirname(production.path));
  const wanted = found.filter((path) => nameOf(path) === (named ?? USUAL));
  const path = wanted[0] ?? (named === undefined && found.length === 1 ? found[0] : undefined);
  if (path !== undefined) return { machine: await load(path, cwd), warnings: [] };
  const there = found.length > 0 ? `there are those of ${found.map(nameOf).join(", ")}` : "there are none";
  const missing = {
    code: "import/no-defaults",
    message: `no defaults of machine ${named ?? USUAL} for ${production.name}: ${there} beside it, in defaults/ or ../defaults/`,
    span: production.span([]),
  } as const;
  if (named !== undefined || found.length > 0) fail(missing);
  return { machine: { name: USUAL, site: siteOf(USUAL) }, warnings: [{ severity: "warning", ...missing }] };
}

async function load(path: string, cwd: string): Promise<Machine> {
  const defaults = await readYaml(path, cwd);
  if (kindOf(defaults) !== "machine")
    fail({
      code: "import/no-defaults",
      message: `${defaults.name} holds no defaults of a machine`,
      span: defaults.span([]),
    });
  return machineOf(defaults);
}

export async function machineOf(defaults: YamlFile): Promise<Machine> {
  const faults = await checkFile(defaults, "machine");
  if (faults.length > 0) throw new DiagnosticError(faults);
  const name = nameOf(defaults.path);
  return { name, site: siteOf(name), defaults };
}

/** `nersc.defaults.yaml` beside the production, or `nersc.yaml` in a folder of defaults. */
function candidates(folder: string): string[] {
  const inFolder = (path: string, pattern: RegExp) => {
    try {
      return readdirSync(path).sort().filter((name) => pattern.test(name)).map((name) => join(path, name)); // prettier-ignore
    } catch {
      return [];
    }
  };
  return [
    ...inFolder(folder, /^[\w-]+\.defaults\.ya?ml$/),
    ...inFolder(join(folder, "defaults"), /^[\w-]+\.ya?ml$/),
    ...inFolder(resolve(folder, "..", "defaults"), /^[\w-]+\.ya?ml$/),
  ];
}

function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "").replace(/(\.defaults)?\.ya?ml$/, "");
}

function siteOf(name: string): Machine["site"] {
  return name === USUAL || name === "perlmutter" ? "perlmutter" : "slurm-generic";
}
