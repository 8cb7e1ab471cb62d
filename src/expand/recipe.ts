// Recipe digests: one per job and field, so that a reason can name the field that moved. What is equal for neighbours is hashed once.
import { canonicalJson, digest128 } from "../ir/canonical.ts";
import type { InputIR } from "../ir/stage.ts";
import type { Recipe } from "../ir/job.ts";
import type { Json } from "../ir/json.ts";
import { DigestColumn } from "./column.ts";
import type { Stripper } from "./prefix.ts";
import type { InputColumn, RecipeColumns, StageTable } from "./table.ts";

export function recipeColumns(
  stage: Omit<StageTable, "recipe">,
  upstream: readonly StageTable[],
  strip: Stripper,
): RecipeColumns {
  const { count } = stage;
  const ir = stage.stage;
  const code = ir.code.digest;
  const environment = environmentDigest({
    environment: ir.environment,
    env: ir.run.kind === "command" ? ir.run.env : undefined,
  });
  const columns = {
    params: DigestColumn.create(count),
    inputs: DigestColumn.create(count),
    upstream: DigestColumn.create(count),
    digest: DigestColumn.create(count),
  };
  const [params, inputs, above] = [
    paramsDigest(stage, strip),
    inputsDigest(stage, strip),
    upstreamDigests(stage, upstream),
  ];
  for (let i = 0; i < count; i++) {
    const [p, n, u] = [params(i), inputs(i), above(i)];
    columns.params.set(i, p);
    columns.inputs.set(i, n);
    columns.upstream.set(i, u);
    columns.digest.set(i, recipeDigest({ params: p, code, inputs: n, environment, upstream: u }));
  }
  return { ...columns, code, environment };
}

/** Of all fields together. */
export function recipeDigest({ params, code, inputs, environment, upstream }: Omit<Recipe, "digest">): string {
  return digest128(`${params}${code}${inputs}${environment}${upstream}`);
}

/** `env`: of a command, as it is declared. */
export function environmentDigest({ environment, env }: DeclaredEnvironment): string {
  return digest128(canonicalJson(env ? { facts: environment, env } : { facts: environment }));
}

export interface DeclaredEnvironment {
  readonly environment: Readonly<Record<string, Json>>;
  readonly env: Readonly<Record<string, string>> | undefined;
}

/** The point counts as a parameter: a task sees it. Without it, an upstream job exchanged for a twin at another point would go unseen. */
function paramsDigest(stage: Omit<StageTable, "recipe">, strip: Stripper): (index: number) => string {
  const axes = stage.stage.axes.map((axis, a) => ({
    name: axis.name,
    texts: axis.values.map((v) => `${JSON.stringify(axis.name)}:${JSON.stringify(v)}`),
    coords: stage.coords[a]!,
  }));
  axes.sort((a, b) => (a.name < b.name ? -1 : 1));
  return (index) => {
    let text = "";
    for (const { texts, coords } of axes) text += `${texts[coords[index]!]!}\n`;
    return digest128(
      `${text}${strip.json(stage.params.at(index))}\n${stage.argv ? strip.json(stage.argv.at(index)) : ""}`,
    );
  };
}

/** Ports in alphabetical order: the order they are written in means nothing. How a change is noticed (`compare`) is no part of it. */
function inputsDigest(stage: Omit<StageTable, "recipe">, strip: Stripper): (index: number) => string {
  const ports = portsOf(stage);
  const declared = ports
    .map(
      ({ input }) =>
        `${input.port}:${input.kind}${input.kind === "edge" ? `:${input.join}` : input.optional ? ":optional" : ""}`,
    )
    .join("\n");
  const external = ports.flatMap(({ input, column }) =>
    column.kind === "paths" ? [{ many: input.kind === "files", paths: column.paths }] : [],
  );
  if (external.length === 0) {
    const constant = digest128(declared);
    return () => constant;
  }
  const shown = (text: string, many: boolean) =>
    many ? JSON.stringify((JSON.parse(text) as string[]).map((path) => strip.path(path))) : strip.path(text);
  return (index) =>
    digest128(`${declared}\n${external.map(({ many, paths }) => shown(paths.at(index), many)).join("\n")}`);
}

/** Name of an output in a digest. */
export type OutputName = (stage: string, output: string) => string;

const ASIS: OutputName = (_stage, output) => output;

/** Digest of what each job is made from, by the recipes that `upstream` has now. */
export function upstreamDigests(
  stage: Omit<StageTable, "recipe">,
  upstream: readonly StageTable[],
  nameOf = ASIS,
): (index: number) => string {
  const edges = portsOf(stage).flatMap(({ input, column }) =>
    input.kind === "edge" ? [edgeDigest(input, column, upstream, nameOf)] : [],
  );
  if (edges.length === 0) {
    const none = digest128("");
    return () => none;
  }
  return (index) => digest128(edges.map((edge) => edge(index)).join("\n"));
}

/**
 * Digest of one port: what it is called, which output it takes, and the recipes that made it. The upstream stage's name is no part of it: renaming
 * a stage changes nothing. A group is hashed once, however many jobs share it.
 */
function edgeDigest(
  input: Extract<InputIR, { kind: "edge" }>,
  column: InputColumn,
  upstream: readonly StageTable[],
  nameOf: OutputName,
): (index: number) => string {
  const source = upstream.find((table) => table.stage.name === input.from.stage)!;
  const name = `${input.port}=${nameOf(input.from.stage, input.from.output)}:`;
  const { digest } = source.recipe;
  if (column.kind === "each") return (index) => name + digest.at(Math.max(0, column.row[index]! - source.first));
  if (column.kind !== "group") throw new TypeError(`port ${input.port} has paths`);
  const groups: string[] = [];
  const groupDigest = (group: number): string => {
    const members = column.members.subarray(column.starts[group]!, column.starts[group + 1]!);
    const bytes = Buffer.allocUnsafe(members.length * 16);
    members.forEach((row, m) =>
      digest.bytes.copy(bytes, m * 16, (row - source.first) * 16, (row - source.first) * 16 + 16),
    );
    return digest128(bytes);
  };
  return (index) => name + (groups[column.group[index]!] ??= groupDigest(column.group[index]!));
}

function portsOf(stage: Omit<StageTable, "recipe">): { input: InputIR; column: InputColumn }[] {
  const ports = stage.stage.inputs.map((input, i) => ({ input, column: stage.inputs[i]! }));
  return ports.sort((a, b) => (a.input.port < b.input.port ? -1 : 1));
}
