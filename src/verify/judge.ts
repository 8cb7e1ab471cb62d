// Receipts against a listing: which results are as their receipts say. Pure; no file is looked at, and the plan's opinion is not asked.
import { type JobTable, pointOf, stageOfRow } from "../expand/table.ts";
import { doubtDetail } from "../plan/doubts.ts";
import { outputChanges, type Drift } from "../plan/drift.ts";
import { keysOf } from "../plan/keys.ts";
import { Moves } from "../plan/moves.ts";
import type { SeenOutput } from "../plan/types.ts";
import { isForgotten } from "../state/job-state.ts";
import type { JobState, State } from "../state/reduce.ts";
import { asVerified } from "../state/verification.ts";

/** What is wrong with an output. `unreadable`: whether it is right could not be found out. */
export type Finding = Omit<Drift, "type" | "what"> & { readonly what: Drift["what"] | "unreadable" };

/** Of a result; the worst of its outputs first. `none`: the job has no receipt; `busy`: it is at work, or was while we looked. */
export const VERDICTS = ["none", "ok", "busy", "missing", "files", "size", "mtime", "content", "invalid", "unreadable"] as const; // prettier-ignore
export type Verdict = (typeof VERDICTS)[number];

const CODE = Object.fromEntries(VERDICTS.map((name, code) => [name, code])) as Record<Verdict, number>;

export interface Judgement {
  /** Per global row, index into VERDICTS. Rows that were not asked for are `none`. */
  readonly verdict: Uint8Array;
  /** Of rows that are not as their receipts say. */
  readonly findings: ReadonlyMap<number, readonly Finding[]>;
}

export interface Evidence {
  readonly table: JobTable;
  readonly state: State;
  /** What the state knows of each row. */
  readonly roster: Roster;
  /** What lies at a path relative to the campaign root. */
  output(path: string): SeenOutput | undefined;
  /** Somebody may have been writing it while we looked. Absent: nobody is at work. */
  busy?(key: string, job: JobState): boolean;
}

export type Roster = readonly (JobState | undefined)[];

export function rosterOf(table: JobTable, state: State): Roster {
  const roster = new Array<JobState | undefined>(table.count).fill(undefined);
  for (const stage of table.stages) {
    const key = keysOf(stage);
    for (let i = 0; i < stage.count; i++) roster[stage.first + i] = state.jobs.get(key(i));
  }
  const { moved } = table.campaign;
  return moved ? withEarlierNames(table, state, roster, new Moves(moved)) : roster;
}

/** Renamed jobs whose results are still under the keys they had, until the next apply. */
function withEarlierNames(table: JobTable, state: State, roster: Roster, moves: Moves): Roster {
  const here = new Set(roster);
  const isResult = (job: JobState | undefined) => job?.receipt !== undefined && !isForgotten(job);
  return roster.map((own, row) => {
    const stage = stageOfRow(table, row);
    if (isResult(own) || !moves.concern(stage.stage.name)) return own;
    const names = moves.before({ stage: stage.stage.name, point: pointOf(stage, row - stage.first) });
    return names.map(({ key }) => state.jobs.get(key)).find((job) => isResult(job) && !here.has(job)) ?? own;
  });
}

/** Paths are those of the receipts: where the campaign would put an output today is not asked. */
export function judge({ state, roster, output, busy }: Evidence, wanted?: (row: number) => boolean): Judgement {
  const verdict = new Uint8Array(roster.length);
  const findings = new Map<number, readonly Finding[]>();
  for (let row = 0; row < roster.length; row++) {
    const job = roster[row];
    if (!job?.accepted || !job.receipt || (wanted && !wanted(row))) continue;
    if (busy?.(job.key, job)) {
      verdict[row] = CODE.busy;
      continue;
    }
    const found: Finding[] = [];
    const verified = state.verified.get(job.accepted.attemptId);
    for (const fact of job.receipt.outputs) {
      const now = output(fact.path);
      if (now)
        found.push(...outputChanges(fact.name, fact.path, asVerified(fact, verified, now.mtime), now).map(asFinding)); // prettier-ignore
      else found.push({ name: fact.name, path: fact.path, what: "missing" });
    }
    if (verified) found.push(...verified.outputs.map((one) => asFinding(doubtDetail(one))));
    verdict[row] = verdictOf(found);
    if (found.length > 0) findings.set(row, found);
  }
  return { verdict, findings };
}

export function asFinding({ type: _, ...finding }: Drift): Finding {
  return finding;
}

function verdictOf(found: readonly Finding[]): number {
  return found.length === 0 ? CODE.ok : Math.min(...found.map(({ what }) => CODE[what]));
}

/** The same with other findings for some rows; none: the row is as its receipt says. */
export function withFindings(before: Judgement, news: ReadonlyMap<number, readonly Finding[]>): Judgement {
  if (news.size === 0) return before;
  const verdict = before.verdict.slice();
  const findings = new Map(before.findings);
  for (const [row, found] of news) {
    verdict[row] = verdictOf(found);
    if (found.length > 0) findings.set(row, found);
    else findings.delete(row);
  }
  return { verdict, findings };
}

export function verdictAt({ verdict }: Judgement, row: number): Verdict {
  return VERDICTS[verdict[row]!]!;
}

export type Counts = Readonly<Record<Verdict, number>>;

/** How many rows of a stage have which verdict. */
export function countVerdicts(verdict: Uint8Array): Counts {
  const counts = new Array<number>(VERDICTS.length).fill(0);
  for (const code of verdict) counts[code]! += 1;
  return Object.fromEntries(VERDICTS.map((name, code) => [name, counts[code]!])) as Record<Verdict, number>;
}

/** Rows that can still turn out to have other content than recorded: all is there and has the size it had. */
export function isWhole(verdict: number): boolean {
  return verdict === CODE.ok || verdict === CODE.mtime || verdict === CODE.content || verdict === CODE.invalid;
}
