// A described stage -> StageIR, all but its code fingerprint.
import type { AxisIR, InputIR, OutputIR, ResourcesIR, RunIR, StageIR } from "../../ir/stage.ts";
import { hasPlaceholder } from "../../ir/placeholder.ts";
import type { DescribedStage } from "../realm/protocol.ts";
import { type Defaults, inherit } from "./defaults.ts";
import { environmentIR } from "./environment.ts";
import { checkpointIR, gatesIR, missingInputIR, MODES, onChangeIR, resourcesIR, retryIR } from "./execution.ts";
import { type Shape, inputIR } from "./inputs.ts";
import { outputIR } from "./outputs.ts";
import {
  type Fields,
  type Reader,
  type Report,
  inside,
  isFunction,
  number,
  oneOf,
  onlyKnown,
  reader,
  shown,
  text,
  texts,
} from "./reader.ts";

export type StageDraft = Omit<StageIR, "code" | "definedAt"> & {
  /** Number of the traced task; undefined for a command. */
  readonly task?: number;
  /** Fields of resources and retry that are the campaign's. */
  readonly taken: ReadonlySet<string>;
  /** Commands: declared files of code. */
  readonly codeFiles: readonly string[];
};

export function nameOf(described: DescribedStage): string {
  return String((described.identity as Fields).name);
}

export function shapeOf(described: DescribedStage): Shape {
  return {
    axes: described.dimensions.flatMap((d) => d.axes.map((axis) => axis.name)),
    outputs: Object.keys(((described.data as Fields).outputs ?? {}) as Fields),
  };
}

export function stageDraft(
  described: DescribedStage,
  upstream: (stage: string) => Shape | undefined,
  entryOf: (task: number) => string,
  report: Report,
  defaults: Defaults,
): StageDraft {
  const identity = reader(described.identity, [], report);
  const data = reader(described.data, [], report);
  const execution = reader(described.execution, [], report);
  onlyKnown(identity, ["name", "matrix", "when", "description", "tags"], "a stage's identity");
  onlyKnown(data, ["inputs", "outputs"], "a stage's data");
  onlyKnown(
    execution,
    [
      "run",
      "resources",
      "retry",
      "checkpoint",
      "missingInput",
      "onChange",
      "gates",
      "environment",
      "batchSize",
      "mode",
    ],
    "a stage's execution",
  );

  const name = text(identity, "name") ?? "";
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name))
    report(
      "compile/bad-definition",
      `stage name ${shown(name)} is not allowed`,
      ["name"],
      "Use letters, digits, underscore and hyphen; begin with a letter.",
    );
  const own = shapeOf(described);
  const inputs = inside(data, "inputs");
  const ports = Object.keys(inputs.fields).map((port) => inputIR(inputs, port, own, upstream)).filter((input): input is InputIR => input !== undefined); // prettier-ignore
  const run = inside(execution, "run");
  const outputReader = inside(data, "outputs");
  const outputs = Object.keys(outputReader.fields)
    .map((output) => outputIR(outputReader, output, own.axes, paramNames(run)))
    .filter((output): output is OutputIR => output !== undefined);
  if (outputs.length === 0)
    report(
      "compile/bad-definition",
      `stage ${name} has no outputs`,
      ["outputs"],
      "A job without outputs leaves nothing behind: give it one.",
    );
  const pointwise = isFunction(execution.fields.resources);
  const ownResources = pointwise ? undefined : resourcesIR(inside(execution, "resources"));
  const batchSize = number(execution, "batchSize", { min: 1, max: 100_000, whole: true });
  const mode = oneOf(execution, "mode", MODES);
  const { runIR, task, codeFiles } = readRun(run, entryOf);
  const inherited = inherit(defaults, ownResources, execution, runIR);
  const resources = pointwise ? undefined : inherited.resources;
  const inheritedFields = Object.keys(inherited.resources).filter((field) => inherited.taken.has(field));
  const checkpoint = checkpointIR(execution, runIR, resources);
  const onChange = onChangeIR(execution, ports);
  return {
    name, run: runIR, codeFiles, ...(task === undefined ? {} : { task }),
    description: text(identity, "description") ?? "",
    tags: texts(identity, "tags") ?? [],
    axes: axesOf(described, report),
    inputs: ports, outputs,
    ...environmentIR(execution, runIR),
    resources: inherited.resources,
    ...(inheritedFields.length === 0 ? {} : { inherited: inheritedFields as (keyof ResourcesIR)[] }),
    taken: inherited.taken,
    retry: retryIR(inherited.execution, runIR, resources),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    missingInput: missingInputIR(execution, own.axes, ports),
    ...(onChange === undefined ? {} : { onChange }),
    gates: gatesIR(execution),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(mode === undefined ? {} : { mode }),
  }; // prettier-ignore
}

