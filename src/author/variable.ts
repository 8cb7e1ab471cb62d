// Campaign variables: the few values a module takes from outside, declared and typed. Set by --set, environment or file.
import type { Json } from "../ir/json.ts";
import { given, givenVariable } from "./given.ts";
import { record } from "./registry.ts";
import { refuse } from "./refuse.ts";

export interface VariableDeclaration {
  readonly name: string;
  readonly type: "string" | "number" | "boolean" | "path" | "choice";
  readonly description: string;
  readonly default?: Json;
  readonly choices?: readonly string[];
}

interface Common {
  readonly description?: string;
}

/** A value from outside: `cmc plan --set name=value`, `CMC_VAR_NAME=value`, or a YAML file (`--vars FILE`). Without a default it must be given. */
export function variable<const C extends string>(
  name: string,
  options: Common & { readonly choices: readonly C[]; readonly default?: NoInfer<C> },
): C;
export function variable(
  name: string,
  options: Common & { readonly type: "number"; readonly default?: number },
): number;
export function variable(
  name: string,
  options: Common & { readonly type: "boolean"; readonly default?: boolean },
): boolean;
/** `path`: made absolute; a given one is relative to the working directory, a default to the campaign's folder. Moving the folder alone reruns nothing. */
export function variable(
  name: string,
  options?: Common & { readonly type?: "string" | "path"; readonly default?: string },
): string;
export function variable(
  name: string,
  options: Common & {
    readonly type?: VariableDeclaration["type"];
    readonly choices?: readonly string[];
    readonly default?: Json;
  } = {},
): Json {
  const type = options.choices ? "choice" : (options.type ?? "string");
  const { description = "", choices } = options;
  record({
    kind: "variable", name, type, description,
    ...(choices ? { choices } : {}),
    ...(options.default === undefined ? {} : { default: options.default }),
  }); // prettier-ignore
  const outside = givenVariable(name);
  const value = outside ?? options.default;
  if (value === undefined)
    refuse(
      "compile/variable-missing",
      `variable ${name} is not set${description ? ` (${description})` : ""}`,
      `Give it: --set ${name}=VALUE, CMC_VAR_${name.toUpperCase()}=VALUE, or in a file by --vars.`,
    );
  const converted = convert(name, type, choices, value);
  const folder = outside === undefined ? given().campaignDir : given().cwd;
  const resolved = type === "path" ? absolute(folder, converted as string) : converted;
  taken.set(name, { type, value: resolved });
  return resolved;
}

/** Values the module has taken, by name: the host asks afterwards. */
const taken = new Map<string, { readonly type: VariableDeclaration["type"]; readonly value: Json }>();

export function takenVariables(): ReadonlyMap<
  string,
  { readonly type: VariableDeclaration["type"]; readonly value: Json }
> {
  return taken;
}

/** As node:path resolve on POSIX; there is no node:path where this runs. */
function absolute(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function convert(
  name: string,
  type: VariableDeclaration["type"],
  choices: readonly string[] | undefined,
  value: Json,
): Json {
  if (type === "choice") {
    if (typeof value === "string" && choices!.includes(value)) return value;
    return wrong(name, value, `one of ${choices!.join(", ")}`);
  }
  if (type === "number") {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : wrong(name, value, "a number");
  }
  if (type === "boolean")
    return value === true || value === "true"
      ? true
      : value === false || value === "false"
        ? false
        : wrong(name, value, "true or false");
  return typeof value === "string" ? value : wrong(name, value, "text");
}

function wrong(name: string, value: Json, expected: string): never {
  return refuse(
    "compile/variable-invalid",
    `variable ${name} is ${JSON.stringify(value)}; expected ${expected}`,
    `Give ${expected}: --set ${name}=VALUE.`,
  );
}
