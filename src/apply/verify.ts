// Receipts against the disk as a listing shows it: which results are as they were. Repairs nothing and reads no file; contents are verify-deep.ts.
import type { Compiled } from "../compile/compile.ts";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.ts";
import type { JobTable } from "../expand/table.ts";
import { jobsInFlight } from "../executors/cluster/in-flight.ts";
import { inProgress } from "../executors/cluster/run-file.ts";
import { startOutputListing } from "../observe/listing.ts";
import type { Records, Seen } from "../observe/records.ts";
import { journalFiles, readJournals } from "../state/read-journal.ts";
import type { JobState, State } from "../state/reduce.ts";
import { judge, type Judgement, type Roster, rosterOf } from "../verify/judge.ts";
import { type Stray, straysOf } from "../verify/strays.ts";
import { isLive } from "./planning.ts";

/** What was seen. */
export interface Survey {
  readonly table: JobTable;
  readonly root: string;
  readonly state: State;
  readonly roster: Roster;
  readonly records: Records;
  readonly judgement: Judgement;
  /** A run is in progress, here or on a cluster: only results nobody is at are judged. */
  readonly live: boolean;
  readonly problems: readonly Diagnostic[];
}

/** `wantedOf`: which rows are asked for; undefined: all. Throws state/no-journal. */
export async function survey(
  { root, table: tableOf }: Compiled,
  wantedOf: (table: JobTable) => Promise<((row: number) => boolean) | undefined>,
): Promise<Survey> {
  if (journalFiles(root).length === 0)
    return fail({ code: "state/no-journal", message: `${root} has no journal: nothing was applied there` });
  const live = isLive(root) || inProgress(root);
  // As for a plan: what is published between journals and listing has a receipt nobody has read.
  const before = live ? readJournals(root).fold() : undefined;
  const listing = startOutputListing(root);
  const table = tableOf();
  const wanted = await wantedOf(table);
  const { state, problems } = before ?? readJournals(root).fold();
  const roster = rosterOf(table, state);
  const { records } = await listing.finish();
  const output = (path: string): Seen | undefined => records.output(path);
  const evidence = { table, state, roster, output, ...(live ? { busy: busyIn(root, state) } : {}) };
  return { table, root, state, roster, records, judgement: judge(evidence, wanted), live, problems };
}

/** At work before the listing, after it, or in between. */
function busyIn(root: string, before: State): (key: string, job: JobState) => boolean {
  const { state: after } = readJournals(root).fold();
  const flights = jobsInFlight(root, after);
  return (key, job) => {
    const now = after.jobs.get(key);
    const another = now?.accepted?.attemptId !== job.accepted?.attemptId;
    return another || flights.has(key) || before.jobs.get(key)?.open !== undefined || now?.open !== undefined;
  };
}

export function strays({ table, state, roster, records }: Survey): Stray[] {
  return straysOf(table, state, roster, records);
}
