// The SLURM part of a bundle: scripts of constant size, task files, what they need to be submitted, and submit.sh. Values only;
// what a script does stands in templates/slurm/. Options and their traps: SLURM 22.05, run on a real cluster.
import arrayTemplate from "../../templates/slurm/array.sbatch.hbs";
import poolTemplate from "../../templates/slurm/pool.sbatch.hbs";
import submitTemplate from "../../templates/slurm/submit.sh.hbs";
import workerTemplate from "../../templates/slurm/worker.sh.hbs";
import { canonicalJson, sha256 } from "../ir/canonical.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import type { TaskLine } from "../ir/task-line.ts";
import type { Site } from "../site/site.ts";
import { directives } from "./directives.ts";
import { launchOf } from "../site/launch.ts";
import type { JobArray } from "./pack.ts";
import { poolsOf } from "./pool.ts";
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
  const [arrayScript, poolScript] = [compile(arrayTemplate), compile(poolTemplate)];
  const { srun, words } = launchOf(site);
  // `module` is a function of login shells.
  const common = { campaign, site, srun: srun ?? [], withSrun: srun !== undefined, login: site.modules.length > 0 ? "-l " : "" }; // prettier-ignore
  const result = new Map<string, string>();

  for (const { description, slices, walltime, stagger } of arrays) {
    const { name, stage, queue, resources } = description;
    const asked = walltime === undefined ? resources : { ...resources, walltime };
    const values = {
      ...common,
      name,
      stage,
      stagger: Math.round(stagger),
      directives: directives(queue, asked),
    };
    result.set(`slurm/${name}.sbatch`, arrayScript(values));
    result.set(`slurm/${name}.tasks`, slices.map((slice) => `${taskText(slice)}\n`).join(""));
    result.set(`slurm/${name}.json`, jsonText(description));
  }
  for (const { description, stagger } of poolsOf(arrays, site)) {
    const values = { ...common, pool: description, stagger: Math.round(stagger), idle: Math.ceil(site.pool.idle) };
    result.set(`slurm/${description.name}.sbatch`, poolScript(values));
    result.set(`slurm/${description.name}.json`, jsonText(description));
  }
  result.set("slurm/worker.sh", compile(workerTemplate)({ ...common, words }));

  const sums = CHECKED.filter((path) => files.has(path)).map((path) => ({ path, sha256: sha256(files.get(path)!) }));
  const submissions = arrays.map(({ description: { name, stage }, slices }) => ({
    name,
    stage,
    tasks: slices.length,
    after: dependencies(campaign, stage),
  }));
  const throttle = site.limits.maxRunning === undefined ? "" : `%${site.limits.maxRunning}`;
  result.set("submit.sh", compile(submitTemplate)({ campaign, site, sums, submissions, throttle }));
  return result;
}

function taskText(line: TaskLine): string {
  return canonicalJson(line as never);
}

function jsonText(value: object): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value as never)), null, 2)}\n`;
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