function axesOf(described: DescribedStage, report: Report): AxisIR[] {
  const axes = described.dimensions.flatMap((d) =>
    d.axes.map(({ name, values, unit }) => ({ name, values, ...(unit === undefined ? {} : { unit }) })),
  );
  const names = axes.map((axis) => axis.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    report("compile/bad-axis", `axis ${twice} stands twice in the matrix`, ["matrix"], "Each axis may be used once.");
  for (const axis of axes)
    if (axis.values.some((value) => typeof value === "string" && hasPlaceholder(value)))
      report(
        "compile/bad-axis",
        `axis ${axis.name} has a value with the private-use character U+E0C1 or U+E0C2`,
        ["matrix"],
        "Remove the character.",
      );
  return axes;
}

function readRun(
  run: Reader,
  entryOf: (task: number) => string,
): { runIR: RunIR; task?: number; codeFiles: readonly string[] } {
  if (run.fields.kind === "task") {
    const reference = run.fields.task as { $task?: number } | undefined;
    const task = reference?.$task;
    if (task === undefined)
      run.report("compile/task-reference", "the task's function cannot be traced to a module's top level", run.at);
    return {
      runIR: { kind: "task", entry: task === undefined ? "?" : entryOf(task) },
      ...(task === undefined ? {} : { task }),
      codeFiles: [],
    };
  }
  if (run.fields.kind !== "command")
    run.report("compile/bad-definition", "run is neither task(...) nor command(...)", run.at);
  const options = { ...inside(run, "options"), at: run.at };
  onlyKnown(options, ["code", "params", "env", "okExits"], "command(...)");
  const env = inside(options, "env").fields as Record<string, string>;
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || typeof value !== "string" || hasPlaceholder(value))
      run.report(
        "compile/bad-definition",
        `environment variable ${name} is ${shown(value)}`,
        [...run.at, "env", name],
        "Names are identifiers, values are text.",
      );
    if (name.startsWith("CMC_"))
      run.report(
        "compile/bad-definition",
        `environment variable ${name} is set by cmc itself`,
        [...run.at, "env", name],
        "Choose a name that does not begin with CMC_.",
      );
  }
  const okExits = (options.fields.okExits ?? [0]) as number[];
  if (
    !Array.isArray(okExits) ||
    okExits.length === 0 ||
    okExits.some((exit) => !Number.isInteger(exit) || exit < 0 || exit > 255)
  )
    run.report(
      "compile/bad-definition",
      `okExits is ${shown(okExits)}`,
      [...run.at, "okExits"],
      "Exit codes are whole numbers from 0 to 255.",
    );
  return { runIR: { kind: "command", env, okExits }, codeFiles: texts(options, "code") ?? [] };
}

/** Names of parameters that are the same for all jobs; undefined where they are computed. */
function paramNames(run: Reader): readonly string[] | undefined {
  const params = run.fields.kind === "task" ? run.fields.params : (inside(run, "options").fields.params ?? {});
  return isFunction(params) || typeof params !== "object" || params === null ? undefined : Object.keys(params);
}
