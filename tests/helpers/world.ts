// A small world for tests of the plan: a table, what happened (real events through the real reducer) and what lies on disk.
import { type JobTable, jobLine, keyOfRow, recipeOf, stageOfRow } from "../../src/expand/table.ts";
import { movedReceipt } from "../../src/plan/moved-receipt.ts";
import { edgeNames, hasQuorum } from "../../src/ir/edges.ts";
import { plan } from "../../src/plan/plan.ts";
import type { Observations, Plan, Policy, SeenOutput } from "../../src/plan/types.ts";
import type { AttemptClass, Event, EventOf } from "../../src/state/events.ts";
import type { FileFact, Receipt, Waiver } from "../../src/state/receipt.ts";
import { nextAttempt } from "../../src/state/job-state.ts";
import { emptyState, reduce, type State } from "../../src/state/reduce.ts";

export const POLICY: Policy = { replace: () => false, adopt: false };

export class World {
  readonly events: Event[] = [];
  readonly outputs = new Map<string, SeenOutput>();
  readonly inputs = new Map<string, FileFact>();
  live = false;
  /** What jobs run by since the last run began: recipes in force. */
  private applied: JobTable | undefined;
  /** Of the workers. */
  node = "20.11.1";
  private clock = 1_700_000_000_000;

  constructor(public table: JobTable) {}

  /** Puts every external input there. */
  provide(size = 1000): this {
    for (let row = 0; row < this.table.count; row++)
      for (const path of this.externals(row)) this.inputs.set(path, fact(path, size));
    return this;
  }

  run(policy: Partial<Policy> = {}): this {
    const code = Object.fromEntries(
      this.table.campaign.stages.map((s) => [
        s.name,
        {
          entry: s.run.kind === "task" ? s.run.entry : "command",
          sources: Object.fromEntries(s.code.sources.map((x) => [x.path, x.digest])),
          environment: s.environment,
          ...(s.run.kind === "command" ? { env: s.run.env } : {}),
        },
      ]),
    );
    this.push({
      type: "apply-started",
      at: this.tick(),
      run: "r1",
      user: "ada",
      host: "node1",
      bundle: "b",
      campaignDigest: "c",
      jobs: 1,
      toolVersion: "0",
      code,
    });
    this.applied = this.plan(policy).table;
    return this;
  }

  /** The job ends well: outputs on disk, receipt in the journal. */
  succeed(which: string | number, seconds = 60, more: Partial<Receipt> = {}): this {
    const row = this.rowOf(which);
    const receipt = { ...this.publish(row), ...more };
    const started = this.start(row);
    this.finish(started, "ok", "done", { receipt, phases: [{ name: "run", seconds }] });
    return this;
  }

  succeedAll(stage?: string): this {
    for (let row = 0; row < this.table.count; row++)
      if (!stage || stageOfRow(this.table, row).stage.name === stage) this.succeed(row);
    return this;
  }

  fail(
    which: string | number,
    how: AttemptClass,
    message = `it ended with ${how}`,
    more: Partial<EventOf<"attempt-finished">> = {},
  ): this {
    this.finish(this.start(which), how, message, more);
    return this;
  }

  start(which: string | number): EventOf<"attempt-started"> {
    const row = this.rowOf(which);
    const stage = stageOfRow(this.applied ?? this.table, row);
    const key = keyOfRow(this.table, row);
    const attempt = this.events.filter((e) => e.type === "attempt-started" && e.key === key).length + 1;
    const recipe = recipeOf(stage, row - stage.first).digest;
    const event = {
      type: "attempt-started",
      at: this.tick(),
      key,
      attempt,
      attemptId: `${key}#${attempt}`,
      recipe,
      host: "node1",
      pid: 1,
      batch: "b-0001",
    } as const;
    this.push(event);
    return event;
  }

  finish(
    started: EventOf<"attempt-started">,
    how: AttemptClass,
    message: string,
    more: Partial<EventOf<"attempt-finished">> = {},
  ): void {
    const { key, attempt, attemptId } = started;
    this.push({
      type: "attempt-finished",
      at: this.tick(),
      key,
      attempt,
      attemptId,
      class: how,
      message,
      phases: [],
      ...more,
    });
  }

  retry(...keys: string[]): this {
    return this.push({ type: "retry-requested", at: this.tick(), keys, user: "ada", reason: "again" });
  }

  accept(waivers: readonly Waiver[]): this {
    return this.push({ type: "changes-accepted", at: this.tick(), user: "ada", reason: "harmless", waivers });
  }

  /** As an apply carries out moves: files renamed, receipts under the new keys. */
  move(plan: Plan): this {
    const state = this.state();
    for (const [row, move] of plan.moves) {
      const { accepted, receipt } = state.jobs.get(move.from)!;
      const key = keyOfRow(this.table, row);
      for (const { from, to } of move.outputs) {
        this.outputs.set(to, { ...this.outputs.get(from)!, path: to });
        if (from !== to) this.outputs.delete(from);
      }
      const attempt = nextAttempt(state.jobs.get(key));
      const done = { key, attempt, attemptId: `${key}#${attempt}`, class: "ok", message: "moved", phases: [] } as const;
      this.push({ type: "attempt-finished", at: this.tick(), ...done, receipt: movedReceipt(receipt!, accepted!.attemptId, move) }); // prettier-ignore
      if (move.from !== key) this.forgetJobs(move.from);
    }
    return this;
  }

