// Turns one job and its state into rows of the manifest. No SQL but the order of values, which schema.ts gives.
import { canonicalJson } from "../../ir/canonical.ts";
import { type Attempt, runSeconds } from "../attempt.ts";
import { heldFor, type JobState } from "../job-state.ts";
import type { Builder, Insert } from "./database.ts";
import type { State } from "../reduce.ts";
import { digestOf, doubtOf } from "../verification.ts";
import { time } from "./time.ts";

export interface JobFacts {
  readonly id: number;
  readonly key: string;
  readonly stage: string;
  /** Absent: the job is no longer in the campaign. */
  readonly declared?: { readonly point: string; readonly params: string; readonly recipe: string };
}

export type ManifestState =
  "new" | "running" | "done" | "stale" | "held" | "failed" | "lost" | "cancelled" | "checkpoint";

/** Facts only; whether a stale job must rerun is the plan's business. */
export function manifestState(
  job: JobState | undefined,
  recipe: string | undefined,
  verified: State["verified"],
): ManifestState {
  if (!job) return "new";
  if (job.open) return "running";
  const { accepted, last } = job;
  const done = accepted !== undefined && accepted === last;
  const doubted = doubtOf(verified, accepted?.attemptId) !== undefined;
  if (done && !doubted && (recipe === undefined || job.receipt?.recipe.digest === recipe)) return "done";
  if (heldFor(job) !== undefined) return "held";
  // Its last result was forgotten.
  if (job.attempts.length === 0 || (last?.end?.class === "ok" && !done)) return "new";
  if (done) return "stale";
  const how = last?.end?.class;
  if (how === "lost" || how === "cancelled" || how === "checkpoint")
    return accepted && !doubted && job.receipt?.recipe.digest === recipe ? "done" : how;
  return "failed";
}

export class JobRows {
  private readonly jobs: Insert;
  private readonly attempts: Insert;
  private readonly outputs: Insert;
  private readonly metrics: Insert;
  private readonly gates: Insert;
  private readonly checks: Insert;
  private nextAttempt = 1;
  /** Metric names seen, by stage. */
  readonly metricNames = new Map<string, Set<string>>();

  constructor(
    builder: Builder,
    private readonly state: Pick<State, "digests" | "verified">,
  ) {
    this.jobs = builder.table("jobs");
    this.attempts = builder.table("attempts");
    this.outputs = builder.table("outputs");
    this.metrics = builder.table("metrics");
    this.gates = builder.table("gate_results");
    this.checks = builder.table("failed_checks");
  }

  add({ id, key, stage, declared }: JobFacts, job: JobState | undefined): void {
    const { accepted, receipt } = job ?? {};
    const shown = job?.open ?? accepted ?? job?.last;
    this.jobs([
      id, key, stage, declared?.point ?? null, declared?.params ?? null, manifestState(job, declared?.recipe, this.state.verified), declared ? 1 : 0,
      declared?.recipe ?? null, job?.attempts.length ?? 0, job?.counted ?? 0, (accepted && runSeconds(accepted)) ?? null,
      accepted?.end?.peakMemory ?? null, receipt?.checksPassed ?? null, receipt ? Number(receipt.adopted ?? false) : null,
      job && shown ? this.nextAttempt + job.attempts.indexOf(shown) : null, (job && heldFor(job)) ?? null,
    ]); // prettier-ignore
    if (!job) return;
    for (const attempt of job.attempts) this.attempt(id, attempt, attempt === accepted);
    if (receipt) this.receipt(id, stage, job);
    if (job.last && job.last !== accepted) this.refusals(id, job.last);
  }

  private attempt(id: number, attempt: Attempt, accepted: boolean): void {
    const { end } = attempt;
    const phases = end ? JSON.stringify(sumByName(end.phases)) : null;
    this.attempts([
      this.nextAttempt++, id, attempt.attempt, attempt.attemptId, end?.class ?? null, Number(accepted), time(attempt.startedAt), time(end?.at),
      runSeconds(attempt) ?? null, attempt.host ?? null, attempt.pid ?? null, attempt.batch ?? null, end?.exit ?? null,
      end?.signal ?? null, end?.message ?? null, end?.peakMemory ?? null, end?.log?.file ?? null, end?.log?.from ?? null,
      end?.log?.to ?? null, end?.logTail ?? null, attempt.recipe ?? null, phases,
    ]); // prettier-ignore
  }

  private receipt(id: number, stage: string, job: JobState): void {
    const receipt = job.receipt!;
    for (const output of byName(receipt.outputs)) {
      const { name, path, size, mtime, files } = output;
      const sha256 = digestOf(this.state.digests, job.accepted!.attemptId, output);
      this.outputs([id, name, path, size, mtime, files ?? null, sha256 ?? null]);
    }
    for (const metric of byName(receipt.metrics)) {
      const { name, value, unit, detail } = metric;
      const finite = typeof value === "number";
      this.metrics([
        id,
        name,
        finite ? value : null,
        finite ? null : value,
        unit ?? null,
        detail === undefined ? null : canonicalJson(detail),
      ]);
      this.metricName(stage, name);
    }
    for (const gate of receipt.gates)
      this.gates([id, job.accepted!.attempt, gate.name, gate.metric, gate.level, Number(gate.passed), gate.message]);
  }

  /** Why the last attempt was refused after it ran. */
  private refusals(id: number, { attempt, end }: Attempt): void {
    for (const gate of end?.gates ?? [])
      this.gates([id, attempt, gate.name, gate.metric, gate.level, Number(gate.passed), gate.message]);
    for (const check of end?.checks ?? [])
      if (!check.passed) this.checks([id, attempt, check.output, check.check, check.message]);
  }

  private metricName(stage: string, name: string): void {
    let names = this.metricNames.get(stage);
    if (!names) this.metricNames.set(stage, (names = new Set()));
    names.add(name);
  }
}

/** The last of a name wins, as a metric may be emitted again; sorted, because (job, name) is the key. */
function byName<T extends { readonly name: string }>(facts: readonly T[]): readonly T[] {
  if (facts.length < 2) return facts;
  const last = new Map(facts.map((fact) => [fact.name, fact]));
  return [...last.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sumByName(phases: readonly { readonly name: string; readonly seconds: number }[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, seconds } of phases) sums[name] = (sums[name] ?? 0) + (Number.isFinite(seconds) ? seconds : 0);
  return sums;
}
