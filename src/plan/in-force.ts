// Recipes in force: what each job is held to. That is what the campaign says now, unless all that differs from the receipt is excused (by the
// stage's policy, by a waiver, by a move): then it is what the receipt has, and what is made from it sees no change. Pure.
import { DigestColumn } from "../expand/column.ts";
import { type OutputName, recipeDigest, upstreamDigests } from "../expand/recipe.ts";
import { type JobTable, recipeOf, type StageTable } from "../expand/table.ts";
import type { ChangePolicy } from "../ir/stage.ts";
import { type Recipe, RECIPE_FIELDS, type RecipeField } from "../ir/job.ts";
import type { Receipt, RecipeFields } from "../state/receipt.ts";
import { type JobState, waiversOf } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { edgeNames, hasQuorum } from "../ir/edges.ts";
import { madeAt, type Members, membersOf, receiptBefore, rowOf } from "./members.ts";
import { keysOf } from "./keys.ts";
import { Moves } from "./moves.ts";

/**
 * Said of a field that differs: why that does not matter. `policy` of a stage that wants to be told is `warn`. `gathered`: of the upstream jobs that
 * a quorum was gathered from, none has changed.
 */
export type Excuse = "waiver" | "move" | "gathered" | "ignore" | "warn";

export type Excuses = ReadonlyMap<RecipeField, Excuse>;

/** Whether anything can differ from what the table says. */
export function isAmended(table: JobTable, state: State): boolean {
  return isAmendedAnywhere(table, state) || table.campaign.stages.some(({ inputs }) => hasQuorum(inputs));
}

/** In any stage; a quorum is of one stage, and of those that take from it. */
function isAmendedAnywhere({ campaign }: JobTable, state: State): boolean {
  return (
    state.amended ||
    campaign.moved !== undefined ||
    campaign.stages.some(({ onChange = {} }) => Object.values(onChange).some((policy) => policy !== "rerun"))
  );
}

export function policyOf({ stage }: StageTable, field: RecipeField): ChangePolicy {
  return stage.onChange?.[field] ?? "rerun";
}

/** Whether a move alone explains that the parameters of a job differ from those of its receipt. */
export type MovedParams = (stage: StageTable, index: number, job: JobState) => boolean;

export class RecipesInForce {
  /** As in the table, but those that were opened have recipe columns of their own. */
  readonly stages: StageTable[];
  private readonly excused = new Map<number, Excuses>();
  private readonly namings: readonly OutputName[];
  private readonly moves: Moves;
  private readonly everywhere: boolean;
  private readonly opened = new Set<string>();
  private readonly members = new Map<string, (index: number) => readonly Members[]>();
  /** Job of a global row, of the stages that were opened or passed over. */
  private readonly jobs: ((row: number) => JobState | undefined)[] = [];
  /** Of the stage that was opened last. */
  private asked: (index: number) => Omit<Recipe, "digest"> = () => {
    throw new Error("no stage is open");
  };

  constructor(
    table: JobTable,
    state: State,
    private readonly movedParams: MovedParams = () => false,
  ) {
    this.stages = [...table.stages];
    this.moves = new Moves(table.campaign.moved ?? []);
    this.namings = this.moves.namings();
    this.everywhere = isAmendedAnywhere(table, state);
  }

  /** Stages in topological order, each before anything is asked about it. Returns the stage with its recipes in force. */
  open(position: number, jobOf: (index: number) => JobState | undefined): StageTable {
    const declared = this.stages[position]!;
    this.jobs[position] = (row) => jobOf(row - declared.first);
    if (!this.everywhere && !this.concerns(declared)) return declared;
    this.opened.add(declared.stage.name);
    const stage = withOwnColumns(declared);
    this.stages[position] = stage;
    const above = upstreamDigests(stage, this.stages);
    this.asked = (index) => ({ ...recipeOf(declared, index), upstream: above(index) });
    const older = this.namings.map((naming) => upstreamDigests(stage, this.stages, naming));
    const sameMembers = hasQuorum(stage.stage.inputs) ? this.sameMembers(stage) : () => false;
    for (let i = 0; i < stage.count; i++) {
      const asked = this.asked(i);
      const job = jobOf(i);
      const receipt = job?.receipt;
      const excuses = receipt ? this.excusesOf(stage, i, job, asked, older, sameMembers) : undefined;
      if (excuses && excuses.size > 0) this.excused.set(stage.first + i, excuses);
      hold(stage, i, excuses && isExcused(receipt!, asked, excuses) ? receipt!.recipe : asked);
    }
    return stage;
  }

  /** Of the stage opened last: the job does not keep its result, and is made again by all that the campaign says now. */
  release(stage: StageTable, index: number): void {
    if (this.excuses(stage.first + index)) hold(stage, index, this.asked(index));
  }

