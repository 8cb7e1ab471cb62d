// Import: YAML productions -> modules and site profiles, as text. Reads files, writes none (write.ts); the order of steps on one page.
import { join, resolve } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import { campaignFrom } from "./campaign.ts";
import { kindOf } from "./kind.ts";
import { layersOf, type Sources } from "./layers.ts";
import { type Machine, machineFor, machineOf } from "./machine.ts";
import { missing } from "./required.ts";
import { moduleText } from "./module.ts";
import { notesFor } from "./notes.ts";
import { realizationsOf } from "./realizations.ts";
import { refusals } from "./refusals.ts";
import { scriptFor } from "./script.ts";
import { siteProfileText } from "./site-profile.ts";
import { withTemplates } from "./templates.ts";
import { readYaml, type YamlFile } from "./yaml-file.ts";

export interface ImportOptions {
  readonly cwd: string;
  /** Folder of the module; several productions: each gets a folder of its name there. Absent: campaigns/NAME. */
  readonly out?: string;
  /** Name of a machine whose defaults lie near the production, or their path. Absent: nersc, or the only one. */
  readonly machine?: string;
}

export interface Imported {
  /** The YAML file, as it was named. */
  readonly source: string;
  /** Absolute. */
  readonly dir: string;
  /** Absolute path -> content. */
  readonly files: ReadonlyMap<string, string>;
  /** Absent: machine defaults alone, a site profile. */
  readonly campaign?: { readonly name: string; readonly version: string; readonly jobs: number };
}

export interface ImportResult {
  readonly imported: readonly Imported[];
  /** Files among others from which nothing is made, and why. */
  readonly skipped: readonly { readonly source: string; readonly why: string }[];
  readonly warnings: readonly Diagnostic[];
}

export async function importFiles(sources: readonly string[], options: ImportOptions): Promise<ImportResult> {
  const files = await Promise.all(sources.map((source) => readYaml(resolve(options.cwd, source), options.cwd)));
  const named = files.map((file, i) => ({ file, source: sources[i]!, kind: kindOf(file) }));
  const productions = named.filter(({ kind }) => kind === "production");
  const imported: Imported[] = [];
  const faults: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const gather = async (step: () => Promise<{ made: Imported; warnings: readonly Diagnostic[] }>) => {
    try {
      const { made, warnings: found } = await step();
      imported.push(made);
      warnings.push(...found);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      faults.push(...error.diagnostics);
    }
  };
  for (const { file, source } of productions)
    await gather(() => importProduction(file, source, options, productions.length > 1));
  if (productions.length === 0)
    for (const { file, source, kind } of named)
      if (kind === "machine") await gather(() => importMachine(file, source, options));
  if (faults.length > 0) throw new DiagnosticError([...faults, ...warnings]);
  if (imported.length === 0) noProduction(files[0]!);
  refuseShared(imported);
  const skipped = named
    .filter(({ source }) => !imported.some((made) => made.source === source))
    .map(({ source, kind }) => ({ source, why: WHY[kind] }));
  return { imported, skipped, warnings };
}

const WHY = {
  production: "a production",
  machine: "defaults of a machine: what the productions use of them is in their site profiles",
  schema: "a schema of productions: cmc has its own",
  other: "neither a production nor defaults of a machine",
} as const;

async function importProduction(
  file: YamlFile,
  source: string,
  { cwd, out, machine: named }: ImportOptions,
  several: boolean,
): Promise<{ made: Imported; warnings: readonly Diagnostic[] }> {
  const chain = await withTemplates(file, cwd);
  const { machine, warnings } = await machineFor(file, named, cwd);
  const sources = sourcesOf(chain, machine);
  const found = [...missing(sources.all), ...refusals(sources.all, machine)];
  if (found.some(({ severity }) => severity === "error")) throw new DiagnosticError(found);

  const notes = notesFor(sources.all);
  const campaign = campaignFrom(sources, machine, notes);
  const { name, version } = campaign;
  const dir = out === undefined ? join(cwd, "campaigns", name) : several ? resolve(cwd, out, name) : resolve(cwd, out);
  const profile = await siteProfileText(machine, sources, notes);
  const head = [[headline(chain, machine)], ...notes.rest(chain)];
  const site = join(dir, "sites", `${machine.name}.yaml`);
  const text = await moduleText(campaign, scriptFor(file.path, dir), head);
  return {
    made: {
      source,
      dir,
      files: new Map([
        [site, profile],
        [join(dir, "campaign.ts"), text],
      ]),
      campaign: { name, version, jobs: realizationsOf(sources.all).length * campaign.redshift.items.length },
    },
    warnings: [...warnings, ...found],
  };
}

function sourcesOf(production: readonly YamlFile[], { defaults }: Machine): Sources {
  const machine = defaults ? [defaults] : [];
  return { all: layersOf([...production, ...machine]), own: layersOf(production), machine: layersOf(machine) };
}

function headline([file, ...templates]: readonly YamlFile[], { defaults }: Machine): string {
  const over = [...templates, ...(defaults ? [defaults] : [])].map(({ name }) => name);
  return `Written by \`cmc import\` from ${file!.name}${over.length > 0 ? ` over ${over.join(" over ")}` : ""}; yours to edit.`;
}

async function importMachine(file: YamlFile, source: string, { cwd, out }: ImportOptions) {
  const machine = await machineOf(file);
  const sources = sourcesOf([], machine);
  const text = await siteProfileText(machine, sources, notesFor(sources.all));
  const dir = resolve(cwd, out ?? ".");
  return { made: { source, dir, files: new Map([[join(dir, "sites", `${machine.name}.yaml`), text]]) }, warnings: [] };
}

function noProduction(file: YamlFile): never {
  return fail({
    code: "import/no-production",
    message: `${file.name} is ${WHY[kindOf(file)].split(":")[0]!}`,
    span: file.span([]),
  });
}

/** Two productions of one name would write one folder. */
function refuseShared(imported: readonly Imported[]): void {
  for (const [i, { dir, source }] of imported.entries()) {
    const other = imported.slice(0, i).find((made) => made.dir === dir && made.campaign);
    if (other)
      fail({
        code: "import/exists",
        message: `${other.source} and ${source} would both be written to ${dir}`,
        remedy: "Import one at a time, with --out DIR.",
      });
  }
}
