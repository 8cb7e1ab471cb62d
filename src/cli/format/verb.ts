// What a person's word came to, the same for every verb: how many jobs, the first of them, what comes next; and as objects. Pure.
import type { Event } from "../../state/events.ts";
import { jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { count } from "./quantity.ts";

export interface Chosen {
  /** Jobs the word is recorded of. */
  readonly keys: readonly string[];
  /** What is recorded. Absent: nothing, because no job is meant. */
  readonly event?: Event;
  /** `Blocked`, `Would be blocked`. */
  readonly did: string;
  readonly would: string;
  /** Said where no job is meant. */
  readonly none: string;
  /** Named, and passed over. */
  readonly passed: readonly { readonly key: string; readonly why: string }[];
  /** What happens next, whether it is recorded or would be. Asked once: to foresee it may take another plan. */
  readonly next: () => readonly string[];
  /** What --json says of a job beside its key. */
  readonly about?: (key: string) => object;
}

/** Keys shown one by one. */
const SHOWN = 20;

/** `3 jobs, mock[realization=0] and 2 others`. */
export function jobsAndFirst(keys: readonly string[]): string {
  const others = keys.length - 1;
  return `${jobs(keys.length)}, ${keys[0]}${others > 0 ? ` and ${count(others)} ${others === 1 ? "other" : "others"}` : ""}`;
}

/** Ends with a newline. */
export function formatVerb(chosen: Chosen, dryRun: boolean, { width }: { readonly width: number }): string {
  const { keys, did, would, none, passed } = chosen;
  const lines = passed.slice(0, SHOWN).map(({ key, why }) => `${key} ${why}`);
  if (passed.length > SHOWN) lines.push(`and ${count(passed.length - SHOWN)} more are passed over`);
  if (keys.length === 0) return [...lines, ...(passed.length === 0 ? [none] : []), ""].join("\n");
  lines.push(`${dryRun ? would : did}: ${jobsAndFirst(keys)}.`);
  if (dryRun && keys.length > 1) lines.push(...keys.slice(0, SHOWN).map((key) => `  ${key}`));
  if (dryRun && keys.length > SHOWN) lines.push(`  and ${count(keys.length - SHOWN)} more: --json lists all`);
  lines.push(...chosen.next().map((line) => hang("", line, width)));
  return [...lines, ...(dryRun ? ["Nothing was recorded."] : []), ""].join("\n");
}

export interface Recorded {
  readonly user: string;
  readonly reason: string;
  readonly recorded: boolean;
}

export function* verbObjects(verb: string, chosen: Chosen, { user, reason, recorded }: Recorded): Iterable<object> {
  const { keys, passed, about } = chosen;
  for (const key of keys) yield { type: verb, key, recorded, ...about?.(key) };
  for (const { key, why } of passed) yield { type: "passed-over", key, why };
  yield { type: "verb", verb, user, reason, jobs: keys.length, recorded };
}
