// One remembered compilation: a record (JSON: what it was computed from, IR, digest) and the job table (binary, loaded on first use).
import { readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, fail } from "../../diagnostics/diagnostic.ts";
import type { JobTable } from "../../expand/table.ts";
import {
  aligned,
  columnReader,
  lengthOf,
  tableBytes,
  tableFromBytes,
  type TableIndex,
} from "../../expand/table-bytes.ts";
import type { CampaignIR } from "../../ir/campaign.ts";
import type { CodeEntry } from "../code/slice.ts";
import { prune, writeAtomically } from "./place.ts";
import { type Sources, sourcesOf, type Witness, holds } from "./witness.ts";

/** Raised when the record or the table's layout changes. */
export const CACHE_FORMAT = 2;

export interface Remembered {
  readonly ir: CampaignIR;
  readonly digest: string;
  readonly warnings: readonly Diagnostic[];
  readonly entries: Readonly<Record<string, CodeEntry>>;
}

interface Entry extends Remembered, TableIndex {
  readonly witness: Witness;
  readonly tableFile: string;
  readonly tableBytes: number;
}

interface Recalled extends Remembered {
  readonly table: () => JobTable;
  readonly sources: Sources;
}

export function recall(folder: string, key: string): Recalled | undefined {
  try {
    const path = join(folder, `${key}.json`);
    const entry = JSON.parse(readFileSync(path, "utf8")) as Entry;
    const tablePath = join(folder, entry.tableFile);
    if (statSync(tablePath, { throwIfNoEntry: false })?.size !== entry.tableBytes || !holds(entry.witness))
      return undefined;
    touch(path, tablePath);
    return {
      ir: entry.ir,
      digest: entry.digest,
      warnings: entry.warnings,
      entries: entry.entries,
      table: () => readTable(entry, tablePath),
      sources: sourcesOf(entry.witness),
    };
  } catch {
    // No record, or one of another time: compile.
    return undefined;
  }
}

export function remember(
  folder: string,
  key: string,
  what: Remembered & { readonly witness: Witness; readonly table: JobTable },
): void {
  const { index, columns } = tableBytes(what.table);
  const tableFile = `${key}-${what.digest.slice(0, 16)}.table`;
  const parts = aligned(columns);
  const { ir, digest, warnings, entries, witness } = what;
  const entry: Entry = {
    ir,
    digest,
    warnings,
    entries,
    witness,
    tableFile,
    tableBytes: parts.map(lengthOf).reduce((sum, length) => sum + length, 0),
    ...index,
  };
  // The table first: a record never names a table that is not there.
  if (writeAtomically(folder, tableFile, parts) && writeAtomically(folder, `${key}.json`, [JSON.stringify(entry)]))
    prune(folder);
}

function readTable(entry: Entry, path: string): JobTable {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return fail({
      code: "cli/internal",
      message: `the cached job table ${path} has gone (${(error as NodeJS.ErrnoException).code})`,
      remedy: "Run the command again.",
    });
  }
  return tableFromBytes(entry.ir, entry, columnReader(bytes, entry.lengths));
}

function touch(...paths: readonly string[]): void {
  try {
    const now = new Date();
    for (const path of paths) utimesSync(path, now, now);
  } catch {
    // A cache that can be read only.
  }
}
