// A mapping from another layout: files whose names say which job they are of, `old/ph{realization:int}/mock_z{redshift}.hdf5`. Looks at no file.
import { isAbsolute, resolve } from "node:path";
import { parsePattern, type Pattern } from "../../author/pattern.ts";
import { Refusal } from "../../author/refuse.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { type JobTable, stageNamed, type StageTable } from "../../expand/table.ts";

export interface Mapping {
  readonly stage: StageTable;
  /** Position in stage.outputs. */
  readonly output: number;
  /** `mock.catalog` */
  readonly name: string;
  /** As given. */
  readonly text: string;
  /** Absolute: the folder above the first field. */
  readonly base: string;
  /** Of paths below `base`. */
  readonly pattern: Pattern;
  /** Parts of such a path. */
  readonly depth: number;
}

/** The n-th pattern is of the n-th output. Throws cli/usage, adopt/bad-mapping. */
export function mappingsOf(
  table: JobTable,
  cwd: string,
  from: readonly string[],
  outputs: readonly string[],
): Mapping[] {
  if (from.length !== outputs.length)
    fail({ code: "cli/usage", message: `--from and --output go in pairs: there are ${from.length} and ${outputs.length}`, remedy: "cmc adopt --from 'old/ph{realization}/mock.hdf5' --output mock.catalog" }); // prettier-ignore
  const mappings = from.map((text, i) => mappingOf(table, cwd, text, outputs[i]!));
  const twice = mappings.find(({ name }, i) => mappings.findIndex((other) => other.name === name) !== i);
  if (twice) fail({ code: "adopt/bad-mapping", message: `--output ${twice.name} is given twice` });
  return mappings;
}

function mappingOf(table: JobTable, cwd: string, text: string, name: string): Mapping {
  const { stage, output } = outputNamed(table, name);
  const parts = text.split("/").filter((part, i) => part !== "" || i === 0);
  const first = parts.findIndex((part) => part.includes("{"));
  const fixed = first < 0 ? parts.length - 1 : first;
  const folder = parts.slice(0, fixed).join("/");
  const base = isAbsolute(text) ? resolve("/", folder) : resolve(cwd, folder);
  const rest = parts.slice(fixed).join("/");
  const pattern = parsed(rest);
  const axes = stage.stage.axes.map((axis) => axis.name);
  const strange = pattern.fields.find((field) => !axes.includes(field.name));
  if (strange)
    fail({
      code: "adopt/bad-mapping",
      message: `--from ${text}: stage ${stage.stage.name} has no axis ${strange.name}`,
      remedy:
        axes.length > 0 ? `Its axes: ${axes.join(", ")}.` : "It has no axes: the pattern is the path of one file.",
    });
  return { stage, output, name, text, base, pattern, depth: rest.split("/").length };
}

function outputNamed(table: JobTable, name: string): { stage: StageTable; output: number } {
  const [stageName = "", outputName = ""] = name.split(".", 2);
  const stage = stageNamed(table, stageName);
  const output = stage?.stage.outputs.findIndex((one) => one.name === outputName) ?? -1;
  if (stage && output >= 0) return { stage, output };
  const known = table.stages.flatMap((one) => one.stage.outputs.map((each) => `${one.stage.name}.${each.name}`));
  return fail({ code: "adopt/bad-mapping", message: `--output ${name}: no stage has such an output`, remedy: `Outputs: ${known.join(", ")}.` }); // prettier-ignore
}

function parsed(text: string): Pattern {
  try {
    return parsePattern(text);
  } catch (error) {
    if (error instanceof Refusal) fail({ code: "adopt/bad-mapping", message: error.message, remedy: error.remedy });
    throw error;
  }
}
