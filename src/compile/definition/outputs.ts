// Outputs of a stage: declarations -> IR. What makes a file valid is checked for sense here and against the file in validators/.
import type { AttributeCheckIR, DatasetCheckIR, Hdf5ChecksIR, OutputIR, SizeIR } from "../../ir/stage.ts";
import type { Json } from "../../ir/json.ts";
import { type Reader, flag, inside, number, onlyKnown, oneOf, shown, size, texts } from "./reader.ts";
import { plainJson } from "./plain-json.ts";
import { didYouMean } from "./suggest.ts";

const DTYPES = ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "str"] as const;

/** `paramNames`: names an echo of `params.` may use; undefined where parameters are a function of the point. */
export function outputIR(
  outputs: Reader,
  name: string,
  axes: readonly string[],
  paramNames: readonly string[] | undefined,
): OutputIR | undefined {
  const output = inside(outputs, name);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    outputs.report("compile/bad-definition", `output name ${shown(name)} is not an identifier`, output.at);
  const kind = oneOf(output, "kind", ["hdf5", "json", "file", "dir"]);
  const options = { ...inside(output, "options"), at: output.at };
  const bounds = sizeIR(options);
  const digest = flag(options, "digest");
  const common = { name, ...(bounds ? { size: bounds } : {}), ...(digest === undefined ? {} : { digest }) };
  switch (kind) {
    case "hdf5":
      onlyKnown(options, ["datasets", "attributes", "exact", "size", "digest"], "hdf5(...)");
      return { kind, ...common, checks: hdf5Checks(options, axes, paramNames) };
    case "json":
      onlyKnown(options, ["schema", "size", "digest"], "json(...)");
      return {
        kind,
        ...common,
        ...(options.fields.schema === undefined
          ? {}
          : { schema: plainJson(inside(options, "schema"), "schema") as Json }),
      };
    case "file":
    case "dir": {
      onlyKnown(options, ["size", "check", "digest"], `${kind}(...)`);
      const check = texts(options, "check");
      if (check?.length === 0)
        options.report("compile/bad-definition", "check is an empty command", [...options.at, "check"]);
      return { kind, ...common, ...(check ? { check } : {}) };
    }
    default:
      return undefined;
  }
}

function sizeIR(options: Reader): SizeIR | undefined {
  if (options.fields.size === undefined) return undefined;
  const bounds = inside(options, "size");
  onlyKnown(bounds, ["min", "max"], "size");
  const [min, max] = [size(bounds, "min"), size(bounds, "max")];
  if (min !== undefined && max !== undefined && min > max)
    options.report("compile/bad-definition", "size: min is above max", bounds.at);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function hdf5Checks(options: Reader, axes: readonly string[], paramNames: readonly string[] | undefined): Hdf5ChecksIR {
  const datasets = inside(options, "datasets");
  const attributes = inside(options, "attributes");
  return {
    datasets: Object.fromEntries(
      Object.keys(datasets.fields).map((path) => [path, datasetCheck(inside(datasets, path))]),
    ),
    attributes: Object.fromEntries(
      Object.keys(attributes.fields).map((name) => [name, attributeCheck(attributes, name, axes, paramNames)]),
    ),
    exact: flag(options, "exact") ?? false,
  };
}

function datasetCheck(check: Reader): DatasetCheckIR {
  onlyKnown(check, ["dtype", "shape", "finite", "range", "optional"], "a dataset check");
  const dtype = oneOf(check, "dtype", DTYPES);
  const { shape, finite: rawFinite } = check.fields;
  const goodShape =
    Array.isArray(shape) &&
    shape.every((n) => (typeof n === "number" ? Number.isSafeInteger(n) && n >= 0 : typeof n === "string" && n !== ""));
  if (shape !== undefined && !goodShape)
    check.report("compile/bad-definition", `shape is ${shown(shape)}; expected extents: whole numbers or symbols`, [
      ...check.at,
      "shape",
    ]);
  const finite = rawFinite === true ? 1 : rawFinite === false ? undefined : number(check, "finite", { min: 0, max: 1 });
  const range = check.fields.range === undefined ? undefined : inside(check, "range");
  const [min, max] = range ? [number(range, "min"), number(range, "max")] : [];
  if (range && min === undefined && max === undefined)
    check.report("compile/bad-definition", "range has neither min nor max", range.at);
  if (min !== undefined && max !== undefined && min > max)
    check.report("compile/bad-definition", "range: min is above max", range!.at);
  if (dtype === "str" && (finite !== undefined || range))
    check.report("compile/unknown-option", "a dataset of strings has no finite share or range", check.at);
  const optional = flag(check, "optional");
  return {
    ...(dtype ? { dtype } : {}),
    ...(goodShape ? { shape: shape as (number | string)[] } : {}),
    ...(finite === undefined ? {} : { finite }),
    ...(range ? { range: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) } } : {}),
    ...(optional === undefined ? {} : { optional }),
  };
}

function attributeCheck(
  attributes: Reader,
  name: string,
  axes: readonly string[],
  paramNames: readonly string[] | undefined,
): AttributeCheckIR {
  const value = attributes.fields[name];
  if (value === true) return { exists: true };
  if (typeof value === "string" || typeof value === "number") return { equals: value };
  const check = inside(attributes, name);
  const echo = String(check.fields.echo);
  const param = echo.startsWith("params.") ? echo.slice(7).split(".")[0]! : undefined;
  if (param === undefined && !axes.includes(echo))
    check.report(
      "compile/unknown-axis",
      `attribute ${name} echoes ${echo}, which is no axis of the stage`,
      check.at,
      didYouMean(echo, [...axes, ...(paramNames ?? []).map((p) => `params.${p}`)], "values to echo"),
    );
  if (param !== undefined && paramNames && !paramNames.includes(param))
    check.report(
      "compile/unknown-option",
      `attribute ${name} echoes ${echo}, which is no parameter of the stage`,
      check.at,
      didYouMean(param, paramNames, "parameters"),
    );
  return { echo, tolerance: number(check, "tolerance", { min: 0 }) ?? 1e-9 };
}
