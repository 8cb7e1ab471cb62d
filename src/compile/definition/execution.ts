// How a stage is run: resources, retries, missing input, gates -> IR. Options that nothing would consume are refused.
import type {
  CheckpointIR,
  GateIR,
  InputIR,
  MissingInputIR,
  ResourcesIR,
  RetryIR,
  RunIR,
  StageIR,
} from "../../ir/stage.ts";
import { RECIPE_FIELDS } from "../../ir/job.ts";
import { type Reader, duration, inside, number, oneOf, onlyKnown, size, text } from "./reader.ts";
import { didYouMean } from "./suggest.ts";

export const JOB_TYPES = ["cpu_intensive", "gpu_intensive", "memory_intensive", "io_intensive", "balanced"] as const;
export const MODES = ["array", "pool"] as const;

export function resourcesIR(from: Reader): ResourcesIR {
  onlyKnown(from, ["jobType", "walltime", "memory", "cpus", "gpus", "nodes", "tasks"], "resources");
  const positive = (value: number | undefined, name: string) => {
    if (value === 0) from.report("compile/bad-definition", `${name} is zero`, [...from.at, name]);
    return value;
  };
  const values = {
    jobType: oneOf(from, "jobType", JOB_TYPES),
    walltime: positive(duration(from, "walltime"), "walltime"),
    memory: positive(size(from, "memory"), "memory"),
    cpus: number(from, "cpus", { min: 1, whole: true }),
    gpus: number(from, "gpus", { min: 0, whole: true }),
    nodes: number(from, "nodes", { min: 1, whole: true }),
    tasks: number(from, "tasks", { min: 1, whole: true }),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `resources` undefined: they depend on the point, so what they hold is not known here. */
export function retryIR(execution: Reader, run: RunIR, resources: ResourcesIR | undefined): RetryIR {
  const retry = inside(execution, "retry");
  onlyKnown(retry, ["attempts", "backoff", "exits", "escalate"], "retry");
  const attempts = number(retry, "attempts", { min: 1, max: 100, whole: true }) ?? 1;
  const backoff = inside(retry, "backoff");
  onlyKnown(backoff, ["initial", "factor", "max"], "backoff");
  const initial = duration(backoff, "initial") ?? 0;
  const factor = number(backoff, "factor", { min: 1 }) ?? 2;
  const max = duration(backoff, "max") ?? Math.max(initial, 3600);
  if (initial > max) backoff.report("compile/bad-definition", "backoff: initial is above max", backoff.at);
  const escalate = inside(retry, "escalate");
  onlyKnown(escalate, ["oom", "timeout"], "escalate");
  const oom = factorOf(escalate, "oom", "memory", resources);
  const timeout = factorOf(escalate, "timeout", "walltime", resources);
  const exits = exitsOf(retry, run);
  if (attempts === 1 && !Object.values(exits).some((tries) => tries > 1))
    for (const name of ["backoff", "escalate"])
      if (retry.fields[name] !== undefined)
        retry.report(
          "compile/unknown-option",
          `${name} has no effect with one attempt`,
          [...retry.at, name],
          "Raise attempts, or remove it.",
        );
  return {
    attempts,
    backoff: { initial, factor, max },
    ...(Object.keys(exits).length > 0 ? { exits } : {}),
    escalate: {
      ...(oom === undefined ? {} : { oom: { memory: oom } }),
      ...(timeout === undefined ? {} : { timeout: { walltime: timeout } }),
    },
  };
}

function exitsOf(retry: Reader, run: RunIR): Readonly<Record<string, number>> {
  if (retry.fields.exits === undefined) return {};
  const from = inside(retry, "exits");
  if (run.kind !== "command")
    from.report("compile/unknown-option", "exits has no effect on a task: it has no exit code", from.at, "Remove it.");
  const exits: Record<string, number> = {};
  for (const code of Object.keys(from.fields)) {
    const tries = number(from, code, { min: 1, max: 100, whole: true });
    if (!/^\d+$/.test(code) || Number(code) > 255)
      from.report(
        "compile/bad-definition",
        `exits: ${code} is not an exit code`,
        [...from.at, code],
        "Exit codes are 0 to 255.",
      );
    else if (run.kind === "command" && run.okExits.includes(Number(code)))
      from.report(
        "compile/unknown-option",
        `exits: ${code} is a success of this command`,
        [...from.at, code],
        "Remove it.",
      );
    else if (tries !== undefined) exits[code] = tries;
  }
  return exits;
}

const SIGNALS = ["USR1", "USR2", "TERM", "INT", "HUP"] as const;

/** `resources` undefined: they depend on the point. */
export function checkpointIR(
  execution: Reader,
  run: RunIR,
  resources: ResourcesIR | undefined,
): CheckpointIR | undefined {
  if (execution.fields.checkpoint === undefined) return undefined;
  const from = inside(execution, "checkpoint");
  onlyKnown(from, ["signal", "before", "exit"], "checkpoint");
  const signal = oneOf(from, "signal", SIGNALS) ?? "USR1";
  const before = duration(from, "before") ?? 120;
  const exit = number(from, "exit", { min: 1, max: 255, whole: true }) ?? 85;
  if (run.kind !== "command")
    from.report(
      "compile/unknown-option",
      "checkpoint has no effect on a task: it runs inside the worker and hears no signal",
      from.at,
      "Run a command, or remove it.",
    );
  else if (run.okExits.includes(exit))
    from.report(
      "compile/bad-definition",
      `exit code ${exit} means success (okExits) and cannot mean a checkpoint`,
      [...from.at, "exit"],
      "Agree on another exit code.",
    );
  if (before === 0) from.report("compile/bad-definition", "before is zero", [...from.at, "before"]);
  const walltime = resources?.walltime;
  if (walltime !== undefined && before >= walltime)
    from.report(
      "compile/bad-definition",
      `checkpoint: the warning is due ${before} s before the end of ${walltime} s (walltime)`,
      [...from.at, "before"],
      "Make before shorter than resources.walltime.",
    );
  return { signal, before, exit };
}

function factorOf(
  escalate: Reader,
  cause: "oom" | "timeout",
  what: "memory" | "walltime",
  resources: ResourcesIR | undefined,
): number | undefined {
  if (escalate.fields[cause] === undefined) return undefined;
  const rule = inside(escalate, cause);
  onlyKnown(rule, [what], `escalate.${cause}`);
  if (resources && resources[what] === undefined)
    escalate.report(
      "compile/unknown-option",
      `escalate.${cause} multiplies ${what}, which the stage does not declare`,
      rule.at,
      `Declare resources.${what}, or remove escalate.${cause}.`,
    );
  return number(rule, what, { above: 1, max: 100 }) ?? 1;
}

export function missingInputIR(execution: Reader, axes: readonly string[], inputs: readonly InputIR[]): MissingInputIR {
  if (execution.fields.missingInput === undefined) return { policy: "element", by: [] };
  const from = inside(execution, "missingInput");
  const policy = oneOf(from, "policy", ["element", "group", "quorum", "fail"]) ?? "element";
  onlyKnown(
    from,
    policy === "quorum" ? ["policy", "by", "fraction"] : policy === "group" ? ["policy", "by"] : ["policy"],
    `missingInput "${policy}"`,
  );
  if (!inputs.some((input) => input.kind !== "edge"))
    from.report(
      "compile/unknown-option",
      "missingInput has no effect: the stage has no external input",
      from.at,
      "Remove it; jobs wait for upstream jobs in any case.",
    );
  const raw = from.fields.by;
  const by = (Array.isArray(raw) ? raw : raw === undefined ? [] : [raw]) as string[];
  for (const name of by)
    if (!axes.includes(name))
      from.report(
        "compile/unknown-axis",
        `missingInput groups by ${name}, which is no axis of the stage`,
        [...from.at, "by"],
        didYouMean(String(name), axes, "axes"),
      );
  if ((policy === "group" || policy === "quorum") && by.length === 0)
    from.report("compile/bad-definition", `missingInput "${policy}" names no axis to group by`, from.at);
  const fraction = policy === "quorum" ? (number(from, "fraction", { above: 0, max: 1 }) ?? 1) : undefined;
  return { policy, by, ...(fraction === undefined ? {} : { fraction }) };
}

const POLICIES = ["rerun", "warn", "ignore"] as const;

/** A policy for a field that the stage does not have would never be asked. */
export function onChangeIR(execution: Reader, inputs: readonly InputIR[]): StageIR["onChange"] {
  if (execution.fields.onChange === undefined) return undefined;
  const from = inside(execution, "onChange");
  onlyKnown(from, RECIPE_FIELDS, "onChange");
  const edges = inputs.filter((input) => input.kind === "edge").length;
  const absent = { inputs: edges === inputs.length && "external input", upstream: edges === 0 && "upstream stage" };
  for (const [field, what] of Object.entries(absent))
    if (what && from.fields[field] !== undefined)
      from.report("compile/unknown-option", `onChange.${field} has no effect: the stage has no ${what}`, [...from.at, field], "Remove it: nothing would ask it."); // prettier-ignore
  const said = RECIPE_FIELDS.map((field) => [field, oneOf(from, field, POLICIES)] as const);
  return Object.fromEntries(said.filter(([, policy]) => policy !== undefined));
}

export function gatesIR(execution: Reader): GateIR[] {
  const gates = inside(execution, "gates");
  return Object.keys(gates.fields).map((name) => gateIR(inside(gates, name), name));
}

function gateIR(gate: Reader, name: string): GateIR {
  onlyKnown(gate, ["metric", "min", "max", "equals", "level", "description"], "a gate");
  const metric = text(gate, "metric") ?? "";
  const bounds = { min: number(gate, "min"), max: number(gate, "max"), equals: number(gate, "equals") };
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined);
  if (metric.trim() === "")
    gate.report(
      "compile/gate-metric",
      `gate ${name} names no metric`,
      gate.at,
      "Give the name of a metric the job emits.",
    );
  else if (given.length === 0) gate.report("compile/gate-metric", `gate ${name} has no threshold`, gate.at);
  if (bounds.min !== undefined && bounds.max !== undefined && bounds.min > bounds.max)
    gate.report(
      "compile/gate-metric",
      `gate ${name} can never pass: min is above max`,
      gate.at,
      "Exchange min and max.",
    );
  if (bounds.equals !== undefined && given.length > 1)
    gate.report("compile/gate-metric", `gate ${name} has equals and a bound`, gate.at, "Give equals, or min and max.");
  const description = text(gate, "description");
  return {
    name,
    metric,
    ...Object.fromEntries(given),
    level: oneOf(gate, "level", ["fail", "warn"]) ?? "fail",
    ...(description === undefined ? {} : { description }),
  };
}
