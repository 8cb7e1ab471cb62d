// Blocks: who wants a job not to be run, if anybody does. What was said of a job under a key it had before it was renamed goes with it.
import { JobFinder } from "../expand/find-job.ts";
import { type JobTable, pointOf, stageOfRow } from "../expand/table.ts";
import { blockOf } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { joinWords, type Word, type Words } from "../state/words.ts";
import { Moves } from "./moves.ts";

export class Blocks {
  private readonly moves: Moves | undefined;
  private readonly finder: JobFinder;

  constructor(
    private readonly table: JobTable,
    private readonly state: State,
  ) {
    const { moved } = table.campaign;
    this.moves = moved && new Moves(moved);
    this.finder = new JobFinder(table);
  }

  /** Undefined: nobody, or it was released since. */
  of(row: number, key: string): Word | undefined {
    const own = this.state.jobs.get(key)?.words;
    const words = this.moves ? this.earlier(this.moves, row).reduce(joinWords, own) : own;
    return words && blockOf({ words });
  }

  /** Keys that the campaign still has are no earlier ones. */
  private earlier(moves: Moves, row: number): (Words | undefined)[] {
    const stage = stageOfRow(this.table, row);
    const { name } = stage.stage;
    if (!moves.concern(name)) return [];
    const before = moves.before({ stage: name, point: pointOf(stage, row - stage.first) });
    return before.filter(({ key }) => this.finder.row(key) === undefined).map(({ key }) => this.state.jobs.get(key)?.words); // prettier-ignore
  }
}
