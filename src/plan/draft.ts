// The sheet a plan is worked out on: one row a job, filled in by the passes of plan.ts in their order. Mutable, and local to one call.
import { type JobTable, stageOfRow, type StageTable } from "../expand/table.ts";
import type { RecipeFields } from "../state/receipt.ts";
import type { JobState, State } from "../state/reduce.ts";
import type { RecipeField } from "../ir/job.ts";
import { Blocks } from "./blocks.ts";
import { CodeHistory } from "./history.ts";
import { keyStage } from "../ir/key.ts";
import { isAmended, policyOf, RecipesInForce } from "./in-force.ts";
import { movedParams } from "./moved-params.ts";
import { Moves } from "./moves.ts";
import { type KeyOf, keysOf } from "./keys.ts";
import {
  ACTIONS,
  type Action,
  type Detail,
  type NarrowingUse,
  type Observations,
  type PlannedMove,
  type Policy,
  type RampStanding,
  REASONS,
  type Reason,
} from "./types.ts";
import type { Unversioned } from "./versions.ts";

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
  readonly blocks: Blocks;
  /** Absent: nothing was renamed. */
  readonly moves: Moves | undefined;
  /** Absent: every job is held to what the campaign says. */
  readonly recipes: RecipesInForce | undefined;
  /** Rows whose result was made under another key: that key. */
  readonly movedFrom = new Map<number, string>();
  /** Rows whose results are kept elsewhere, once nothing speaks against it. */
  readonly planned = new Map<number, PlannedMove>();
  /** See Plan.renamed. */
  readonly renamed = new Map<number, RecipeFields>();
  /** Rows whose output cannot be renamed: what lies in its place. */
  readonly occupied = new Map<number, string>();
  /** Changes that the policy of the stage wants to be told of and that rerun nothing: the reason, and its details. */
  readonly warned = new Map<number, { readonly reason: Reason; readonly details: readonly Detail[] }>();
  /** Complete jobs whose external inputs are gone. */
  inputsGone = 0;
  /** By stage; versions.ts. */
  readonly unversioned = new Map<string, Unversioned>();
  /** Rows whose receipt says which upstream jobs it was made from: lineage is about those (gathered.ts). */
  readonly gathered = new Set<number>();
  /** Notices of missing.ts: what is not there. */
  readonly holes: string[] = [];
  /** Notices of arrivals.ts. */
  readonly arrivals: string[] = [];
  found = 0;
  /** 1: the row was left out of the plan by the ramp or an option (narrow/). */
  readonly leftOut: Uint8Array;
  readonly narrowing: NarrowingUse[] = [];
  ramp: RampStanding | undefined;
  private readonly taken = new Map<string, Set<string>>();
  private readonly keyMakers = new Map<StageTable, KeyOf>();

  /** Stages that were opened are held to the recipes in force. */
  readonly table: JobTable;

  constructor(
    table: JobTable,
    readonly state: State,
    readonly observations: Observations,
    readonly policy: Policy,
  ) {
    this.code = new CodeHistory(state);
    this.blocks = new Blocks(table, state);
    const { moved } = table.campaign;
    this.moves = moved && new Moves(moved);
    this.recipes = isAmended(table, state) ? new RecipesInForce(table, state, movedParams(this)) : undefined;
    this.table = this.recipes ? { ...table, stages: this.recipes.stages } : table;
    this.actions = new Uint8Array(table.count).fill(NONE);
    this.reasons = new Uint8Array(table.count).fill(NONE);
    this.unsettled = new Uint8Array(table.count);
    this.leftOut = new Uint8Array(table.count);
    this.jobs = new Array<JobState | undefined>(table.count).fill(undefined);
  }

  /** Narrowed by an option. The ramp is the campaign's own. */
  get partial(): boolean {
    return this.narrowing.length > 0;
  }

  keys(stage: StageTable): KeyOf {
    let make = this.keyMakers.get(stage);
    if (!make) this.keyMakers.set(stage, (make = keysOf(stage)));
    return make;
  }

  /** False: the campaign has this job, or its result went to another one. */
  takeFrom(key: string): boolean {
    const name = keyStage(key);
    let taken = this.taken.get(name);
    if (!taken) {
      const stage = this.table.stages.find((one) => one.stage.name === name);
      const keyOf = stage && this.keys(stage);
      this.taken.set(name, (taken = new Set(Array.from({ length: stage?.count ?? 0 }, (_, i) => keyOf!(i)))));
    }
    return !taken.has(key) && taken.add(key) !== undefined;
  }

  /** Global row -> its stage. */
  stageOf(row: number): StageTable {
    return stageOfRow(this.table, row);
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

  /** A stage before its passes: recipes in force. `jobs` of its rows are known. */
  open(position: number): StageTable {
    const stage = this.table.stages[position]!;
    return this.recipes?.open(position, (index) => this.jobs[stage.first + index]) ?? stage;
  }

  /** A stage after its passes: what is not kept is made by what the campaign says now. */
  close(stage: StageTable): void {
    if (!this.recipes) return;
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const action = this.action(row);
      if (action !== "keep" && action !== "move") this.recipes.release(stage, i);
      if (action !== "keep" || !this.recipes.excuses(row)) continue;
      const renamed = this.recipes.renamed(stage, i);
      if (Object.keys(renamed).length > 0) this.renamed.set(row, renamed);
    }
  }

  /** A recipe field that may differ from the receipt's: a ground, a warning, or nothing where it is excused. */
  field(row: number, field: RecipeField, differs: boolean, reason: Reason, details: () => readonly Detail[]): void {
    const excuse = this.recipes?.excuse(row, field);
    if (excuse === "warn") this.warn(row, reason, details());
    else if (!excuse && differs) this.ground(row, reason, details());
  }

  /** As `field`, of what no digest holds: files, times. True: it is a ground. */
  change(row: number, stage: StageTable, field: RecipeField, reason: Reason, details: readonly Detail[]): boolean {
    const policy = policyOf(stage, field);
    if (policy === "rerun") this.ground(row, reason, details);
    if (policy === "warn") this.warn(row, reason, details);
    return policy === "rerun";
  }

  warn(row: number, reason: Reason, details: readonly Detail[]): void {
    const before = this.warned.get(row);
    this.warned.set(row, { reason: before?.reason ?? reason, details: [...(before?.details ?? []), ...details] });
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
