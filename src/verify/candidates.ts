// Which outputs are to be hashed, what is expected of them, and what the digests that were found say. Pure; the reading is threads.ts.
import type { SeenOutput } from "../plan/types.ts";
import type { EventOf } from "../state/events.ts";
import type { State } from "../state/reduce.ts";
import { digestOf } from "../state/verification.ts";
import { isWhole, type Judgement, type Roster, verdictAt } from "./judge.ts";
import type { Look } from "./looks.ts";

export interface Candidate {
  readonly row: number;
  readonly key: string;
  readonly attemptId: string;
  readonly name: string;
  /** Relative to the campaign root. */
  readonly path: string;
  readonly folder: boolean;
  /** As the listing has it, not the receipt. */
  readonly size: number;
  readonly mtime: string;
  /** Absent: nobody has recorded a digest. */
  readonly expected?: string;
}

export interface Candidates {
  readonly outputs: readonly Candidate[];
  /** Results with an output whose content nobody has recorded; looked at only when digests are to be recorded. */
  readonly undigested: number;
}

export interface Choice {
  readonly state: State;
  readonly roster: Roster;
  readonly judgement: Judgement;
  output(path: string): SeenOutput | undefined;
  /** Outputs without a digest, too. */
  readonly all: boolean;
}

/** In plan order: files of one folder are read one after the other. */
export function candidatesOf({ state, roster, judgement, output, all }: Choice): Candidates {
  const outputs: Candidate[] = [];
  let undigested = 0;
  for (let row = 0; row < roster.length; row++) {
    const { key, accepted, receipt } = roster[row] ?? {};
    if (!key || !accepted || !receipt || !isWhole(judgement.verdict[row]!)) continue;
    const { attemptId } = accepted;
    let unknown = false;
    for (const fact of receipt.outputs) {
      const { name, path } = fact;
      const seen = output(path);
      const expected = digestOf(state.digests, attemptId, fact);
      if (expected === undefined) unknown = true;
      if (!seen || (expected === undefined && !all)) continue;
      const { size, mtime, files } = seen;
      const head = { row, key, attemptId, name, path, folder: files !== undefined, size, mtime };
      outputs.push(expected === undefined ? head : { ...head, expected });
    }
    if (unknown) undigested += 1;
  }
  return { outputs, undigested };
}

/** What became of reading an output. */
export type Content =
  | { readonly sha256: string }
  /** It cannot be read; `gone`: it was there when we looked. */
  | { readonly unreadable: string; readonly gone: boolean };

/** `contents` by place in `outputs`; absent: not read. Outputs nobody expects anything of say nothing. */
export function contentLooks(outputs: readonly Candidate[], contents: readonly (Content | undefined)[]): Look[] {
  return outputs.flatMap(({ row, name, path, mtime: time, expected: old }, i): Look[] => {
    const content = contents[i];
    if (!content) return [];
    if (!("sha256" in content)) {
      const { gone, unreadable } = content;
      return [{ row, name, lost: gone ? { name, path, what: "missing" } : { name, path, what: "unreadable", new: unreadable } }]; // prettier-ignore
    }
    const { sha256 } = content;
    if (old === undefined) return [];
    const look = { row, name, about: "content" } as const;
    return [sha256 === old ? { ...look, time } : { ...look, wrong: { name, path, what: "content", old, new: sha256 } }];
  });
}

type Recorded = EventOf<"digests-recorded">["results"][number];

/** Digests of outputs that have none. What is not as its receipt says otherwise is not trusted on first use. */
export function freshDigests(
  outputs: readonly Candidate[],
  contents: readonly (Content | undefined)[],
  judgement: Judgement,
): Recorded[] {
  const results = new Map<string, Recorded & { outputs: { name: string; sha256: string }[] }>();
  outputs.forEach(({ row, key, attemptId, name, expected }, i) => {
    const content = contents[i];
    if (expected !== undefined || !content || !("sha256" in content) || verdictAt(judgement, row) !== "ok") return;
    const result = results.get(attemptId) ?? { key, attemptId, outputs: [] };
    result.outputs.push({ name, sha256: content.sha256 });
    results.set(attemptId, result);
  });
  return [...results.values()];
}

/** Results of another time all of whose outputs have the content that was recorded. */
export function sameContent(
  outputs: readonly Candidate[],
  contents: readonly (Content | undefined)[],
  judgement: Judgement,
): number {
  const rows = new Map<number, boolean>();
  outputs.forEach(({ row, expected }, i) => {
    if (verdictAt(judgement, row) !== "mtime") return;
    const content = contents[i];
    const same = expected !== undefined && content !== undefined && "sha256" in content && content.sha256 === expected;
    rows.set(row, same && (rows.get(row) ?? true));
  });
  return [...rows.values()].filter(Boolean).length;
}
