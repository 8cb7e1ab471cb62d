// Writes down what a verification found: doubts and digests, as events, under the campaign's lock. Results that are others by now are left out.
import { faultPoint } from "../state/fault.ts";
import type { EventOf } from "../state/events.ts";
import { openJournal } from "../state/journal.ts";
import { readJournals } from "../state/read-journal.ts";
import { acquireLockPatiently, type Patience } from "./patient-lock.ts";

export interface Found {
  readonly verified: EventOf<"results-verified">["results"];
  readonly digests: EventOf<"digests-recorded">["results"];
}

export interface Recording {
  /** Results that are doubted. */
  readonly doubted: number;
  /** Doubts withdrawn. */
  readonly withdrawn: number;
  /** Results whose outputs have another time and the content recorded: they are kept. */
  readonly restored: number;
  /** Results that have digests now. */
  readonly digests: number;
}

/** A line of the journal stays below a megabyte. */
const PORTION = 1000;

const NOTHING: Recording = { doubted: 0, withdrawn: 0, restored: 0, digests: 0 };

/** Throws state/locked. Nothing to write: nothing is locked. */
export async function recordFound(root: string, found: Found, reason: string, patience: Patience): Promise<Recording> {
  if (found.verified.length + found.digests.length === 0) return NOTHING;
  const lock = await acquireLockPatiently(root, "verify", patience);
  try {
    const { jobs } = readJournals(root).fold().state;
    const isStill = ({ key, attemptId }: { key: string; attemptId: string }) => jobs.get(key)?.accepted?.attemptId === attemptId; // prettier-ignore
    const [verified, digests] = [found.verified.filter(isStill), found.digests.filter(isStill)];
    const { user, now } = patience;
    if (verified.length + digests.length === 0) return NOTHING;
    const journal = openJournal(root, { writer: "verb", run: `verify-${now().toString(36)}` });
    for (const results of portions(verified)) journal.append({ type: "results-verified", at: now(), user, results });
    for (const results of portions(digests)) journal.append({ type: "digests-recorded", at: now(), user, reason, results }); // prettier-ignore
    journal.close();
    faultPoint("verify/recorded");
    const count = (test: (one: (typeof verified)[number]) => boolean) => verified.filter(test).length;
    return {
      doubted: count(({ outputs }) => outputs.length > 0),
      withdrawn: count(({ outputs, times }) => outputs.length === 0 && times === undefined),
      restored: count(({ outputs, times }) => outputs.length === 0 && times !== undefined),
      digests: digests.length,
    };
  } finally {
    lock.release();
  }
}

function* portions<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += PORTION) yield all.slice(from, from + PORTION);
}
