// A JobTable from a short description, for tests of what comes after expand/. Not the expansion itself.
import { TextColumn } from "../../src/expand/column.ts";
import { prefixStripper } from "../../src/expand/prefix.ts";
import { recipeColumns } from "../../src/expand/recipe.ts";
import type { InputColumn, JobTable, StageTable } from "../../src/expand/table.ts";
import type { CampaignIR } from "../../src/ir/campaign.ts";
import type {
  Compare,
  GateIR,
  InputIR,
  MissingInputIR,
  OutputIR,
  ResourcesIR,
  RetryIR,
  SizeIR,
  StageIR,
} from "../../src/ir/stage.ts";
import { canonicalJson, digest128 } from "../../src/ir/canonical.ts";
import type { Json, Scalar } from "../../src/ir/json.ts";

export type Point = Readonly<Record<string, Scalar>>;
type Of<T> = (point: Point) => T;

export type InputSpec =
  | { readonly file: Of<string>; readonly compare?: Compare; readonly version?: string; readonly optional?: boolean }
  | {
      readonly files: Of<readonly string[]>;
      readonly compare?: Compare;
      readonly version?: string;
      readonly optional?: boolean;
    }
  | { readonly each: string }
  | { readonly all: string; readonly over: readonly string[] }
  | { readonly quorum: string; readonly over: readonly string[]; readonly fraction: number };

export interface StageSpec {
  readonly name: string;
  readonly axes?: Readonly<Record<string, readonly Scalar[]>>;
  readonly filter?: Of<boolean>;
  readonly params?: Of<Json>;
  readonly argv?: Of<readonly string[]>;
  /** Output name -> path; `dirs` names those that are folders. */
  readonly outputs?: Readonly<Record<string, Of<string>>>;
  readonly dirs?: readonly string[];
  readonly sizes?: Readonly<Record<string, SizeIR>>;
  readonly inputs?: Readonly<Record<string, InputSpec>>;
  readonly code?: string;
  readonly entry?: string;
  readonly sources?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, Json>>;
  readonly node?: string;
  readonly resources?: ResourcesIR | Of<ResourcesIR>;
  readonly retry?: Partial<RetryIR>;
  readonly missingInput?: MissingInputIR;
  readonly onChange?: StageIR["onChange"];
  readonly batchSize?: number;
  readonly gates?: readonly GateIR[];
}

export function buildTable(stages: readonly StageSpec[], campaign: Partial<CampaignIR> = {}): JobTable {
  const built: { table: StageTable; points: Point[] }[] = [];
  let first = 0;
  for (const spec of stages) {
    const one = buildStage(spec, first, built);
    built.push(one);
    first += one.table.count;
  }
  const tables = built.map((one) => one.table);
  return {
    campaign: {
      irVersion: 1,
      name: "test",
      version: "v1",
      description: "",
      tags: [],
      base: "runs",
      variables: {},
      listings: [],
      stages: tables.map((t) => t.stage),
      execution: { batchSize: 100 },
      ...campaign,
    },
    stages: tables,
    count: first,
  };
}

type Built = readonly { readonly table: StageTable; readonly points: readonly Point[] }[];

