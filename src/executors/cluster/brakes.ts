// What keeps a campaign from burning node-hours: the failure rate that stops submission, and the nodes that fail too often. Pure.
import { type Attempt, isFailure } from "../../state/attempt.ts";
import type { State } from "../../state/reduce.ts";
import type { Docket, DocketJob } from "./docket.ts";

/**
 * Why nothing is submitted now. Of a job that fails again and again the first failure counts: a campaign ends with its few hopeless jobs, one
 * failure after the other, and nothing is wrong with what they share. A retry that a person asks for starts the count afresh.
 */
export function brakeOf(docket: Docket, state: State): string | undefined {
  const { most, of } = docket.run.site.limits.failureRate;
  const since = lastRetry(state);
  const ended = docket.jobs.flatMap((job) => {
    const counted = attemptsOf(job, state).filter(({ end }) => end !== undefined && end.at > since);
    const failure = counted.find(isFailure);
    return [...counted.filter(({ end }) => end!.class === "ok"), ...(failure ? [failure] : [])];
  });
  const last = ended.sort((a, b) => b.end!.at - a.end!.at).slice(0, of);
  const failed = last.filter(({ end }) => end!.class !== "ok").length;
  if (last.length < of || failed / of <= most) return undefined;
  return `${failed} of the last ${of} jobs failed, more than the site's ${most * 100}%: nothing more is submitted until \`cmc retry\``;
}

/** Allocations that come and go and begin nothing: their worker cannot start. Some find nothing while a pack's lease runs out. */
const IN_VAIN = 5;

export function vainOf(docket: Docket, pool: string, state: State): string | undefined {
  const attempts = docket.jobs.flatMap((job) => attemptsOf(job, state));
  const begun = attempts.reduce((at, { startedAt = 0 }) => Math.max(at, startedAt), 0);
  const since = Math.max(begun, lastRetry(state));
  const { run, site } = docket.run;
  const gone = [...state.submissions.values()].filter(({ intended, over }) => over && intended?.run === run && intended.array === pool && intended.at > since); // prettier-ignore
  if (gone.length < IN_VAIN * site.pool.maxAllocations) return undefined;
  return `${pool}: the last ${gone.length} allocations ended without beginning a job, see logs/${gone.at(-1)!.token}.slurm; no more are submitted until \`cmc retry\``;
}

export function lastRetry({ verbs }: State): number {
  return verbs.reduce((at, verb) => (verb.type === "retry-requested" ? Math.max(at, verb.at) : at), 0);
}

const NODE_TROUBLE: ReadonlySet<string> = new Set(["node_fail", "boot_fail"]);

export function excludedNodes(docket: Docket, state: State): readonly string[] {
  const failures = new Map<string, number>();
  for (const { end, host } of docket.jobs.flatMap((job) => attemptsOf(job, state)))
    if (host !== undefined && end?.scheduler !== undefined && NODE_TROUBLE.has(end.scheduler))
      failures.set(host, (failures.get(host) ?? 0) + 1);
  const { nodeFailures } = docket.run.site.limits;
  return [...failures].filter(([, count]) => count >= nodeFailures).map(([host]) => host).sort(); // prettier-ignore
}

function attemptsOf({ key, first }: DocketJob, state: State): readonly Attempt[] {
  return state.jobs.get(key)?.attempts.filter(({ attempt }) => attempt >= first) ?? [];
}
