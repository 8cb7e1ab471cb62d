// What a cluster says of itself against what a site profile says of it: limits, partitions, accounting. Pure; asking is checkup.ts.
import type { ClusterConfig, Partition } from "../executors/slurm/config.ts";
import type { TestAnswer } from "../executors/slurm/submission.ts";
import type { Limits } from "../site/site.ts";
import type { Door } from "./site-doors.ts";

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

export function limitFindings(limits: Limits, config: ClusterConfig): Finding[] {
  const { maxArraySize = Infinity, maxArrayTasks = Infinity, maxJobCount, messageTimeout } = config;
  const largest = Math.min(maxArraySize, maxArrayTasks);
  const found: Finding[] = [];
  if (largest !== Infinity) {
    const ok = limits.maxArraySize <= largest;
    const detail = `arrays of up to ${largest} tasks; the site has limits.maxArraySize ${limits.maxArraySize}`;
    found.push({ check: "arrays", ok, detail, ...remedyUnless(ok, `Set limits.maxArraySize: ${largest}.`) });
  }
  if (maxJobCount !== undefined) {
    const { maxSubmit } = limits;
    const ok = maxSubmit === undefined || maxSubmit <= maxJobCount;
    const said = maxSubmit === undefined ? "the site sets no limits.maxSubmit" : `the site has limits.maxSubmit ${maxSubmit}`; // prettier-ignore
    const detail = `${maxJobCount} jobs of all users in the controller's memory, array tasks and those that just ended included; ${said}`;
    found.push({ check: "queue", ok, detail, ...remedyUnless(ok, "Set limits.maxSubmit well below it.") });
  }
  if (messageTimeout !== undefined) {
    const ok = limits.submitTimeout > messageTimeout;
    const detail = `the controller has ${messageTimeout} s to answer; the site gives up after limits.submitTimeout ${limits.submitTimeout} s`;
    const remedy = "Set limits.submitTimeout above it: a submission that is given up too early is looked for, not repeated."; // prettier-ignore
    found.push({ check: "patience", ok, detail, ...remedyUnless(ok, remedy) });
  }
  return found;
}

function remedyUnless(ok: boolean, remedy: string): { remedy?: string } {
  return ok ? {} : { remedy };
}

/** A job that asks for more time than its partition gives is accepted on many sites, and pends for ever. */
export function partitionFindings(doors: readonly Door[], limits: Limits, partitions: readonly Partition[]): Finding[] {
  const wanted = doors.flatMap(({ queue }) => queue.partition?.split(",") ?? defaultOf(partitions));
  return [...new Set(wanted)].map((name) => {
    const check = `partition ${name}`;
    const known = partitions.find((one) => one.name === name);
    if (!known) return { check, ok: false, detail: "the cluster has none of this name", remedy: `Partitions: ${partitions.map((one) => one.name).join(", ")}.` }; // prettier-ignore
    const { state, maxTime, totalNodes, totalCpus } = known;
    const size = `${state}, ${totalNodes} nodes, ${totalCpus} cpus, ${maxTime === Infinity ? "no time limit" : `at most ${maxTime / 60} min`}`;
    if (state !== "UP") return { check, ok: false, detail: size, remedy: "Jobs wait until it is up again; another partition may not." }; // prettier-ignore
    const asked = Math.max(limits.maxWalltime ?? 0, ...doors.filter(({ queue }) => (queue.partition ?? name) === name).map(({ resources }) => resources.walltime ?? 0)); // prettier-ignore
    if (asked <= maxTime) return { check, ok: true, detail: size };
    return { check, ok: false, detail: `${size}; the site allows and asks for up to ${asked / 60} min`, remedy: "Set limits.maxWalltime and the walltimes of the site within it: longer jobs may be accepted and wait for ever." }; // prettier-ignore
  });
}

function defaultOf(partitions: readonly Partition[]): string[] {
  return partitions.filter(({ isDefault }) => isDefault).map(({ name }) => name);
}

export function doorFinding({ name }: Door, answer: TestAnswer): Finding {
  const check = `sbatch, ${name}`;
  const said = answer.text.replaceAll("\n", " / ");
  if (answer.type === "fits") {
    const start = answer.start === undefined ? "" : `, would start at ${new Date(answer.start * 1000).toISOString().slice(0, 19)}Z`; // prettier-ignore
    return { check, ok: true, detail: `accepted${start}` };
  }
  // A full queue, or a cap that is reached, passes.
  if (answer.type === "refused" && answer.kind === "wait") return { check, ok: true, detail: `has to wait now: ${said}` }; // prettier-ignore
  const remedy = answer.type === "refused" && answer.kind === "budget" ? "Use an account or QOS that has hours left." : "Correct queue, lanes, jobTypes or resources of the site profile."; // prettier-ignore
  return { check, ok: false, detail: said, remedy };
}
