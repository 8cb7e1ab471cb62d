// What people wrote down after they compared results with their receipts: doubts, and digests of content that had none. Both speak of an
// attempt by its id, so a later receipt leaves them behind, and the order of journals cannot matter.
import { compareText } from "./attempt.ts";
import type { EventOf } from "./events.ts";
import type { OutputFact } from "./receipt.ts";

type Result = EventOf<"results-verified">["results"][number];

/** The last word on a result: what is doubted, and what time outputs have that were restored. */
export interface Verified extends Pick<Result, "outputs" | "times"> {
  readonly at: number;
  readonly user: string;
}

/** By output name. */
export type RecordedDigests = Readonly<Record<string, { readonly sha256: string; readonly at: number }>>;

/** By attemptId; changed in place, as the maps of State are. */
export function addVerified(known: Map<string, Verified>, { at, user, results }: EventOf<"results-verified">): void {
  for (const { attemptId, outputs, times } of results) {
    const before = known.get(attemptId);
    const after = { at, user, outputs, ...(times ? { times } : {}) };
    if (!before || compareWords(before, after) < 0) known.set(attemptId, after);
  }
}

function compareWords(a: Verified, b: Verified): number {
  return a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b));
}

/** Who wrote down that a result is not what its receipt says. Absent: nobody, or it was found to be after all. */
export function doubtOf(known: ReadonlyMap<string, Verified>, attemptId: string | undefined): Verified | undefined {
  const last = attemptId === undefined ? undefined : known.get(attemptId);
  return last && last.outputs.length > 0 ? last : undefined;
}

type Words =
  Pick<EventOf<"results-verified">, "type" | "results"> | Pick<EventOf<"digests-recorded">, "type" | "results">;

/** What was said of a result, for the receipt that it gets under another name. `nameOf`: what its outputs are called there. */
export function carriedOver(
  {
    verified,
    digests,
  }: { readonly verified: ReadonlyMap<string, Verified>; readonly digests: ReadonlyMap<string, RecordedDigests> },
  from: string,
  to: { readonly key: string; readonly attemptId: string },
  nameOf: (output: string) => string,
): Words[] {
  const times = verified.get(from)?.times?.map(({ name, mtime }) => ({ name: nameOf(name), mtime }));
  const recorded = Object.entries(digests.get(from) ?? {}).map(([name, { sha256 }]) => ({
    name: nameOf(name),
    sha256,
  }));
  return [
    ...(times ? [{ type: "results-verified" as const, results: [{ ...to, outputs: [], times }] }] : []),
    ...(recorded.length > 0 ? [{ type: "digests-recorded" as const, results: [{ ...to, outputs: recorded }] }] : []),
  ];
}

/** An output as its receipt says; a time it has now and had when its content was proven is as good as that of the receipt. */
export function asVerified(fact: OutputFact, verified: Verified | undefined, mtime: string): OutputFact {
  const restored = verified?.times?.some((time) => time.name === fact.name && time.mtime === mtime);
  return restored ? { ...fact, mtime } : fact;
}

/** By attemptId. Trust on first use: the earliest digest counts. */
export function addDigests(digests: Map<string, RecordedDigests>, event: EventOf<"digests-recorded">): void {
  const { at, results } = event;
  for (const { attemptId, outputs } of results) {
    const merged = { ...digests.get(attemptId) };
    for (const { name, sha256 } of outputs) {
      const known = merged[name];
      const later = known && (known.at - at || compareText(known.sha256, sha256)) <= 0;
      if (!later) merged[name] = { sha256, at };
    }
    digests.set(attemptId, merged);
  }
}

/** The digest an output is compared with: of its receipt, else as it was recorded later. */
export function digestOf(
  digests: ReadonlyMap<string, RecordedDigests>,
  attemptId: string,
  output: { readonly name: string; readonly sha256?: string },
): string | undefined {
  return output.sha256 ?? (digests.size === 0 ? undefined : digests.get(attemptId)?.[output.name]?.sha256);
}
