// One YAML file against the schema of its kind: unknown keys and bad values, each where it stands. What is missing: production.ts.
import { didYouMean } from "../compile/definition/suggest.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import machineSchema from "./machine.schema.json";
import productionSchema from "./production.schema.json";
import type { Path, YamlFile } from "./yaml-file.ts";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Keys of the first design, and other words people reach for: what says the same in a production. */
const MEANT: Readonly<Record<string, string>> = {
  template: "Write `extends: FILE.yaml` at the top.",
  templates: "Write `extends: FILE.yaml` at the top.",
  inherits: "Write `extends: FILE.yaml` at the top.",
  "execution.max_retries": "Write it below execution.retry_policy.",
  "execution.retry_backoff": "Write execution.retry_policy.backoff_multiplier: 2.0.",
  "execution.walltime": "Write execution.timeout_hours, in hours.",
  "resources.job_type": "Write execution.job_type.",
  "resources.memory_requirement": "Write resources.memory_gb, in gigabytes a node.",
  "resources.timeout_hours": "Write execution.timeout_hours.",
  "resources.qos": "Write it into the site profile that is made beside the module: queue.qos.",
  "science.snapshots": "Remove it: the list of redshifts says how many there are.",
  "science.simulation_suite": "Write science.cosmology.",
  "outputs.naming_scheme": "Write outputs.structure: hierarchical or flat.",
};

export async function checkFile(file: YamlFile, kind: "production" | "machine"): Promise<Diagnostic[]> {
  const [schema, { default: validate }] =
    kind === "production"
      ? [productionSchema as Schema, await import("./production.schema.json.validate")]
      : [machineSchema as Schema, await import("./machine.schema.json.validate")];
  if (validate(file.value)) return [];
  const seen = new Set<string>();
  return (validate.errors ?? []).flatMap(({ instancePath, keyword, params }) => {
    const path = instancePath.split("/").slice(1).map((name) => (/^\d+$/.test(name) ? Number(name) : name)); // prettier-ignore
    const unknown = keyword === "additionalProperties" ? String(params["additionalProperty"]) : undefined;
    const id = `${instancePath} ${unknown ?? ""}`;
    if (seen.has(id)) return [];
    seen.add(id);
    return [unknown === undefined ? badValue(file, schema, path) : unknownKey(file, schema, path, unknown)];
  });
}

function unknownKey(file: YamlFile, schema: Schema, path: Path, key: string): Diagnostic {
  const known = Object.keys(schemaAt(schema, path).properties ?? {});
  const where = path.length > 0 ? `'${path.join(".")}'` : file.name;
  return {
    code: "import/unknown-key",
    severity: "error",
    message: `${where} has an unknown key '${key}'`,
    span: file.keySpan([...path, key]),
    remedy: MEANT[[...path, key].join(".")] ?? didYouMean(key, known, "keys"),
  };
}

function badValue(file: YamlFile, schema: Schema, path: Path): Diagnostic {
  const value = path.reduce<unknown>((inside, name) => (inside as Record<string | number, unknown>)[name], file.value);
  const expected = schemaAt(schema, path).description ?? "what is expected there";
  const where = path.length > 0 ? `'${path.join(".")}'` : file.name;
  return {
    code: "import/bad-value",
    severity: "error",
    message: `${where} is ${shown(value)}, not ${expected}`,
    span: file.span(path),
  };
}

function schemaAt(schema: Schema, path: Path): Schema {
  return path.reduce<Schema>(
    (inside, name) => (typeof name === "number" ? inside.items : inside.properties?.[name]) ?? {},
    schema,
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
