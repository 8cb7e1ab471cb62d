// A job table as stretches of bytes and back: what the compile cache and saved plans keep of it. No files; no copies.
import type { CampaignIR } from "../ir/campaign.ts";
import { columnsOf, shapeOfTable, stageFromColumns, type StageShape } from "./columns.ts";
import type { JobTable } from "./table.ts";

/** What has to be known to read the bytes again, beside the IR. */
export interface TableIndex {
  readonly shapes: readonly StageShape[];
  /** Length of every column, in order. */
  readonly lengths: readonly number[];
}

export interface TableBytes {
  readonly index: TableIndex;
  readonly columns: readonly Uint8Array[];
}

export function tableBytes(table: JobTable): TableBytes {
  const columns = table.stages.flatMap((stage) => columnsOf(stage).map(({ bytes }) => bytes));
  return { index: { shapes: table.stages.map(shapeOfTable), lengths: columns.map(lengthOf) }, columns };
}

/** `next` gives the columns in their order, as columnReader does. */
export function tableFromBytes(ir: CampaignIR, { shapes }: TableIndex, next: () => Buffer): JobTable {
  const stages = ir.stages.map((stage, i) => stageFromColumns(stage, shapes[i]!, next));
  return { campaign: ir, stages, count: stages.reduce((sum, stage) => sum + stage.count, 0) };
}

/** Each column begins at a multiple of four bytes: it may be read as numbers where it lies. */
export function aligned(columns: readonly Uint8Array[]): readonly Uint8Array[] {
  return columns.flatMap((bytes) => [bytes, ZEROS.subarray(0, padding(bytes.byteLength))]);
}

/** Inverse of aligned: one column a call. */
export function columnReader(bytes: Buffer, lengths: readonly number[]): () => Buffer {
  let column = 0;
  let at = 0;
  return () => {
    const length = lengths[column++]!;
    const range = bytes.subarray(at, at + length);
    at += length + padding(length);
    return range;
  };
}

export const lengthOf = ({ byteLength }: Uint8Array): number => byteLength;

const ZEROS = new Uint8Array(4);
const padding = (length: number): number => (4 - (length % 4)) % 4;
