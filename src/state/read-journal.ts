// Reads all journals of a campaign root. The order of files never matters to the fold; within a file events come as written.
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Event } from "./events.ts";
import { eventsIn } from "./journal-file.ts";
import { readWriter, type WriterInfo } from "./journal-writers.ts";
import { emptyState, reduce, type State } from "./reduce.ts";
import { StringPool } from "./string-pool.ts";
import { errno } from "./write-error.ts";

export type { WriterInfo } from "./journal-writers.ts";

export interface Journals {
  /** Read from disk each time it is iterated. Throws state/journal-version. */
  readonly events: Iterable<Event>;
  /** Corrupt lines met so far: complete when `events` was iterated to its end, as `fold` does. */
  readonly problems: readonly Diagnostic[];
  readonly writers: readonly WriterInfo[];
  /** The state, read once. */
  fold(): Folded;
}

export interface Folded {
  readonly state: State;
  readonly problems: readonly Diagnostic[];
  readonly writers: readonly WriterInfo[];
}

export function readJournals(root: string): Journals {
  let problems: Diagnostic[] = [];
  let writers: WriterInfo[] | undefined;
  let folded: Folded | undefined;
  function* events(): Generator<Event> {
    problems = [];
    const pool = new StringPool();
    for (const file of journalFiles(root)) {
      yield* eventsIn(file, pool, (line) => problems.push(corruptLine(file, line)));
    }
  }
  const journals = {
    events: { [Symbol.iterator]: events },
    get problems() {
      return problems;
    },
    get writers() {
      return (writers ??= journalFiles(root).flatMap((file) => readWriter(file) ?? []));
    },
    fold(): Folded {
      if (folded) return folded;
      const state = emptyState();
      for (const event of events()) reduce(state, event);
      return (folded = { state, problems, writers: journals.writers });
    },
  };
  return journals;
}

function corruptLine(file: string, line: number): Diagnostic {
  const message = `${file}:${line} does not match its checksum; the lines before and after it were used`;
  return { code: "state/journal-corrupt", severity: "warning", message };
}

/** Absolute, in name order. No folder: no journals. */
export function journalFiles(root: string): string[] {
  const folder = join(root, "journal");
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".ndjson")).sort().map((name) => join(folder, name)); // prettier-ignore
  } catch (error) {
    if (errno(error) === "ENOENT") return [];
    throw error;
  }
}

/** Changes whenever any journal does: names, sizes and modification times, without reading them. */
export function journalFingerprint(root: string): string {
  const digest = createHash("sha256");
  for (const file of journalFiles(root)) {
    const { size, mtimeNs } = statSync(file, { bigint: true });
    digest.update(`${file.slice(root.length)}\0${size}\0${mtimeNs}\n`);
  }
  return digest.digest("hex").slice(0, 32);
}
