// The history of a campaign: its applies, what each set out to do and what came of it, and the words people gave between them. Pure.
import type { ApplyFacts, PlannedGroup } from "../state/apply-facts.ts";
import type { EventOf } from "../state/events.ts";
import type { State, Verb } from "../state/reduce.ts";
import { type RunState, runsByTime } from "../state/run-state.ts";
import { tallyRuns } from "../state/run-tally.ts";
import { changesBetween, type RunChange } from "./run-changes.ts";

/** `unfinished`: it has no end and nobody is at work on it. */
export type RunOutcome = EventOf<"apply-finished">["outcome"] | "in-progress" | "unfinished";

export interface ApplyEntry {
  readonly type: "apply";
  readonly run: string;
  readonly at: number;
  readonly endedAt?: number;
  readonly outcome: RunOutcome;
  readonly user: string;
  readonly host: string;
  readonly tool: string;
  readonly campaignDigest: string;
  readonly bundle: string;
  /** Jobs it set out to run. */
  readonly jobs: number;
  readonly done: number;
  readonly failed: number;
  readonly cancelled?: { readonly at: number; readonly user: string; readonly reason: string };
  /** Absent: an earlier cmc applied it and did not record them. */
  readonly facts?: ApplyFacts;
  /** The apply before. Absent: this is the first. */
  readonly before?: string;
  readonly changes: readonly RunChange[];
}

/** A person's word on jobs or on a run. */
export interface VerbEntry {
  readonly type: "verb";
  readonly verb: string;
  readonly at: number;
  readonly user: string;
  /** Absent: the verb asks for none. */
  readonly reason?: string;
  /** How many jobs are meant, and the first. Absent: a whole run. */
  readonly jobs?: number;
  readonly example?: string;
  readonly run?: string;
}

export type HistoryEntry = ApplyEntry | VerbEntry;

/** Newest first. `atWork`: whether a run without an end is being carried out now. */
export function historyOf(state: State, atWork: (run: string) => boolean): readonly HistoryEntry[] {
  const applies = applyEntries(state, atWork);
  const verbs = state.verbs.flatMap((verb) => verbEntry(verb) ?? []);
  const rank = (entry: HistoryEntry) => `${entry.type}${JSON.stringify(entry)}`;
  return [...applies, ...verbs].sort((a, b) => b.at - a.at || (rank(a) < rank(b) ? 1 : -1));
}

function applyEntries(state: State, atWork: (run: string) => boolean): ApplyEntry[] {
  const tallies = tallyRuns(state);
  const started = runsByTime(state.runs.values()).filter((run) => run.start !== undefined);
  return started.map((one, i) => {
    const { run, end, cancel } = one;
    const { at, user, host, toolVersion, campaignDigest, bundle, jobs, facts, code } = one.start!;
    const before = started[i + 1];
    return {
      type: "apply",
      run,
      at,
      ...(end ? { endedAt: end.at } : {}),
      outcome: end?.outcome ?? (atWork(run) ? "in-progress" : "unfinished"),
      user,
      host,
      tool: toolVersion,
      campaignDigest,
      bundle,
      jobs,
      ...tallies.get(run)!,
      ...(cancel ? { cancelled: { at: cancel.at, user: cancel.user, reason: cancel.reason } } : {}),
      ...(facts ? { facts } : {}),
      ...(before ? { before: before.run } : {}),
      changes: before?.start?.code && code ? changesBetween(before.start, one.start!) : [],
    };
  });
}

/** What an event is called where the verb has another name. */
const VERBS: Readonly<Record<string, string>> = {
  "changes-accepted": "accept",
  "adoption-requested": "adopt",
  "jobs-held": "hold",
};

/** Whatever names who said it. Jobs that an apply forgot are in its plan: nobody said so. */
function verbEntry(verb: Verb): VerbEntry | undefined {
  const { type, at } = verb;
  const { user, reason, jobs, run, ...lists } = verb as Partial<{
    readonly user: string;
    readonly reason: string;
    readonly keys: readonly string[];
    readonly waivers: readonly { readonly key: string }[];
    readonly jobs: number;
    readonly run: string;
  }>;
  if (user === undefined) return undefined;
  const keys = lists.keys ?? lists.waivers?.map(({ key }) => key);
  const count = keys?.length ?? jobs;
  return {
    type: "verb",
    verb: VERBS[type] ?? type.replace(/-requested$/, ""),
    at,
    user,
    ...(reason === undefined ? {} : { reason }),
    ...(count === undefined ? {} : { jobs: count }),
    ...(keys?.[0] === undefined ? {} : { example: keys[0] }),
    ...(run === undefined ? {} : { run }),
  };
}

/** `last`, `last~2`, a run's id or the beginning of it; undefined: none is meant. Several: all of them. */
export function runsNamed(runs: Iterable<RunState>, name: string): readonly RunState[] {
  const started = runsByTime(runs).filter((run) => run.start !== undefined);
  const [, back] = /^last(?:~(\d+))?$/.exec(name) ?? [];
  if (name === "last" || back !== undefined) return started.slice(Number(back ?? 0), Number(back ?? 0) + 1);
  const exact = started.filter(({ run }) => run === name);
  return exact.length > 0 || name.length < SHORTEST ? exact : started.filter(({ run }) => run.startsWith(name));
}

/** A shorter beginning is too easily a branch or a folder. */
const SHORTEST = 4;

/** Counts by reason, most first: `40 code_changed`. */
export function reasonsOf(groups: readonly PlannedGroup[], actions: readonly string[]): readonly [string, number][] {
  const counts = new Map<string, number>();
  for (const { action, reason, count } of groups)
    if (actions.includes(action)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