  putInput(file: FileFact): this {
    this.inputs.set(file.path, file);
    return this;
  }

  block(...keys: string[]): this {
    return this.push({ type: "block-requested", at: this.tick(), keys, user: "ada", reason: "not yet" });
  }

  release(...keys: string[]): this {
    return this.push({ type: "release-requested", at: this.tick(), keys, user: "ada", reason: "now" });
  }

  /** All results of these jobs as they are known now. */
  forgetResults(...keys: string[]): this {
    const { jobs } = this.state();
    const attempts = keys.map((key) => jobs.get(key)!.attempts.map(({ attemptId }) => attemptId));
    return this.push({ type: "forget-requested", at: this.tick(), keys, attempts, user: "ada", reason: "bad library" });
  }

  /** The ramp goes on after a step of this size. */
  releaseRamp(step: number, jobs: number, reason = "seen"): this {
    return this.push({ type: "ramp-released", at: this.tick(), step, jobs, user: "ada", reason });
  }

  forgetJobs(...keys: string[]): this {
    return this.push({ type: "jobs-forgotten", at: this.tick(), keys, run: "r1" });
  }

  /** The state of the world under another table (the campaign was edited). */
  edited(table: JobTable): World {
    const world = new World(table);
    world.events.push(...this.events);
    for (const [path, seen] of this.outputs) world.outputs.set(path, seen);
    for (const [path, seen] of this.inputs) world.inputs.set(path, seen);
    world.clock = this.clock + 1_000_000;
    return world;
  }

  state(order: (events: readonly Event[]) => readonly Event[] = (e) => e): State {
    return order(this.events).reduce(reduce, emptyState());
  }

  readonly inFlight = new Map<string, "submitted" | "unresolved">();

  observations(): Observations {
    return {
      output: (path) => this.outputs.get(path),
      input: (path) => this.inputs.get(path),
      live: this.live,
      inFlight: this.inFlight,
    };
  }

  plan(policy: Partial<Policy> = {}): Plan {
    return plan(this.table, this.state(), this.observations(), { ...POLICY, ...policy });
  }

  row(key: string): number {
    return this.rowOf(key);
  }

  publish(row: number): Receipt {
    const stage = stageOfRow(this.applied ?? this.table, row);
    const line = jobLine(this.table, stage, row - stage.first);
    const outputs = stage.stage.outputs.map(({ name, kind }) => {
      const seen = {
        ...fact(line.outputs[name]!, 5000),
        mtime: `${1_700_000_000 + this.events.length}.000000001`,
        ...(kind === "dir" ? { files: 3 } : {}),
      };
      this.outputs.set(seen.path, seen);
      return { name, ...seen };
    });
    const version = stage.stage.inputs.flatMap((ir) => (ir.kind === "edge" ? [] : (ir.version ?? [])))[0];
    const inputs = this.externals(row)
      .flatMap((path) => this.inputs.get(path) ?? [])
      .map((seen) => ({ ...seen, ...(version === undefined ? {} : { version }) }));
    return {
      recipe: line.recipe,
      params: line.params,
      ...(line.argv ? { argv: line.argv } : {}),
      inputs,
      outputs,
      metrics: [],
      gates: [],
      checksPassed: 1,
      ...(hasQuorum(stage.stage.inputs)
        ? { upstreamUsed: this.upstreamOf(row), upstreamFrom: edgeNames(stage.stage.inputs) }
        : {}),
      ...(stage.stage.run.kind === "task" ? { node: this.node } : {}),
    };
  }

  private externals(row: number): string[] {
    const stage = stageOfRow(this.table, row);
    const line = jobLine(this.table, stage, row - stage.first);
    return Object.values(line.inputs).flatMap((i) =>
      i.kind === "file" ? [i.path] : i.kind === "files" ? [...i.paths] : [],
    );
  }

  /** Keys of the upstream jobs that have a result: what a worker would be given. */
  private upstreamOf(row: number): string[] {
    const stage = stageOfRow(this.table, row);
    const line = jobLine(this.table, stage, row - stage.first);
    const keys = Object.values(line.inputs).flatMap((i) => (i.kind === "edge" ? i.elements.map(({ key }) => key) : []));
    const made = new Set(
      this.events.flatMap((e) => (e.type === "attempt-finished" && e.class === "ok" ? [e.key] : [])),
    );
    return keys.filter((key) => made.has(key));
  }

  private rowOf(which: string | number): number {
    if (typeof which === "number") return which;
    for (let row = 0; row < this.table.count; row++) if (keyOfRow(this.table, row) === which) return row;
    throw new Error(`no job ${which}`);
  }

  private tick(): number {
    return (this.clock += 1000);
  }

  private push(event: Event): this {
    this.events.push(event);
    return this;
  }
}

export function fact(path: string, size = 1000, mtime = "1700000000.000000001"): FileFact {
  return { path, size, mtime };
}
