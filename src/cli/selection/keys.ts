// Jobs named one by one: their rows, or a diagnostic that says what is wrong with the key. Standard input has one a line, as `cmc plan --list` prints them.
import { didYouMean } from "../../compile/definition/suggest.ts";
import { type Diagnostic, DiagnosticError, fail } from "../../diagnostics/diagnostic.ts";
import { JobFinder, type KeyFault } from "../../expand/find-job.ts";
import { type JobTable, keyOf } from "../../expand/table.ts";
import { typed } from "./typed.ts";
import { valuesText } from "./where.ts";

export interface NamedKey {
  readonly key: string;
  /** Of standard input, 1-based. Absent: an argument. */
  readonly line?: number;
}

const STDIN = "standard input";

/** Bare keys, or the objects of --json, of which those that have a key are taken. Empty lines mean nothing. */
export function keysIn(text: string): NamedKey[] {
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.trim();
    if (line === "") return [];
    if (!line.startsWith("{")) return [{ key: line, line: i + 1 }];
    const key = keyOfObject(line, i + 1);
    return key === undefined ? [] : [{ key, line: i + 1 }];
  });
}

function keyOfObject(line: string, number: number): string | undefined {
  const refuse = (message: string) => fail({ code: "cli/bad-keys", message, span: typed(STDIN, line, 0, line.length, number) }); // prettier-ignore
  let object: { type?: unknown; severity?: unknown; message?: unknown; key?: unknown };
  try {
    object = JSON.parse(line) as typeof object;
  } catch {
    return refuse("a line is neither a key nor a JSON object");
  }
  // Who was to write the keys has failed: what came before it is not all.
  if (object.type === "diagnostic" && object.severity === "error") refuse(`the keys come with an error: ${String(object.message)}`); // prettier-ignore
  return typeof object.key === "string" ? object.key : undefined;
}

/** Unknown keys shown before the rest is counted. */
const SHOWN = 5;

export interface NamedJobs {
  /** In the order named, once each. */
  readonly rows: readonly number[];
  readonly left: readonly string[];
}

/** Throws cli/unknown-job. `knows`: jobs that left the campaign and may be named. */
export function namedJobs(table: JobTable, named: readonly NamedKey[], knows?: (key: string) => boolean): NamedJobs {
  const finder = new JobFinder(table);
  const rows = new Set<number>();
  const left = new Set<string>();
  const unknown: (() => Diagnostic)[] = [];
  for (const one of named) {
    const found = finder.find(one.key);
    if (typeof found === "number") rows.add(found);
    else if (knows?.(one.key)) left.add(one.key);
    else unknown.push(() => unknownJob(table, one, found));
  }
  if (unknown.length > 0) {
    const shown = unknown.slice(0, SHOWN).map((make) => make());
    const more = unknown.length - shown.length;
    const rest: readonly Diagnostic[] = more === 0 ? [] : [{ code: "cli/unknown-job", severity: "error", message: `and ${more} more keys` }]; // prettier-ignore
    throw new DiagnosticError([...shown, ...rest]);
  }
  return { rows: [...rows], left: [...left] };
}

function unknownJob(table: JobTable, { key, line }: NamedKey, fault: KeyFault): Diagnostic {
  return {
    code: "cli/unknown-job",
    severity: "error",
    message: `the campaign has no job ${key}`,
    remedy: remedyOf(table, key, fault),
    ...(line === undefined ? {} : { span: typed(STDIN, key, 0, key.length, line) }),
  };
}

function remedyOf(table: JobTable, key: string, fault: KeyFault): string {
  const stages = table.stages.map(({ stage }) => stage.name);
  if (fault.what === "syntax") return `A key looks like ${keyOf(table.stages[0]!, 0)}; \`cmc plan --list -v\` prints all.`; // prettier-ignore
  if (fault.what === "stage")
    return `${didYouMean(fault.name, stages, "stages")} \`cmc plan --list -v\` prints all keys; there is no campaign of this name either.`; // prettier-ignore
  const { name } = fault.stage.stage;
  const like = `Its keys look like ${keyOf(fault.stage, 0)}; \`cmc plan --list -v --stage ${name}\` prints all.`;
  if (fault.what === "value") return `${valuesText(fault.axis.name, fault.text, fault.axis.values)} ${like}`;
  if (fault.what === "hole") return `The matrix of ${name} leaves this point out. ${like}`;
  if (key === name) return `${name} is a stage: --stage ${name} selects its jobs. ${like}`;
  const axes = fault.stage.stage.axes.map((axis) => axis.name);
  return axes.includes(fault.axis) ? `It does not say ${fault.axis}. ${like}` : `${didYouMean(fault.axis, axes, `axes of ${name}`)} ${like}`; // prettier-ignore
}
