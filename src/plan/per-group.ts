// Questions about the upstream jobs of a job, asked once a group: forty thousand jobs may share one fan-in of two thousand.
import { type InputColumn, upstreamRows } from "../expand/table.ts";

export function perGroup<T>(column: InputColumn, ask: (rows: Uint32Array) => T): (index: number) => T {
  if (column.kind !== "group") return (index) => ask(upstreamRows(column, index));
  const answers = new Map<number, T>();
  return (index) => {
    const group = column.group[index]!;
    if (!answers.has(group)) answers.set(group, ask(upstreamRows(column, index)));
    return answers.get(group)!;
  };
}
