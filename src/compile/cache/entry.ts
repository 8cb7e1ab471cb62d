// One remembered compilation: a record (JSON: what it was computed from, IR, digest) and the job table (binary, loaded on first use).
import { readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, fail } from "../../diagnostics/diagnostic.ts";
import { type StageShape, columnsOf, shapeOfTable, stageFromColumns } from "../../expand/columns.ts";
import type { JobTable } from "../../expand/table.ts";
import type { CampaignIR } from "../../ir/campaign.ts";
import type { CodeEntry } from "../code/slice.ts";
import { prune, writeAtomically } from "./place.ts";
import { type Witness, holds } from "./witness.ts";

/** Raised when the record or the table's layout changes. */
export const CACHE_FORMAT = 1;

export interface Remembered {
  readonly ir: CampaignIR;
  readonly digest: string;
  readonly warnings: readonly Diagnostic[];
  readonly entries: Readonly<Record<string, CodeEntry>>;
}

interface Entry extends Remembered {
  readonly witness: Witness;
  readonly tableFile: string;
  readonly tableBytes: number;
  readonly shapes: readonly StageShape[];
  /** Length of every column, in order. */
  readonly lengths: readonly number[];
}

export function recall(folder: string, key: string): (Remembered & { readonly table: () => JobTable }) | undefined {
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
  const columns = what.table.stages.flatMap((stage) => columnsOf(stage).map(({ bytes }) => bytes));
  const tableFile = `${key}-${what.digest.slice(0, 16)}.table`;
  const parts = columns.flatMap((bytes) => [bytes, ZEROS.subarray(0, padding(bytes.byteLength))]);
  const tableBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const { ir, digest, warnings, entries, witness } = what;
  const entry: Entry = {
    ir,
    digest,
    warnings,
    entries,
    witness,
    tableFile,
    tableBytes,
    shapes: what.table.stages.map(shapeOfTable),
    lengths: columns.map((bytes) => bytes.byteLength),
  };
  // The table first: a record never names a table that is not there.
  if (writeAtomically(folder, tableFile, parts) && writeAtomically(folder, `${key}.json`, [JSON.stringify(entry)]))
    prune(folder);
}

const ZEROS = new Uint8Array(4);
const padding = (length: number) => (4 - (length % 4)) % 4;

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
  let column = 0;
  let at = 0;
  const next = () => {
    const length = entry.lengths[column++]!;
    const range = bytes.subarray(at, at + length);
    at += length + padding(length);
    return range;
  };
  const stages = entry.ir.stages.map((stage, i) => stageFromColumns(stage, entry.shapes[i]!, next));
  return { campaign: entry.ir, stages, count: stages.reduce((sum, stage) => sum + stage.count, 0) };
}

function touch(...paths: readonly string[]): void {
  try {
    const now = new Date();
    for (const path of paths) utimesSync(path, now, now);
  } catch {
    // A cache that can be read only.
  }
}
