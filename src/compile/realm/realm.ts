// The realm's side of the border: answers the host's questions with JSON text. Runs in a bare vm context, next to the campaign.
import type { Dimension } from "../../author/axis.ts";
import { type Given, give } from "../../author/given.ts";
import { ListingNeeded } from "../../author/listing.ts";
import { type Recorded, declarations } from "../../author/registry.ts";
import { Refusal } from "../../author/refuse.ts";
import { takenVariables } from "../../author/variable.ts";
import type { Scalar } from "../../ir/json.ts";
import { type RealmStage, chunkOf } from "./columns.ts";
import type { DescribedDimension, Description, Encoded, Problem } from "./protocol.ts";

type StageRecord = Extract<Recorded, { kind: "stage" }>;

declare global {
  /** Set by the host before the module runs; text. */
  var __cmcGiven: string | undefined;
  /** What the host calls afterwards. */
  var __cmc: {
    describe(): string;
    columns(stage: number, from: number, to: number): string;
    problem(error: unknown): string;
  };
}

globalThis.__cmc = { describe: () => "", columns: () => "", problem: (error) => JSON.stringify(problem(error)) };
if (globalThis.__cmcGiven !== undefined) give(JSON.parse(globalThis.__cmcGiven) as Given);

/** Called once the campaign module has run. */
export function openRealm(exported: unknown): void {
  const opened = new Map<number, RealmStage>();
  const guarded = (ask: () => object, extra: object = {}) => {
    try {
      return JSON.stringify(ask());
    } catch (error) {
      const { problem: what } = problem(error);
      return JSON.stringify({ problem: { ...what, ...extra } });
    }
  };
  const stageAt = (index: number) => {
    const record = stageRecords()[index]!;
    const stage = opened.get(index) ?? {
      record,
      dimensions: (record.identity.matrix ?? []).map((d) => d.points as object[]),
    };
    opened.set(index, stage);
    return stage;
  };
  globalThis.__cmc = {
    ...globalThis.__cmc,
    describe: () => guarded(() => describe(exported)),
    columns: (stage, from, to) => guarded(() => chunkOf(stageAt(stage), from, to), { stage }),
  };
}

function problem(error: unknown): Problem {
  if (typeof error !== "object" || error === null)
    return { problem: { name: "Error", message: String(error), stack: "" } };
  const { name, message, stack, row } = error as Error & { row?: number };
  return {
    problem: {
      name: String(name), message: String(message), stack: String(stack),
      ...(row === undefined ? {} : { row }),
      ...(error instanceof Refusal || isImpure(error) ? { code: error.code, remedy: error.remedy, at: error.at } : {}),
      ...(error instanceof ListingNeeded ? { listing: error.request } : {}),
    },
  }; // prettier-ignore
}

/** The prelude runs before any module and has no Refusal class; it marks its errors. */
function isImpure(error: object): error is Refusal {
  return (error as { code?: unknown }).code === "compile/impure";
}

function stageRecords(): StageRecord[] {
  return declarations().filter((d): d is StageRecord => d.kind === "stage" && d.identity.when !== false);
}

function describe(exported: unknown): Description {
  const stages = stageRecords();
  const all = declarations();
  const definition = (exported as { definition?: unknown } | undefined)?.definition;
  const campaign = all.find((d) => d.kind === "campaign" && d.definition === definition);
  const leftOut = new Set(all.flatMap((d) => (d.kind === "stage" && d.identity.when === false ? [d.made] : [])));
  const listedStages = ((definition as { stages?: unknown } | undefined)?.stages ?? []) as readonly unknown[];
  return {
    stages: stages.map((record) => ({
      identity: encode({ ...record.identity, matrix: undefined }),
      dimensions: (record.identity.matrix ?? []).map(describeDimension),
      data: encode(record.data),
      execution: encode(record.execution),
      stack: record.stack,
    })),
    variables: all.filter((d) => d.kind === "variable"),
    taken: [...takenVariables()].map(([name, { type, value }]) => ({ name, type, value })),
    listings: all.filter((d) => d.kind === "listing"),
    moved: all.flatMap((d) => (d.kind === "moved" ? [{ move: encode(d.move), stack: d.stack }] : [])),
    ...(campaign?.kind === "campaign"
      ? { campaign: { definition: encode({ ...campaign.definition, stages: [] }), stack: campaign.stack } }
      : {}),
    listed: Array.isArray(listedStages)
      ? listedStages
          .filter((stage) => !leftOut.has(stage as never))
          .map((stage) => stages.findIndex((record) => record.made === stage))
      : [],
  };
}

function describeDimension(dimension: Dimension<any>): DescribedDimension {
  const values = dimension.axes.map(() => new Map<Scalar, number>());
  const indexes = dimension.axes.map((axis, a) =>
    dimension.points.map((point) => {
      const value = (point as Record<string, Scalar>)[axis.name]!;
      const known = values[a]!.get(value);
      if (known !== undefined) return known;
      values[a]!.set(value, values[a]!.size);
      return values[a]!.size - 1;
    }),
  );
  return {
    axes: dimension.axes.map((axis, a) => ({ ...axis, values: [...values[a]!.keys()] })),
    count: dimension.points.length,
    indexes,
  };
}

/** As JSON, with a mark where something is none. `undefined` members are left out: an option given as undefined is not given. */
function encode(value: unknown, depth = 0): Encoded {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : { $: String(value) };
  if (typeof value !== "object") return { $: typeof value };
  if (depth > 60) return { $: "circle" };
  if (Array.isArray(value)) return value.map((item: unknown) => encode(item, depth + 1));
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype)
    return { $: (prototype.constructor as { name?: string } | undefined)?.name || "class instance" };
  const known = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(known.map(([name, member]) => [name, encode(member, depth + 1)]));
}
