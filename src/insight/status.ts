// Status: a campaign at a glance, a pure view over table and state. `cmc status` prints it; nothing here writes or reads a file.
import type { JobTable, StageTable } from "../expand/table.ts";
import { inForce } from "../plan/in-force.ts";
import { runSeconds } from "../state/attempt.ts";
import type { State } from "../state/reduce.ts";
import { type RunState, runsByTime } from "../state/run-state.ts";
import { type Failure, failuresIn, type GateFinding, gatesIn } from "./findings.ts";
import { percentile } from "../plan/percentile.ts";
import { type ReasonCount, reasonsIn } from "./reasons.ts";
import { type Elsewhere, type Standing, STANDINGS, type Standings, standings } from "./standing.ts";

export type Counts = Readonly<Record<Standing, number>> & { readonly jobs: number };

/** Seconds of run time of accepted attempts that were made, not adopted. */
export interface RunTimes {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  readonly total: number;
}

export interface StageStatus {
  readonly stage: string;
  readonly counts: Counts;
  /** Absent: nothing has run yet. */
  readonly runTimes?: RunTimes;
  /** Seconds per phase over accepted attempts, longest first. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

export interface Rate {
  readonly jobsPerMinute: number;
  /** Seconds until what is waiting or running is done at this rate. */
  readonly etaSeconds: number;
}

export interface Status {
  readonly campaign: string;
  readonly version: string;
  /** True: an apply is at work. */
  readonly live: boolean;
  readonly total: Counts;
  readonly stages: readonly StageStatus[];
  /** The latest apply. Absent: there was none. */
  readonly run?: RunState;
  /** Only while somebody is at work, and after the first job of the run. */
  readonly rate?: Rate;
  readonly failures: readonly Failure[];
  /** Gates that did not pass: level fail first. */
  readonly gates: readonly GateFinding[];
  /** Why jobs stand where they stand, where somebody knows: most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** ms since 1970: the first of the retries that wait for their time. */
  readonly nextRetry?: number;
}

export interface SeenNow {
  readonly now: number;
  readonly live: boolean;
  /** Of runs that are in progress on a cluster. */
  readonly elsewhere?: Elsewhere;
}

/** Ten minutes: long enough for slow jobs, short enough to follow a change of stage. */
const RATE_WINDOW = 600_000;

export function status(declared: JobTable, state: State, seen: SeenNow): Status {
  const table = inForce(declared, state);
  const all = standings(table, state, seen.live, seen.elsewhere);
  const stages = table.stages.map((stage) => stageStatus(stage, all));
  const total = sum(stages.map((stage) => stage.counts));
  const [run] = runsByTime(state.runs.values());
  const working = seen.live || (seen.elsewhere?.size ?? 0) > 0;
  const rate = working ? rateOf(all, run, seen.now, total) : undefined;
  const retries = [...(seen.elsewhere?.values() ?? [])].flatMap(({ until }) => until ?? []);
  return {
    campaign: table.campaign.name,
    version: table.campaign.version,
    live: seen.live,
    total,
    stages,
    ...(run ? { run } : {}),
    ...(rate ? { rate } : {}),
    failures: failuresIn(table, all),
    gates: gatesIn(table, all),
    reasons: reasonsIn(table, all, state.verified, seen.elsewhere),
    ...(retries.length > 0 ? { nextRetry: retries.reduce((a, b) => Math.min(a, b)) } : {}),
  };
}

function stageStatus(stage: StageTable, { of, jobs }: Standings): StageStatus {
  const counts = new Array<number>(STANDINGS.length).fill(0);
  const seconds: number[] = [];
  const phases = new Map<string, number>();
  for (let row = stage.first; row < stage.first + stage.count; row++) {
    counts[of[row]!]! += 1;
    const end = jobs[row]?.accepted?.end;
    if (!end || end.receipt?.adopted) continue;
    const taken = runSeconds(jobs[row]!.accepted!);
    if (taken !== undefined) seconds.push(taken);
    for (const phase of end.phases) phases.set(phase.name, (phases.get(phase.name) ?? 0) + phase.seconds);
  }
  const byName = Object.fromEntries(STANDINGS.map((name, i) => [name, counts[i]!])) as Record<Standing, number>;
  return {
    stage: stage.stage.name,
    counts: { ...byName, jobs: stage.count },
    ...(seconds.length > 0 ? { runTimes: runTimes(seconds) } : {}),
    phases: [...phases].map(([name, spent]) => ({ name, seconds: spent })).sort((a, b) => b.seconds - a.seconds),
  };
}

function runTimes(seconds: readonly number[]): RunTimes {
  const sorted = Float64Array.from(seconds).sort();
  const at = (fraction: number) => percentile(sorted, fraction);
  const total = sorted.reduce((a, b) => a + b, 0);
  return { count: sorted.length, min: at(0), median: at(0.5), p99: at(0.99), max: at(1), total };
}

function sum(counts: readonly Counts[]): Counts {
  const add = (name: keyof Counts) => counts.reduce((total, count) => total + count[name], 0);
  return Object.fromEntries([...STANDINGS, "jobs" as const].map((name) => [name, add(name)])) as unknown as Counts;
}

function rateOf({ jobs }: Standings, run: RunState | undefined, now: number, total: Counts): Rate | undefined {
  const begin = Math.max(run?.start?.at ?? now, now - RATE_WINDOW);
  let done = 0;
  for (const job of jobs) if (job?.accepted && job.accepted.end!.at >= begin && job.accepted.end!.at <= now) done += 1;
  if (done === 0 || now <= begin) return undefined;
  const perSecond = done / ((now - begin) / 1000);
  const { running, queued, unknown, retry, waiting, cancelled } = total;
  const left = running + queued + unknown + retry + waiting + cancelled;
  return { jobsPerMinute: perSecond * 60, etaSeconds: left / perSecond };
}