function buildStage(spec: StageSpec, first: number, upstream: Built): { table: StageTable; points: Point[] } {
  const axes = Object.entries(spec.axes ?? {}).map(([name, values]) => ({ name, values }));
  const indices = product(axes.map((axis) => axis.values.length)).filter(
    (at) => !spec.filter || spec.filter(pointAt(axes, at)),
  );
  const points = indices.map((at) => pointAt(axes, at));
  const count = points.length;
  const outputs = spec.outputs ?? { out: (p: Point) => `${spec.name}/${Object.values(p).join("_") || "one"}.json` };
  const inputs = Object.entries(spec.inputs ?? {}).map(([port, input]) => ({
    ir: inputIR(port, input),
    column: inputColumn(input, points, upstream),
    input,
  }));
  const environment = spec.environment ?? {};
  const code = digest128(spec.code ?? "code of " + spec.name);
  const texts = points.map((p) => canonicalJson(spec.params?.(p) ?? {}));
  const argv = spec.argv ? points.map((p) => JSON.stringify(spec.argv!(p))) : undefined;
  const resources = spec.resources;
  const stage: StageIR = {
    name: spec.name,
    description: "",
    tags: [],
    axes,
    inputs: inputs.map(({ ir }) => ir),
    outputs: Object.keys(outputs).map((name): OutputIR => {
      const size = spec.sizes?.[name];
      return { kind: spec.dirs?.includes(name) ? "dir" : "file", name, ...(size ? { size } : {}) };
    }),
    run: spec.argv
      ? { kind: "command", env: {}, okExits: [0] }
      : { kind: "task", entry: spec.entry ?? `tasks/${spec.name}.ts#${spec.name}` },
    code: { digest: code, sources: Object.entries(spec.sources ?? {}).map(([path, digest]) => ({ path, digest })) },
    environment,
    ...(spec.node ? { node: spec.node } : {}),
    resources: typeof resources === "function" ? {} : (resources ?? {}),
    retry: { attempts: 3, backoff: { initial: 1, factor: 2, max: 60 }, escalate: {}, ...spec.retry },
    missingInput: spec.missingInput ?? { policy: "element", by: [] },
    gates: spec.gates ?? [],
    ...(spec.onChange ? { onChange: spec.onChange } : {}),
    ...(spec.batchSize ? { batchSize: spec.batchSize } : {}),
    definedAt: { file: "campaign.ts", line: 1 },
  };
  const table = {
    stage,
    first,
    count,
    coords: axes.map((_, a) => Uint32Array.from(indices, (at) => at[a]!)),
    params: column(texts),
    outputs: Object.values(outputs).map((path) => column(points.map(path))),
    inputs: inputs.map((i) => i.column),
    ...(argv ? { argv: column(argv) } : {}),
    ...(typeof resources === "function"
      ? { resources: column(points.map((p) => canonicalJson({ ...resources(p) } as Json))) }
      : {}),
  };
  const recipe = recipeColumns(table, upstream.map((one) => one.table), prefixStripper({})); // prettier-ignore
  return { table: { ...table, recipe }, points };
}

function inputIR(port: string, input: InputSpec): InputIR {
  if ("file" in input || "files" in input)
    return {
      kind: "file" in input ? "file" : "files",
      port,
      compare: input.compare ?? "stat",
      ...(input.version ? { version: input.version } : {}),
      optional: input.optional ?? false,
    };
  const [stage, output] = ("each" in input ? input.each : "all" in input ? input.all : input.quorum).split(".") as [
    string,
    string,
  ];
  if ("each" in input) return { kind: "edge", port, from: { stage, output }, join: "each", over: [] };
  if ("all" in input) return { kind: "edge", port, from: { stage, output }, join: "all", over: input.over };
  return { kind: "edge", port, from: { stage, output }, join: "quorum", over: input.over, fraction: input.fraction };
}

function inputColumn(input: InputSpec, points: readonly Point[], upstream: Built): InputColumn {
  if ("file" in input) return { kind: "paths", paths: column(points.map(input.file)) };
  if ("files" in input) return { kind: "paths", paths: column(points.map((p) => JSON.stringify(input.files(p)))) };
  const [name] = ("each" in input ? input.each : "all" in input ? input.all : input.quorum).split(".");
  const from = upstream.find((one) => one.table.stage.name === name)!;
  const over = "each" in input ? [] : input.over;
  const kept = from.table.stage.axes.map((axis) => axis.name).filter((axis) => !over.includes(axis));
  const label = (p: Point) => JSON.stringify(kept.map((axis) => p[axis]));
  const groups = new Map<string, number[]>();
  from.points.forEach((p, i) => {
    const rows = groups.get(label(p));
    if (rows) rows.push(from.table.first + i);
    else groups.set(label(p), [from.table.first + i]);
  });
  if ("each" in input) return { kind: "each", row: Uint32Array.from(points, (p) => groups.get(label(p))![0]!) };
  const names = new Map([...groups.keys()].map((name, g) => [name, g]));
  const starts = [0];
  for (const rows of groups.values()) starts.push(starts.at(-1)! + rows.length);
  return {
    kind: "group",
    group: Uint32Array.from(points, (p) => names.get(label(p))!),
    starts: Uint32Array.from(starts),
    members: Uint32Array.from([...groups.values()].flat()),
  };
}

function column(texts: readonly string[]): TextColumn {
  const built = TextColumn.create(texts.length);
  for (const text of texts) built.push(text);
  return built;
}

function product(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

function pointAt(axes: readonly { name: string; values: readonly Scalar[] }[], at: readonly number[]): Point {
  return Object.fromEntries(axes.map((axis, a) => [axis.name, axis.values[at[a]!]!]));
}
