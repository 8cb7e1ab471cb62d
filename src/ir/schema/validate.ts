// Checks plain data against the JSON schemas beside this file. The validators are compiled ahead (scripts/assets.mjs): ajv is
// not loaded at run time. Shapes only: what refers to what is compile/'s business.

/** One violation: where (JSON pointer; "" is the whole) and what. */
export interface SchemaProblem {
  readonly at: string;
  readonly message: string;
}

/** Empty when `value` is a Campaign IR of this version. */
export async function validateIR(value: unknown): Promise<readonly SchemaProblem[]> {
  return problems((await import("./campaign.schema.json.validate")).default, value);
}

/** Empty when `value` is one parsed line of a batch file. */
export async function validateJobLine(value: unknown): Promise<readonly SchemaProblem[]> {
  return problems((await import("./job.schema.json.validate")).default, value);
}

/** Empty when `value` is a parsed bundle.json. */
export async function validateBundleIndex(value: unknown): Promise<readonly SchemaProblem[]> {
  return problems((await import("./bundle.schema.json.validate")).default, value);
}

type Validate = (typeof import("./campaign.schema.json.validate"))["default"];

function problems(validate: Validate, value: unknown): readonly SchemaProblem[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => ({ at: error.instancePath, message: describe(error) }));
}

function describe({ keyword, params, message }: NonNullable<Validate["errors"]>[number]): string {
  if (keyword === "additionalProperties") return `unknown field '${String(params["additionalProperty"])}'`;
  if (keyword === "enum") return `must be one of ${(params["allowedValues"] as unknown[]).join(", ")}`;
  if (keyword === "const") return `must be ${JSON.stringify(params["allowedValue"])}`;
  return message ?? keyword;
}
