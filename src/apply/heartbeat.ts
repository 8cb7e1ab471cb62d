// The heartbeat, `metadata/tick.json`: when somebody last took a turn, and what the scheduler showed. For people; no turn reads it to decide anything.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hand } from "../executors/cluster/settle.ts";
import { readTasks } from "../executors/cluster/task-file.ts";
import type { Alert, Turn } from "../executors/cluster/turn-book.ts";
import { formatArray } from "../executors/slurm/array-expression.ts";
import type { State } from "../state/reduce.ts";
import { replaceFile } from "../state/replace-file.ts";
import { isOpen } from "../state/submission.ts";
import { errno } from "../state/write-error.ts";

export interface Heartbeat {
  /** ms since 1970, as all times: the last turn, by whomever. */
  readonly at: number;
  readonly line: string;
  /** The last turn of a `tick` or `watch`. Absent: there was none, only apply's own. */
  readonly tickAt?: number;
  /** The last turn could not ask the scheduler. */
  readonly unreachable?: string;
  /** Absent: no turn has reached the scheduler yet. */
  readonly seen?: Seen;
}

/** By the last turn that reached the scheduler: that may be an earlier one. */
export interface Seen {
  /** When the queue was looked at. What was submitted later, in that turn or another, is not in it. */
  readonly at: number;
  /** Of jobs in somebody's hands, by what the queue says of their array task or pack. */
  readonly phases: Readonly<Record<Hand["phase"], number>>;
  /** Of all jobs of the runs in progress. */
  readonly counts: Turn["counts"];
  /** Array tasks that had no room in the queue. */
  readonly waiting: number;
  readonly nextRetry?: number;
  /** What held then. */
  readonly alerts: readonly Alert[];
  readonly submissions: readonly SeenSubmission[];
}

/** `token`: of a pool, its name: packs are in no submission's hands. */
export interface SeenSubmission {
  readonly token: string;
  readonly hands: readonly SeenHands[];
}

export interface SeenHands {
  readonly phase: Hand["phase"];
  readonly reason?: string;
  readonly jobs: number;
  /** `0-3,7`. Absent: packs of a pool. */
  readonly tasks?: string;
}

const FILE = join("metadata", "tick.json");

interface Beat {
  readonly by: "apply" | "tick";
  readonly turn: Turn;
  /** As the turn left it. */
  readonly state: State;
  readonly at: number;
  readonly lookedAt: number;
  readonly line: string;
}

/** After a turn. */
export function beat(root: string, { by, turn, state, at, lookedAt, line }: Beat): void {
  const before = readHeartbeat(root);
  const tickAt = by === "tick" ? at : before?.tickAt;
  const looked = turn.runs > 0 && turn.unreachable === undefined;
  const seen = looked ? seenIn(root, turn, state, lookedAt) : before?.seen;
  const heartbeat: Heartbeat = {
    at,
    line,
    ...(tickAt === undefined ? {} : { tickAt }),
    ...(turn.unreachable === undefined ? {} : { unreachable: turn.unreachable }),
    ...(seen ? { seen } : {}),
  };
  replaceFile(join(root, FILE), `${JSON.stringify(heartbeat)}\n`);
}

/** Undefined: nobody has taken a turn, or the file is damaged. */
export function readHeartbeat(root: string): Heartbeat | undefined {
  try {
    return JSON.parse(readFileSync(join(root, FILE), "utf8")) as Heartbeat;
  } catch (error) {
    if (errno(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function seenIn(root: string, { hands, counts, waiting, nextRetry, alerts }: Turn, state: State, at: number): Seen {
  const phases = { running: 0, queued: 0, unknown: 0 };
  const byToken = new Map<string, Map<string, Hand>>();
  for (const [key, hand] of hands) {
    phases[hand.phase] += 1;
    byToken.set(hand.token, (byToken.get(hand.token) ?? new Map<string, Hand>()).set(key, hand));
  }
  const submissions = [...byToken].map(([token, held]) => {
    const known = state.submissions.get(token);
    return { token, hands: known && isOpen(known) ? handsByTask(root, token, held) : handsOf([...held.values()]) };
  });
  return { at, phases, counts, waiting, ...(nextRetry === undefined ? {} : { nextRetry }), alerts, submissions };
}

function handsByTask(root: string, token: string, held: ReadonlyMap<string, Hand>): SeenHands[] {
  const tasks = (readTasks(root, token) ?? []).flatMap((jobs, task) => {
    const found = jobs.flatMap(({ key }) => held.get(key) ?? []);
    return found.length > 0 ? [{ task, jobs: found.length, hand: found[0]! }] : [];
  });
  return alikes(tasks, ({ hand }) => hand).map((alike) => ({
    ...sayOf(alike[0]!.hand),
    jobs: alike.reduce((sum, { jobs }) => sum + jobs, 0),
    tasks: formatArray(alike.map(({ task }) => task)),
  }));
}

function handsOf(hands: readonly Hand[]): SeenHands[] {
  return alikes(hands, (hand) => hand).map((alike) => ({ ...sayOf(alike[0]!), jobs: alike.length }));
}

/** Grouped by phase and reason, none of them empty. */
function alikes<T>(items: readonly T[], handOf: (item: T) => Hand): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const { phase, reason } = handOf(item);
    const name = `${phase} ${reason ?? ""}`;
    const known = groups.get(name);
    if (known) known.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()];
}

function sayOf({ phase, reason }: Hand): Pick<Hand, "phase" | "reason"> {
  return { phase, ...(reason === undefined ? {} : { reason }) };
}
