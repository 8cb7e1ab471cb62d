// Edges: which upstream rows a job needs, found by the values of the axes, never by position.
import type { InputIR, StageIR } from "../ir/stage.ts";
import type { Scalar } from "../ir/json.ts";
import type { InputColumn, StageTable } from "./table.ts";

export interface EdgeFault {
  readonly stage: string;
  readonly port: string;
  /** First job concerned, by index in its stage, and how many there are. */
  readonly index: number;
  readonly count: number;
}

type Edge = Extract<InputIR, { kind: "edge" }>;

/** Combined position of a job on some axes; a number as long as the product of the axes' lengths is one exactly. */
interface Place {
  readonly axes: readonly { readonly values: readonly Scalar[]; readonly coords: Uint32Array }[];
  readonly size: number;
}

export function edgeColumn(
  stage: StageIR,
  coords: readonly Uint32Array[],
  count: number,
  edge: Edge,
  source: StageTable,
  faults: EdgeFault[],
): InputColumn {
  const shared = source.stage.axes
    .map((axis, a) => ({ axis, coords: source.coords[a]! }))
    .filter(({ axis }) => !edge.over.includes(axis.name));
  const there: Place = placeOf(shared.map(({ axis, coords: column }) => ({ values: axis.values, coords: column })));
  const here = shared.map(({ axis }) => {
    const a = stage.axes.findIndex((own) => own.name === axis.name);
    const index = new Map(axis.values.map((value, i) => [value, i]));
    return {
      coords: coords[a]!,
      translate: Int32Array.from(stage.axes[a]!.values, (value) => index.get(value) ?? -1),
      size: axis.values.length,
    };
  });
  const wanted = (row: number): number => {
    let place = 0;
    for (const { coords: column, translate, size } of here) {
      const index = translate[column[row]!]!;
      if (index < 0) return -1;
      place = place * size + index;
    }
    return place;
  };
  const column =
    edge.join === "each" ? eachColumn(there, source, count, wanted) : groupColumn(there, source, count, wanted);
  if (column.missing > 0)
    faults.push({ stage: stage.name, port: edge.port, index: column.firstMissing, count: column.missing });
  return column.input;
}

interface Joined {
  readonly input: InputColumn;
  readonly missing: number;
  readonly firstMissing: number;
}

function eachColumn(there: Place, source: StageTable, count: number, wanted: (row: number) => number): Joined {
  const rows = lookup(there.size, source.count);
  for (let i = 0; i < source.count; i++) rows.set(placeAt(there, i), i);
  const row = new Uint32Array(count);
  let [missing, firstMissing] = [0, -1];
  for (let i = 0; i < count; i++) {
    const found = rows.get(wanted(i));
    if (found >= 0) row[i] = source.first + found;
    else if (missing++ === 0) firstMissing = i;
  }
  return { input: { kind: "each", row }, missing, firstMissing };
}

/** Members of a group stand in key order: axes alphabetically, numbers by size, text by code unit. Independent of any matrix order. */
function groupColumn(there: Place, source: StageTable, count: number, wanted: (row: number) => number): Joined {
  const numbers = lookup(there.size, source.count);
  const groupOf = new Uint32Array(source.count);
  let groups = 0;
  for (let i = 0; i < source.count; i++) {
    const place = placeAt(there, i);
    let number = numbers.get(place);
    if (number < 0) numbers.set(place, (number = groups++));
    groupOf[i] = number;
  }
  const starts = new Uint32Array(groups + 1);
  for (const group of groupOf) starts[group + 1]! += 1;
  for (let g = 0; g < groups; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice();
  const members = new Uint32Array(source.count);
  for (const i of keyOrder(source)) members[next[groupOf[i]!]!++] = source.first + i;

  const group = new Uint32Array(count);
  let [missing, firstMissing] = [0, -1];
  for (let i = 0; i < count; i++) {
    const number = numbers.get(wanted(i));
    if (number >= 0) group[i] = number;
    else if (missing++ === 0) firstMissing = i;
  }
  return { input: { kind: "group", group, starts, members }, missing, firstMissing };
}

/** Indexes of a stage's jobs in key order. */
export function keyOrder(stage: StageTable): Uint32Array {
  const axes = stage.stage.axes
    .map((axis, a) => ({ axis, coords: stage.coords[a]! }))
    .sort((a, b) => (a.axis.name < b.axis.name ? -1 : 1));
  const ranked = axes.map(({ axis, coords }) => ({ values: axis.values, coords, rank: ranks(axis.values) }));
  const place = new Float64Array(stage.count);
  for (let i = 0; i < stage.count; i++) {
    let at = 0;
    for (const { values, coords, rank } of ranked) at = at * values.length + rank[coords[i]!]!;
    place[i] = at;
  }
  return Uint32Array.from({ length: stage.count }, (_, i) => i).sort((a, b) => place[a]! - place[b]!);
}

function ranks(values: readonly Scalar[]): Uint32Array {
  const order = values.map((_, i) => i).sort((a, b) => compareScalars(values[a]!, values[b]!));
  const rank = new Uint32Array(values.length);
  order.forEach((index, place) => (rank[index] = place));
  return rank;
}

export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function placeOf(axes: Place["axes"]): Place {
  return { axes, size: axes.reduce((product, axis) => product * axis.values.length, 1) };
}

function placeAt(place: Place, index: number): number {
  let at = 0;
  for (const { values, coords } of place.axes) at = at * values.length + coords[index]!;
  return at;
}

/** Place -> number, -1 where there is none. An array where that is not wasteful, else a Map. */
function lookup(size: number, count: number): { get(place: number): number; set(place: number, value: number): void } {
  if (size <= Math.max(1024, count * 8)) {
    const dense = new Int32Array(size).fill(-1);
    return { get: (place) => (place < 0 ? -1 : dense[place]!), set: (place, value) => (dense[place] = value) };
  }
  const sparse = new Map<number, number>();
  return { get: (place) => sparse.get(place) ?? -1, set: (place, value) => sparse.set(place, value) };
}
