// JSON schema checks with ajv. Imported dynamically: ajv costs 38 ms to load and most jobs have no schema.
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Json } from "../../ir/json.ts";
import type { CheckFact } from "../../state/receipt.ts";

export interface JsonCheck {
  readonly output: string;
  readonly path: string;
  readonly schema: Json;
}

const compiled = new Map<string, ValidateFunction>();

/** A schema is compiled once a worker; jobs of a stage share it. */
function validator(schema: Json): ValidateFunction {
  const text = JSON.stringify(schema);
  let known = compiled.get(text);
  if (!known) {
    known = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(schema as object);
    compiled.set(text, known);
  }
  return known;
}

export function checkJson({ output, path, schema }: JsonCheck): CheckFact[] {
  const fact = (check: string, passed: boolean, message: string): CheckFact => ({ output, check, passed, message });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return [fact("json/parse", false, `is not JSON: ${(error as Error).message}`)];
  }
  let valid: ValidateFunction;
  try {
    valid = validator(schema);
  } catch (error) {
    return [fact("json/schema", false, `the schema itself is invalid: ${(error as Error).message}`)];
  }
  if (valid(value)) return [fact("json/parse", true, "is JSON"), fact("json/schema", true, "matches its schema")];
  return (valid.errors ?? [])
    .slice(0, 10)
    .map((error) => fact("json/schema", false, `${error.instancePath || "/"} ${error.message ?? error.keyword}`));
}
