// Calls a stage's functions of the point, for many rows at once, and returns columns of text. Runs in the realm.
import type { ExternalInput, Input } from "../../author/input.ts";
import type { Output } from "../../author/output.ts";
import type { Recorded } from "../../author/registry.ts";
import { refuse } from "../../author/refuse.ts";
import { type CommandRun, type TaskRun, commandScope } from "../../author/run.ts";
import { canonical } from "./canonical.ts";
import type { Chunk } from "./protocol.ts";

export interface RealmStage {
  readonly record: Extract<Recorded, { kind: "stage" }>;
  readonly dimensions: readonly (readonly object[])[];
}

export function chunkOf(stage: RealmStage, from: number, to: number): Chunk {
  const { data, execution } = stage.record;
  const run = execution.run as TaskRun<never, never, never> | CommandRun<never, never, never>;
  const rawParams: unknown = run.kind === "task" ? run.params : (run.options.params ?? {});
  const outputs = Object.entries((data.outputs ?? {}) as Record<string, Output<unknown>>);
  const inputs = Object.entries((data.inputs ?? {}) as Record<string, Input<unknown, unknown>>);
  const points = pointsOf(stage.dimensions, from, to);
  const column = (compute: (point: object) => string) => rows(points, from, compute);
  const paramsAt = ["run", "params"];
  return {
    ...(typeof rawParams === "function"
      ? { params: column((point) => canonical((rawParams as (p: object) => unknown)(point), "params", paramsAt)) }
      : { constantParams: canonical(rawParams, "params", paramsAt) }),
    outputs: outputs.map(([name, output]) =>
      column((point) => text(output.path(point), `output ${name}`, ["outputs", name])),
    ),
    paths: inputs.map(([port, input]) =>
      input.kind === "edge" ? "" : column(externalPaths(port, input as ExternalInput<unknown, unknown>)),
    ),
    versions: inputs.map(([port, input]) => {
      const version = versionOf(input);
      return version ? column((point) => versionText(version(point), port)) : "";
    }),
    ...(run.kind === "command" ? { argv: column(argvOf(run, inputs, outputs)) } : {}),
    ...(typeof execution.resources === "function"
      ? { resources: column(resourcesOf(execution.resources as (p: object) => unknown)) }
      : {}),
  };
}

function externalPaths(port: string, input: ExternalInput<unknown, unknown>): (point: object) => string {
  const at = ["inputs", port];
  if (input.kind === "file") return (point) => text(input.path(point), `input ${port}`, at);
  return (point) => {
    const paths = input.path(point);
    if (!Array.isArray(paths))
      refuse("compile/bad-definition", `input ${port} is no list of paths`, "Return an array of paths.", at);
    return JSON.stringify((paths as unknown[]).map((path) => text(path, `input ${port}`, at)));
  };
}

/** Undefined: there is none, or one for all. */
function versionOf(input: Input<unknown, unknown>): ((point: object) => unknown) | undefined {
  const compare = input.kind === "edge" ? undefined : (input as ExternalInput<unknown, unknown>).options.compare;
  const version = typeof compare === "object" ? compare.version : undefined;
  return typeof version === "function" ? version : undefined;
}

function versionText(version: unknown, port: string): string {
  if (typeof version === "string" && version.trim() !== "" && !version.includes("\n")) return version;
  const what = typeof version === "string" ? JSON.stringify(version) : typeof version;
  return refuse("compile/bad-definition", `the version of input ${port} is ${what}`, "Return one line of text.", [
    "inputs",
    port,
  ]);
}

function argvOf(
  run: CommandRun<never, never, never>,
  inputs: readonly [string, Input<unknown, unknown>][],
  outputs: readonly [string, unknown][],
): (point: object) => string {
  const ports = inputs.map(([name, input]) => ({
    name,
    many: input.kind === "files" || (input.kind === "edge" && (input as { join?: string }).join !== "each"),
  }));
  const names = outputs.map(([name]) => name);
  return (point) => {
    const argv: unknown = run.argv(commandScope(point, ports, names) as never);
    if (!Array.isArray(argv) || argv.length === 0)
      refuse(
        "compile/bad-definition",
        "the command has no arguments",
        "Return an array: the program and its arguments.",
        ["run"],
      );
    return JSON.stringify((argv as unknown[]).map((argument, i) => commandArgument(argument, i)));
  };
}

function commandArgument(argument: unknown, i: number): string {
  if (typeof argument === "string") return argument;
  if (typeof argument === "boolean" || (typeof argument === "number" && Number.isFinite(argument)))
    return String(argument);
  const fanIn = typeof argument === "object" && argument !== null && "each" in argument;
  const remedy = fanIn
    ? "Use inputs.PORT.each (one argument a path) or inputs.PORT.list (a file of paths)."
    : "Arguments are text, numbers or booleans.";
  return refuse(
    "compile/not-json",
    `argument ${i} of the command is ${fanIn ? "a fan-in" : String(argument)}`,
    remedy,
    ["run"],
  );
}

function resourcesOf(resources: (point: object) => unknown): (point: object) => string {
  return (point) => canonical(dropUndefined(resources(point)), "resources", ["resources"]);
}

function dropUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

function text(value: unknown, what: string, at: readonly string[]): string {
  if (typeof value !== "string")
    refuse("compile/bad-path", `the path of ${what} is ${typeof value}, not text`, "Return the path as a string.", at);
  if (value.includes("\n"))
    refuse("compile/bad-path", `the path of ${what} contains a line break`, "Use no control characters in paths.", at);
  return value;
}

function rows(points: readonly object[], from: number, compute: (point: object) => string): string {
  const out: string[] = [];
  let row = from;
  try {
    for (const point of points) {
      out.push(compute(point));
      row += 1;
    }
  } catch (error) {
    if (typeof error === "object" && error !== null) (error as { row?: number }).row = row;
    throw error;
  }
  return out.join("\n");
}

/** Points of rows from..to of the product; a fresh object each, not the axis' own. */
function pointsOf(dimensions: readonly (readonly object[])[], from: number, to: number): object[] {
  const out: object[] = [];
  for (let row = from; row < to; row++) {
    let rest = row;
    const parts: object[] = [];
    for (let d = dimensions.length - 1; d >= 0; d--) {
      const points = dimensions[d]!;
      parts.push(points[rest % points.length]!);
      rest = Math.floor(rest / points.length);
    }
    out.push(
      parts.length === 1
        ? { ...parts[0] }
        : parts.length === 2
          ? { ...parts[1], ...parts[0] }
          : (Object.assign({}, ...parts.reverse()) as object),
    );
  }
  return out;
}
