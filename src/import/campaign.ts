// A production in cmc's words: axes, paths, command, resources, retries, as names and values with their comments. No text of a module yet.
import { execution } from "./execution.ts";
import { type Layers, type Said, type Sources, textOf } from "./layers.ts";
import type { Machine } from "./machine.ts";
import type { Notes } from "./notes.ts";
import type { Code, Property } from "./properties.ts";
import { rangeOf } from "./realizations.ts";
import { byNode, sectionsOf, tasksOf } from "./resources.ts";

export interface ImportedCampaign {
  readonly name: string;
  readonly version: string;
  readonly realization: { readonly above: readonly string[]; readonly options: readonly Property[] };
  readonly redshift: { readonly above: readonly string[]; readonly items: readonly string[] };
  /** Template literal: the path of one catalogue. */
  readonly path: string;
  /** MPI ranks of one job. */
  readonly tasks: number;
  readonly machine: string;
  readonly params: { readonly above: readonly string[]; readonly properties: readonly Property[] };
  /** Third argument of the stage, without `run`. */
  readonly execution: readonly Property[];
  readonly definition: readonly Property[];
  readonly aboveDefinition: readonly string[];
}

/** What run_production.py takes where nobody gives a version. */
const VERSION = "v1.0";

const IDENTITY: readonly string[] = ["production", "campaign"];

export function campaignFrom(sources: Sources, machine: Machine, notes: Notes): ImportedCampaign {
  const layers = sources.all;
  const { find } = layers;
  const identity = <T>(name: string) => find<T>(...IDENTITY.map((section) => [section, name]));
  const version = identity<string>("version");
  return {
    name: identity<string>("name")!.value,
    version: version?.value ?? VERSION,
    realization: realization(layers, notes),
    redshift: redshift(find<readonly number[]>(["science", "redshifts"])!, notes),
    path:
      find<string>(["outputs", "structure"])?.value === "flat"
        ? "`catalogs/mock_r${pad(realization, 4)}_z${redshift.toFixed(3)}.hdf5`"
        : "`catalogs/r${pad(realization, 4)}/mock_z${redshift.toFixed(3)}.hdf5`",
    tasks: tasksOf(byNode(layers, ...sectionsOf(find<string>(["execution", "job_type"])!.value))),
    machine: machine.name,
    params: params(layers, notes),
    execution: execution(sources, notes),
    definition: [
      { name: "name", value: identity<string>("name")!.value, ...notes.take(identity("name")) },
      { name: "version", value: version?.value ?? VERSION, ...notes.take(version, version ? undefined : "not in the YAML; what run_production.py takes then") }, // prettier-ignore
      { name: "description", value: identity<string>("description")!.value, ...notes.take(identity("description")) },
      ...words("tags", identity<readonly string[]>("tags"), notes),
      { name: "stages", value: { code: "[mock]" } },
      { name: "outputs", value: base(layers, notes), above: notes.section(layers, ["outputs"]) },
      { name: "execution", value: batches(layers, notes), above: notes.section(layers, ["execution"]) },
    ],
    aboveDefinition: notes.section(layers, ...IDENTITY.map((section) => [section])),
  };
}

function realization(layers: Layers, notes: Notes): ImportedCampaign["realization"] {
  const { find } = layers;
  const at = <T>(key: string) => find<T>(["science", "realizations", key]);
  const [start, count, step] = [at<number>("start")!, at<number>("count")!, at<number>("step")];
  const every = step?.value ?? 1;
  const numbers = rangeOf(layers).length;
  const list = (name: string, said: Said<readonly number[]> | undefined): Property[] =>
    said && said.value.length > 0
      ? [{ name, value: { items: [...new Set(said.value)].map(String) }, ...notes.take(said) }]
      : [];
  const above = [...notes.section(layers, ["science"]), ...notes.section(layers, ["science", "realizations"])];
  return {
    above,
    options: [
      { name: "start", value: start.value, ...notes.take(start) },
      { name: "count", value: numbers, ...notes.take(count, numbers === count.value ? undefined : `count ${count.value} by ${every}`) },
      ...(step && every > 1 ? [{ name: "step", value: every, ...notes.take(step) }] : []),
      ...list("include", at("include")),
      ...list("exclude", at("exclude")),
    ],
  }; // prettier-ignore
}

function redshift(said: Said<readonly number[]>, notes: Notes): ImportedCampaign["redshift"] {
  const { above = [], beside } = notes.take(said);
  return {
    above: [...above, ...(beside === undefined ? [] : [beside])],
    items: said.value.map((value, i) => numberCode(value, said.file.text([...said.path, i])).code),
  };
}

/** Scientific intent: in every job's file, recipe and receipt. */
function params(layers: Layers, notes: Notes): ImportedCampaign["params"] {
  const { find } = layers;
  const cosmology = find<string>(["science", "cosmology"])!;
  const numbers = ["magnitude_limit", "area_deg2"].flatMap((name) => {
    const said = find<number>(["science", "catalog_params", name]);
    return said ? [{ name, value: numberCode(said.value, textOf(said)), ...notes.take(said) }] : [];
  });
  return {
    above: notes.section(layers, ["science", "catalog_params"]),
    properties: [{ name: "cosmology", value: cosmology.value, ...notes.take(cosmology) }, ...numbers],
  };
}

function base({ find }: Layers, notes: Notes): Property[] {
  const said = find<string>(["outputs", "base_path"])!;
  const folder = said.value.replace(/\/+$/, "");
  return [{ name: "base", value: `${folder}/productions`, ...notes.take(said) }];
}

function batches({ find }: Layers, notes: Notes): Property[] {
  const [jobType, size] = [find<string>(["execution", "job_type"])!, find<number>(["execution", "batch_size"])!];
  return [
    { name: "jobType", value: jobType.value, ...notes.take(jobType) },
    { name: "batchSize", value: size.value, ...notes.take(size) },
  ];
}

function words(name: string, said: Said<readonly string[]> | undefined, notes: Notes): Property[] {
  if (!said || said.value.length === 0) return [];
  return [{ name, value: { items: said.value.map((word) => JSON.stringify(word)) }, ...notes.take(said) }];
}

/** As people wrote it where JavaScript reads it so: 2.0 stays 2.0. */
function numberCode(value: number, text: string | undefined): Code {
  return { code: text !== undefined && /^(0|[1-9]\d*)\.0$/.test(text) ? text : String(value) };
}
