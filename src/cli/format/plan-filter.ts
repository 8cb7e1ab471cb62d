// Filters of the command line: --stage mock --where realization=3000..3099,redshift=1.4 --reason code_changed. Alternatives of one
// axis are joined by `|` or by naming it again; different axes must all agree.
import { fail } from "../../diagnostics/diagnostic.ts";
import { stageOfRow, type JobTable } from "../../expand/table.ts";
import { keyValue } from "../../ir/key.ts";
import type { Scalar } from "../../ir/json.ts";
import { REASONS, type Reason } from "../../plan/types.ts";

export interface FilterOptions {
  readonly stage?: string;
  readonly where?: string;
  readonly reason?: string;
}

export interface Filter {
  /** As typed, for the title. */
  readonly text: string;
  /** By stage and point. */
  readonly row: (row: number) => boolean;
  /** Absent: any reason. */
  readonly reasons?: ReadonlySet<Reason>;
}

/** Undefined: no filter. Throws cli/bad-filter. */
export function parseFilter(table: JobTable, options: FilterOptions): Filter | undefined {
  const { stage, where, reason } = options;
  if (stage === undefined && where === undefined && reason === undefined) return undefined;
  const stages = stage === undefined ? undefined : new Set(names(stage).map((name) => knownStage(table, name)));
  const axes = where === undefined ? undefined : parseWhere(table, where);
  const tests = table.stages.map(({ stage: ir, coords, first }) => {
    if (stages && !stages.has(ir.name)) return () => false;
    const allowed = [...(axes ?? [])].map(([name, accepts]) => {
      const a = ir.axes.findIndex((axis) => axis.name === name);
      return a < 0 ? undefined : { coords: coords[a]!, accepted: ir.axes[a]!.values.map(accepts) };
    });
    if (allowed.some((one) => one === undefined)) return () => false;
    return (row: number) => allowed.every((one) => one!.accepted[one!.coords[row - first]!]);
  });
  return {
    text: [stage && `--stage ${stage}`, where && `--where ${where}`, reason && `--reason ${reason}`]
      .filter(Boolean)
      .join(" "),
    row: (row) => tests[table.stages.indexOf(stageOfRow(table, row))]!(row),
    ...(reason === undefined ? {} : { reasons: new Set(names(reason).map(knownReason)) }),
  };
}

/** Rows of a plan that pass, reasons included. */
export function wantedRows(
  filter: Filter | undefined,
  reasonOf: (row: number) => Reason,
): ((row: number) => boolean) | undefined {
  if (!filter) return undefined;
  const { row: passes, reasons } = filter;
  return reasons ? (row) => reasons.has(reasonOf(row)) && passes(row) : passes;
}

function names(text: string): string[] {
  return text.split(",").map((name) => name.trim()).filter(Boolean); // prettier-ignore
}

function knownStage(table: JobTable, name: string): string {
  const known = table.stages.map(({ stage }) => stage.name);
  if (known.includes(name)) return name;
  return fail({
    code: "cli/bad-filter",
    message: `--stage: there is no stage '${name}'`,
    remedy: `Stages: ${known.join(", ")}.`,
  });
}

function knownReason(name: string): Reason {
  const reason = REASONS.find((known) => known === name);
  return (
    reason ??
    fail({
      code: "cli/bad-filter",
      message: `--reason: there is no reason '${name}'`,
      remedy: `Reasons: ${REASONS.join(", ")}.`,
    })
  );
}

type Accepts = (value: Scalar) => boolean;

function parseWhere(table: JobTable, where: string): Map<string, Accepts> {
  const axes = new Set(table.stages.flatMap(({ stage }) => stage.axes.map((axis) => axis.name)));
  const clauses = new Map<string, Accepts[]>();
  for (const clause of splitClauses(where)) {
    const equals = clause.indexOf("=");
    const name = clause.slice(0, Math.max(0, equals)).trim();
    if (equals < 1)
      fail({
        code: "cli/bad-filter",
        message: `--where: '${clause}' is not AXIS=VALUE`,
        remedy: "Write --where realization=3000..3099,redshift=1.4.",
      });
    if (!axes.has(name))
      fail({
        code: "cli/bad-filter",
        message: `--where: there is no axis '${name}'`,
        remedy: `Axes: ${[...axes].join(", ")}.`,
      });
    const accepts = clause.slice(equals + 1).split("|").map((value) => acceptsValue(value.trim())); // prettier-ignore
    clauses.set(name, [...(clauses.get(name) ?? []), ...accepts]);
  }
  return new Map([...clauses].map(([name, any]) => [name, (value: Scalar) => any.some((accepts) => accepts(value))]));
}

/** At commas outside quotes. */
function splitClauses(where: string): string[] {
  return (where.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []).map((clause) => clause.trim());
}

/** A value as keys show it, or an inclusive range of numbers. */
function acceptsValue(text: string): Accepts {
  const range = /^(-?[\d.eE+-]+?)\.\.(-?[\d.eE+-]+)$/.exec(text);
  const [low, high] = [Number(range?.[1]), Number(range?.[2])];
  if (range && !Number.isNaN(low) && !Number.isNaN(high))
    return (value) => typeof value === "number" && value >= low && value <= high;
  const number = Number(text);
  return (value) =>
    String(value) === text ||
    keyValue(value) === text ||
    (typeof value === "number" && text !== "" && value === number);
}
