// Inputs that are compared by a declared version: another version is a change, size and time are none. A receipt from before the
// version was declared has none to compare: its job is kept, and the plan says so.
import type { StageTable } from "../expand/table.ts";
import type { FileFact } from "../state/receipt.ts";
import type { Draft } from "./draft.ts";
import type { ExternalPort } from "./external.ts";
import { grouped } from "./grouped.ts";
import { sameTime } from "./time.ts";

/** Complete jobs of a stage whose receipts record no version of an input that has one now. */
export interface Unversioned {
  jobs: number;
  /** Of them, those with a file of another size or time than the receipt says. */
  moved: number;
}

/** The version the campaign declares for a port of one job; undefined: the port is compared in another way. */
export function declaredVersion({ ir, column }: ExternalPort, index: number): string | undefined {
  return ir.compare === "version" ? (ir.version ?? column.versions?.at(index)) : undefined;
}

/** @param files facts of the receipt without a version, with the file as it is now */
export function noteUnversioned(
  draft: Draft,
  { stage }: StageTable,
  files: readonly { readonly before: FileFact; readonly now: FileFact }[],
): void {
  if (files.length === 0) return;
  const tally = draft.unversioned.get(stage.name) ?? { jobs: 0, moved: 0 };
  draft.unversioned.set(stage.name, tally);
  tally.jobs += 1;
  if (files.some(({ before, now }) => before.size !== now.size || !sameTime(before.mtime, now.mtime))) tally.moved += 1;
}

/** One line a stage. */
export function versionNotices(draft: Draft): string[] {
  return [...draft.unversioned].map(([stage, { jobs, moved }]) => {
    const kept = `${stage}: no version of its inputs was recorded for ${count(jobs)}; ${jobs === 1 ? "it is" : "they are"} kept.`;
    if (moved === 0) return kept;
    const which =
      moved === jobs
        ? jobs === 1
          ? "Its files"
          : "The files of all of them"
        : `The files of ${grouped(moved)} of them`;
    return `${kept} ${which} have another size or time than then: if the data are others, \`cmc apply --replace ${stage}\` makes them again.`;
  });
}

function count(jobs: number): string {
  return jobs === 1 ? "1 job" : `${grouped(jobs)} jobs`;
}
