// What people said of one job besides retries: blocked, released, results forgotten. Joined from events in any order; most jobs have none.
import { compareText } from "./attempt.ts";
import type { EventOf } from "./events.ts";

/** Who said something, when and why. One value for all jobs of an event. */
export interface Word {
  readonly at: number;
  readonly user: string;
  readonly reason: string;
}

export interface Words {
  /** The last of its kind, as the two below. */
  readonly block?: Word;
  readonly release?: Word;
  readonly forget?: Word;
  /** Ids of attempts whose results count no longer, sorted. */
  readonly forgotten?: readonly string[];
}

export function withBlock(known: Words | undefined, word: Word): Words {
  return { ...known, block: later(known?.block, word) };
}

export function withRelease(known: Words | undefined, word: Word): Words {
  return { ...known, release: later(known?.release, word) };
}

export function withForget(known: Words | undefined, word: Word, attempts: readonly string[]): Words {
  const forgotten = [...new Set([...(known?.forgotten ?? []), ...attempts])].sort(compareText);
  return { ...known, forget: later(known?.forget, word), forgotten };
}

/** What was said under either of two keys, as far as it is about running it. */
export function joinWords(a: Words | undefined, b: Words | undefined): Words | undefined {
  if (!a || !b) return a ?? b;
  const block = b.block ? later(a.block, b.block) : a.block;
  const release = b.release ? later(a.release, b.release) : a.release;
  return { ...a, ...(block ? { block } : {}), ...(release ? { release } : {}) };
}

export function wordOf({
  at,
  user,
  reason,
}: EventOf<"block-requested" | "release-requested" | "forget-requested">): Word {
  return { at, user, reason };
}

/** Same for both orders of arrival, also when the clock says the same. */
function later(known: Word | undefined, word: Word): Word {
  if (!known || known.at < word.at) return word;
  return known.at > word.at || JSON.stringify(known) >= JSON.stringify(word) ? known : word;
}
