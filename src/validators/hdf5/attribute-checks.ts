// Checks of one attribute: there, a value, or the echo of what the job was asked for.
import type { AttributeCheckIR } from "../../ir/stage.ts";
import type { Json, Scalar } from "../../ir/json.ts";
import type { Finding } from "./checks.ts";
import type { InspectingReader } from "./reader.ts";

/** `name` of the root, or `group/name@attribute`. */
export function attributeCheck(
  file: InspectingReader,
  name: string,
  expected: AttributeCheckIR,
  point: Readonly<Record<string, Scalar>>,
  params: Json,
): Finding {
  const at = name.lastIndexOf("@");
  const owner = at < 0 ? "/" : name.slice(0, at) || "/";
  const attribute = at < 0 ? name : name.slice(at + 1);
  const fail = (check: string, message: string): Finding => ({
    check,
    passed: false,
    message: `attribute ${name} ${message}`,
  });
  const pass = (check: string, message: string): Finding => ({
    check,
    passed: true,
    message: `attribute ${name} ${message}`,
  });

  if (!file.has(owner)) return fail("hdf5/attribute", `is missing: ${owner} is not there`);
  if (!file.attributeNames(owner).includes(attribute)) return fail("hdf5/attribute", "is missing");
  if ("exists" in expected) return pass("hdf5/attribute", "is there");
  let value: number | bigint | string;
  try {
    value = file.attribute(owner, attribute)!;
  } catch (error) {
    return fail("hdf5/attribute", (error as Error).message);
  }
  if ("equals" in expected) {
    const same = agree(value, expected.equals, 0);
    return same
      ? pass("hdf5/equals", `is ${show(value)}`)
      : fail("hdf5/equals", `is ${show(value)}, must be ${show(expected.equals)}`);
  }
  const asked = lookUp(expected.echo, point, params);
  if (asked === undefined) return fail("hdf5/echo", `cannot be compared: the job has no ${expected.echo}`);
  const same = agree(value, asked, expected.tolerance);
  return same
    ? pass("hdf5/echo", `echoes ${expected.echo} = ${show(asked)}`)
    : fail("hdf5/echo", `is ${show(value)}, but the job was asked for ${expected.echo} = ${show(asked)}`);
}

/** `redshift` or `params.cosmology.h`. */
function lookUp(path: string, point: Readonly<Record<string, Scalar>>, params: Json): Scalar | undefined {
  if (!path.startsWith("params.")) return Object.hasOwn(point, path) ? point[path] : undefined;
  let at: Json | undefined = params;
  for (const part of path.split(".").slice(1)) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as Readonly<Record<string, Json>>)[part];
  }
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? at : undefined;
}

/** Numbers within a relative tolerance; text byte for byte. Booleans are stored as 0 and 1. */
function agree(value: number | bigint | string, asked: Scalar, tolerance: number): boolean {
  if (typeof asked === "string" || typeof value === "string") return value === asked;
  const [a, b] = [Number(value), Number(asked)];
  return a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}

function show(value: number | bigint | string | boolean): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
