// The SLURM part of a bundle: one constant-size array script and one task list an array, and submit.sh. Values only; what a
// script does stands in templates/slurm/. Options and their traps: SLURM 22.05, checked with real scripts under a stand-in sbatch.
import arrayTemplate from "../../templates/slurm/array.sbatch.hbs";
import submitTemplate from "../../templates/slurm/submit.sh.hbs";
import { sha256 } from "../ir/canonical.ts";
import type { CampaignIR, ResourcesIR } from "../ir/campaign.ts";
import type { Queue, Site } from "../site/site.ts";
import type { JobArray } from "./pack.ts";
import { templates } from "./templates.ts";

/** Files that submit.sh checks before it submits; job files are left out, so that the script stays small. */
const CHECKED = ["batches.json", "campaign.json", "hdf5.mjs", "manifest.sqlite", "worker.mjs"];

export async function slurmFiles(
  campaign: CampaignIR,
  arrays: readonly JobArray[],
  site: Site,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ReadonlyMap<string, string>> {
  const compile = await templates();
  const script = compile(arrayTemplate);
  const result = new Map<string, string>();
  for (const array of arrays) {
    const { name, stage, slices } = array;
    result.set(`slurm/${name}.sbatch`, script({ campaign, site, name, stage, directives: directives(array) }));
    result.set(`slurm/${name}.tasks`, slices.map(({ batch, from, to }) => `${batch} ${from} ${to}\n`).join(""));
  }
  const sums = CHECKED.filter((path) => files.has(path)).map((path) => ({ path, sha256: sha256(files.get(path)!) }));
  const submissions = arrays.map(({ name, stage, slices }) => ({
    name,
    stage,
    tasks: slices.length,
    after: dependencies(campaign, stage),
  }));
  const throttle = site.limits.maxRunning === undefined ? "" : `%${site.limits.maxRunning}`;
  result.set("submit.sh", compile(submitTemplate)({ campaign, site, sums, submissions, throttle }));
  return result;
}

/** `#SBATCH` options, in the order people expect them. SLURM counts memory by node in MiB and time in minutes and seconds. */
function directives({ resources, queue }: JobArray): readonly string[] {
  const { walltime, memory, cpus, gpus, nodes, tasks } = resources;
  const options: (readonly [string, string | number | undefined])[] = [
    ...(["account", "partition", "qos", "constraint"] satisfies (keyof Queue)[]).map(
      (name) => [name, queue[name]] as const,
    ),
    ["time", walltime === undefined ? undefined : clock(walltime)],
    ["nodes", nodes],
    ["ntasks", tasks],
    ["cpus-per-task", cpus === undefined ? undefined : Math.ceil(cpus / (tasks ?? 1))],
    ["gpus-per-node", gpus ? Math.ceil(gpus / (nodes ?? 1)) : undefined],
    ["mem", memory === undefined ? undefined : `${Math.ceil(memory / (nodes ?? 1) / 2 ** 20)}M`],
  ];
  return options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

/** `1-02:03:04`. */
function clock(seconds: NonNullable<ResourcesIR["walltime"]>): string {
  const whole = Math.ceil(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  return `${days > 0 ? `${days}-` : ""}${two(hours)}:${two(minutes)}:${two(whole % 60)}`;
}

/**
 * Arrays are chained as wholes. `all` needs every upstream job: afterok is exact. `each` and `quorum` can do without some:
 * afterany, and a job whose own input is not there ends as missing-input. Element-wise release (aftercorr) would need equal
 * slices in both stages.
 */
function dependencies(
  campaign: CampaignIR,
  stage: string,
): readonly { readonly kind: string; readonly stage: string }[] {
  const kinds = new Map<string, string>();
  for (const input of campaign.stages.find(({ name }) => name === stage)!.inputs) {
    if (input.kind !== "edge") continue;
    const kind = input.join === "all" ? "afterok" : "afterany";
    if (kinds.get(input.from.stage) !== "afterok") kinds.set(input.from.stage, kind);
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([upstream, kind]) => ({ kind, stage: upstream }));
}
