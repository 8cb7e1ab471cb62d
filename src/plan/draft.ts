// The sheet a plan is worked out on: one row a job, filled in by the passes of plan.ts in their order. Mutable, and local to one call.
import type { JobTable, StageTable } from "../expand/table.ts";
import type { JobState, State } from "../state/reduce.ts";
import { CodeHistory } from "./history.ts";
import { type KeyOf, keysOf } from "./keys.ts";
import { ACTIONS, type Action, type Detail, type Observations, type Policy, REASONS, type Reason } from "./types.ts";

const NONE = 255;

const ACTION_CODE = Object.fromEntries(ACTIONS.map((name, code) => [name, code])) as Record<Action, number>;
const REASON_CODE = Object.fromEntries(REASONS.map((name, code) => [name, code])) as Record<Reason, number>;

export const RUNNING: ReadonlySet<Action> = new Set<Action>(["create", "rerun", "retry"]);

export class Draft {
  readonly actions: Uint8Array;
  readonly reasons: Uint8Array;
  readonly details = new Map<number, readonly Detail[]>();
  /** What the state knows of each row; absent: nothing. */
  readonly jobs: (JobState | undefined)[];
  /** 1: the row will run and may give something else although its recipe is the one its receipt has. */
  readonly unsettled: Uint8Array;
  /** Rows whose data changed under an unchanged recipe: when, in milliseconds (generations.ts). */
  readonly renewedAt = new Map<number, number>();
  readonly code: CodeHistory;
  /** Complete jobs whose external inputs are gone. */
  inputsGone = 0;
  found = 0;
  leftOut = 0;
  partial = false;
  private readonly keyMakers = new Map<StageTable, KeyOf>();

  constructor(
    readonly table: JobTable,
    readonly state: State,
    readonly observations: Observations,
    readonly policy: Policy,
  ) {
    this.code = new CodeHistory(state);
    this.actions = new Uint8Array(table.count).fill(NONE);
    this.reasons = new Uint8Array(table.count).fill(NONE);
    this.unsettled = new Uint8Array(table.count);
    this.jobs = new Array<JobState | undefined>(table.count).fill(undefined);
  }

  keys(stage: StageTable): KeyOf {
    let make = this.keyMakers.get(stage);
    if (!make) this.keyMakers.set(stage, (make = keysOf(stage)));
    return make;
  }

  /** Global row -> its stage. */
  stageOf(row: number): StageTable {
    const { stages } = this.table;
    for (let i = stages.length - 1; i >= 0; i--) if (row >= stages[i]!.first) return stages[i]!;
    throw new RangeError(`row ${row} of ${this.table.count}`);
  }

  key(row: number): string {
    const stage = this.stageOf(row);
    return this.keys(stage)(row - stage.first);
  }

  /** A ground to run the row. The first one is its reason; the details of all are kept, in order. */
  ground(row: number, reason: Reason, details: readonly Detail[] = []): void {
    if (this.reasons[row] === NONE) this.reasons[row] = REASON_CODE[reason];
    this.note(row, details);
  }

  hasGround(row: number): boolean {
    return this.reasons[row] !== NONE;
  }

  note(row: number, details: readonly Detail[]): void {
    if (details.length === 0) return;
    const before = this.details.get(row);
    this.details.set(row, before ? [...before, ...details] : details);
  }

  /** The verdict; `first` details come before those of the grounds. */
  settle(row: number, action: Action, reason?: Reason, first: readonly Detail[] = []): void {
    this.actions[row] = ACTION_CODE[action];
    if (reason) this.reasons[row] = REASON_CODE[reason];
    if (first.length > 0) this.details.set(row, [...first, ...(this.details.get(row) ?? [])]);
  }

  action(row: number): Action | undefined {
    return ACTIONS[this.actions[row]!];
  }

  reason(row: number): Reason | undefined {
    return REASONS[this.reasons[row]!];
  }

  runs(row: number): boolean {
    const action = this.action(row);
    return action !== undefined && RUNNING.has(action);
  }

  /** Will have no result however long one waits. */
  stuck(row: number): boolean {
    const action = this.action(row);
    return action === "block" || action === "hold";
  }
}
