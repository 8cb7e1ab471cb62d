// What looking into outputs says of results: new doubts, doubts that are no longer, and outputs that could not be looked into. Pure.
import { doubtDetail } from "../plan/doubts.ts";
import type { EventOf } from "../state/events.ts";
import type { OutputFinding } from "../state/receipt.ts";
import type { State } from "../state/reduce.ts";
import type { Verified } from "../state/verification.ts";
import { asFinding, type Finding, type Judgement, type Roster } from "./judge.ts";

/** One look into one output. */
export interface Look {
  readonly row: number;
  /** Of the output. */
  readonly name: string;
  /** What was looked at, with success: earlier doubts about it no longer count. */
  readonly about?: OutputFinding["what"];
  /** Absent: it is as it should be. */
  readonly wrong?: OutputFinding;
  readonly lost?: Finding;
  /** It has the content recorded, and this time. */
  readonly time?: string;
}

type Result = EventOf<"results-verified">["results"][number];

export interface Outcome {
  /** Rows whose findings are others now. */
  readonly news: ReadonlyMap<number, readonly Finding[]>;
  /** What deserves an event: doubts that are new, others, or withdrawn, and times. */
  readonly verified: readonly Result[];
}

export function outcomeOf(state: State, roster: Roster, judgement: Judgement, looks: readonly Look[]): Outcome {
  const byRow = new Map<number, Look[]>();
  for (const look of looks) byRow.set(look.row, [...(byRow.get(look.row) ?? []), look]);
  const news = new Map<number, readonly Finding[]>();
  const verified: Result[] = [];
  for (const [row, said] of byRow) {
    const { key, accepted } = roster[row]!;
    const { attemptId } = accepted!;
    const known = state.verified.get(attemptId);
    const doubted = known?.outputs ?? [];
    const settled = new Set(said.flatMap(({ name, about }) => (about ? [`${about} ${name}`] : [])));
    const wrong = said.flatMap((look) => look.wrong ?? []);
    const doubts = [...doubted.filter(({ what, name }) => !settled.has(`${what} ${name}`)), ...wrong];
    const before = judgement.findings.get(row) ?? [];
    const listed = before.filter(({ what }) => what !== "content" && what !== "invalid");
    const found = [...listed, ...doubts.map((doubt) => asFinding(doubtDetail(doubt))), ...said.flatMap((look) => look.lost ?? [])]; // prettier-ignore
    if (!same(found, before)) news.set(row, found);
    const times = timesOf(said, before, known);
    // What a listing shows needs no record: the plan sees it.
    const seen = before.some(({ what, name }) => what === "mtime" && !times.some((time) => time.name === name));
    if (!seen && (!same(doubts, doubted) || !same(times, known?.times ?? [])))
      verified.push({ key, attemptId, outputs: doubts, ...(times.length > 0 ? { times } : {}) });
  }
  return { news, verified };
}

/** Of outputs of another time than the receipt says; what was known of others holds. */
function timesOf(said: readonly Look[], before: readonly Finding[], known: Verified | undefined) {
  const other = new Set(before.flatMap(({ what, name }) => (what === "mtime" ? [name] : [])));
  const times = said.flatMap(({ name, time: mtime }) =>
    mtime !== undefined && other.has(name) ? [{ name, mtime }] : [],
  );
  const news = new Set(times.map(({ name }) => name));
  return [...(known?.times ?? []).filter(({ name }) => !news.has(name)), ...times];
}

function same(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && (a.length === 0 || JSON.stringify(a) === JSON.stringify(b));
}
