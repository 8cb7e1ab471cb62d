// Finding jobs by their keys. A key is taken apart into stage and axis values and looked up; it is never compared with a million others.
import type { AxisIR } from "../ir/stage.ts";
import { keyValue } from "../ir/key.ts";
import { type JobTable, stageNamed, type StageTable } from "./table.ts";

/** Why a key names no job. */
export type KeyFault =
  | { readonly what: "syntax" }
  | { readonly what: "stage"; readonly name: string }
  /** It does not name exactly the axes of the stage; `axis`: one that the stage does not have, or that is missing. */
  | { readonly what: "axes"; readonly stage: StageTable; readonly axis: string }
  | { readonly what: "value"; readonly stage: StageTable; readonly axis: AxisIR; readonly text: string }
  /** Its values are all there; the matrix leaves this combination out. */
  | { readonly what: "hole"; readonly stage: StageTable };

export class JobFinder {
  private readonly stages = new Map<string, StageFinder>();

  constructor(private readonly table: JobTable) {}

  /** Global row. Axes may stand in any order, numbers may be written otherwise (2.0), and a shell may have eaten the quotes. */
  find(key: string): number | KeyFault {
    const parts = parseKey(key);
    if (!parts) return { what: "syntax" };
    const stage = this.stage(parts.stage);
    return stage ? stage.find(parts.values) : { what: "stage", name: parts.stage };
  }

  private stage(name: string): StageFinder | undefined {
    const known = this.stages.get(name);
    if (known) return known;
    const stage = stageNamed(this.table, name);
    if (!stage) return undefined;
    const finder = new StageFinder(stage);
    this.stages.set(name, finder);
    return finder;
  }

  /** As `find`, for who has no use for the fault. */
  row(key: string): number | undefined {
    const found = this.find(key);
    return typeof found === "number" ? found : undefined;
  }
}

interface KeyParts {
  readonly stage: string;
  /** Axis -> text of its value, as written. */
  readonly values: ReadonlyMap<string, string>;
}

const PART = /\s*([^=,"]+?)\s*=\s*("(?:[^"\\]|\\.)*"|[^,"]*?)\s*(?:,|$)/y;

function parseKey(key: string): KeyParts | undefined {
  const match = /^([^[\]]+)(?:\[(.*)\])?$/s.exec(key.trim());
  if (!match) return undefined;
  const [, stage, body = ""] = match;
  const values = new Map<string, string>();
  PART.lastIndex = 0;
  for (let at = 0; at < body.length; at = PART.lastIndex) {
    const part = PART.exec(body);
    if (!part || values.has(part[1]!)) return undefined;
    values.set(part[1]!, part[2]!);
  }
  return { stage: stage!.trim(), values };
}

/** So many lookups are cheaper than an index of all rows. */
const SCANS = 8;

class StageFinder {
  private readonly values: readonly ReadonlyMap<string, number>[];
  private readonly sizes: readonly number[];
  private readonly exact: boolean;
  private lookups = 0;
  private rows: Map<number | string, number> | undefined;

  constructor(private readonly stage: StageTable) {
    const { axes } = stage.stage;
    this.values = axes.map((axis) => new Map(axis.values.map((value, i) => [keyValue(value), i])));
    this.sizes = axes.map((axis) => axis.values.length);
    this.exact = Number.isSafeInteger(this.sizes.reduce((product, size) => product * size, 1));
  }

  find(values: ReadonlyMap<string, string>): number | KeyFault {
    const { stage } = this;
    const { axes } = stage.stage;
    const strange = [...values.keys()].find((name) => !axes.some((axis) => axis.name === name));
    const missing = axes.find((axis) => !values.has(axis.name));
    if (strange !== undefined || missing) return { what: "axes", stage, axis: strange ?? missing!.name };
    const point: number[] = [];
    for (const [a, axis] of axes.entries()) {
      const text = values.get(axis.name)!;
      const index = valueIndex(this.values[a]!, text);
      if (index === undefined) return { what: "value", stage, axis, text };
      point.push(index);
    }
    const index = ++this.lookups > SCANS ? this.indexed(point) : this.scanned(point);
    return index === undefined ? { what: "hole", stage } : stage.first + index;
  }

  private scanned(point: readonly number[]): number | undefined {
    const { coords, count } = this.stage;
    for (let i = 0; i < count; i++) if (point.every((index, a) => coords[a]![i] === index)) return i;
    return undefined;
  }

  private indexed(point: readonly number[]): number | undefined {
    const { coords, count } = this.stage;
    if (!this.rows) {
      this.rows = new Map();
      for (let i = 0; i < count; i++)
        this.rows.set(
          this.place((a) => coords[a]![i]!),
          i,
        );
    }
    return this.rows.get(this.place((a) => point[a]!));
  }

  /** One number for all coordinates; text where no number is exact. */
  private place(coordinate: (axis: number) => number): number | string {
    if (!this.exact) return this.sizes.map((_, a) => coordinate(a)).join();
    let place = 0;
    for (let a = 0; a < this.sizes.length; a++) place = place * this.sizes[a]! + coordinate(a);
    return place;
  }
}

function valueIndex(values: ReadonlyMap<string, number>, text: string): number | undefined {
  const number = text === "" ? Number.NaN : Number(text);
  return values.get(text) ?? values.get(JSON.stringify(text)) ?? (Number.isNaN(number) ? undefined : values.get(String(number))); // prettier-ignore
}