  /** Of the stage opened last: digests that the campaign asks and the receipt has not, for a name that was changed and nothing else. */
  renamed(stage: StageTable, index: number): RecipeFields {
    const excuses = this.excused.get(stage.first + index);
    const asked = this.asked(index);
    const fields = [...(excuses ?? [])].filter(([, excuse]) => excuse === "move").map(([field]) => field);
    return Object.fromEntries(fields.map((field) => [field, asked[field]]));
  }

  /** True: something of the row differs and is excused. */
  excuses(row: number): boolean {
    return this.excused.has(row);
  }

  excuse(row: number, field: RecipeField): Excuse | undefined {
    return this.excused.get(row)?.get(field);
  }

  /** Upstream jobs by key, of the jobs of a stage: made once, asked by several passes. */
  membersOf(stage: StageTable): (index: number) => readonly Members[] {
    const { name } = stage.stage;
    let members = this.members.get(name);
    if (!members) this.members.set(name, (members = membersOf(this.stages, stage, this.moves)));
    return members;
  }

  private concerns({ stage }: StageTable): boolean {
    return hasQuorum(stage.inputs) || stage.inputs.some((ir) => ir.kind === "edge" && this.opened.has(ir.from.stage));
  }

  /** Whether the upstream jobs that a result was gathered from are held to the recipes they had then. */
  private sameMembers(stage: StageTable): (index: number, job: JobState) => boolean {
    const members = this.membersOf(stage);
    const names = [undefined, ...this.namings].map((naming) => edgeNames(stage.stage.inputs, naming).join(", "));
    return (index, job) => {
      const { upstreamUsed, upstreamFrom } = job.receipt!;
      if (!upstreamUsed || (upstreamFrom && !names.includes(upstreamFrom.join(", ")))) return false;
      const made = madeAt(job);
      const own = members(index);
      return upstreamUsed.every((key) => {
        const row = rowOf(own, key);
        if (row === undefined) return false;
        const position = this.stages.findLastIndex((source) => source.first <= row);
        const source = this.stages[position]!;
        return (
          receiptBefore(this.jobs[position]?.(row), made)?.recipe.digest === source.recipe.digest.at(row - source.first)
        );
      });
    };
  }

  private excusesOf(
    stage: StageTable,
    index: number,
    job: JobState,
    asked: Omit<Recipe, "digest">,
    older: readonly ((index: number) => string)[],
    sameMembers: (index: number, job: JobState) => boolean,
  ): Excuses {
    const receipt = job.receipt!;
    const excuses = new Map<RecipeField, Excuse>();
    for (const field of RECIPE_FIELDS) {
      if (receipt.recipe[field] === asked[field]) continue;
      const policy = policyOf(stage, field);
      if (stands(receipt, job, field, asked[field])) excuses.set(field, "waiver");
      else if (field === "upstream" && sameMembers(index, job)) excuses.set(field, "gathered");
      else if (field === "params" && this.movedParams(stage, index, job)) excuses.set(field, "move");
      else if (field === "upstream" && older.some((digest) => digest(index) === receipt.recipe.upstream))
        excuses.set(field, "move");
      else if (policy !== "rerun") excuses.set(field, policy);
    }
    return excuses;
  }
}

/** Recipes in force by what the journals alone say; files are not looked at. The table itself where nothing was amended. */
export function inForce(table: JobTable, state: State): JobTable {
  if (!isAmended(table, state)) return table;
  const recipes = new RecipesInForce(table, state);
  table.stages.forEach((stage, position) => {
    const key = keysOf(stage);
    recipes.open(position, (index) => state.jobs.get(key(index)));
  });
  return { ...table, stages: recipes.stages };
}

function stands(receipt: Receipt, job: JobState, field: RecipeField, digest: string): boolean {
  return (
    receipt.stands?.[field] === digest || (job.waivers !== undefined && waiversOf(job).some(({ fields }) => fields[field] === digest)) // prettier-ignore
  );
}

function isExcused({ recipe }: Receipt, asked: Omit<Recipe, "digest">, excuses: Excuses): boolean {
  return RECIPE_FIELDS.every((field) => recipe[field] === asked[field] || excuses.has(field));
}

function withOwnColumns(declared: StageTable): StageTable {
  const { params, inputs, upstream, digest, code, environment } = declared.recipe;
  const copy = (column: DigestColumn) => new DigestColumn(Buffer.from(column.bytes));
  const recipe = {
    params: copy(params),
    inputs: copy(inputs),
    upstream: copy(upstream),
    digest: copy(digest),
    code,
    environment,
    own: new Map(),
  };
  return { ...declared, recipe };
}

function hold({ recipe: columns }: StageTable, index: number, recipe: Omit<Recipe, "digest">): void {
  const { params, code, inputs, environment, upstream } = recipe;
  columns.params.set(index, params);
  columns.inputs.set(index, inputs);
  columns.upstream.set(index, upstream);
  columns.digest.set(index, recipeDigest(recipe));
  const own = columns.own as Map<number, { code: string; environment: string }>;
  if (code === columns.code && environment === columns.environment) own.delete(index);
  else own.set(index, { code, environment });
}
