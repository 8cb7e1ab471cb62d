// Lock files among the environment facts: their content takes the place of their name. The files are part of what a compilation saw.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Json } from "../../ir/json.ts";
import type { StageDraft } from "../definition/stage.ts";
import type { Locator } from "../source/locator.ts";

type Facts = Readonly<Record<string, Json>>;

export interface LockFiles {
  /** By stage. */
  readonly environments: ReadonlyMap<string, Facts>;
  /** Absolute. */
  readonly inputs: readonly string[];
  readonly problems: readonly Diagnostic[];
}

export function lockFiles(
  stages: readonly (StageDraft & { readonly stack: string })[],
  folder: string,
  find: Locator,
): LockFiles {
  const inputs = new Set<string>();
  const problems: Diagnostic[] = [];
  const environments = new Map<string, Facts>();
  for (const { name, environment, stack } of stages) {
    const digestOf = (path: string, at: readonly string[]): string => {
      const file = resolve(folder, path);
      try {
        const digest = `sha256:${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
        inputs.add(file);
        return digest;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "that is a folder" : message;
        const span = find.locate(stack, at);
        problems.push({
          code: "compile/lock-file",
          severity: "error",
          message: `stage ${name} declares the lock file ${path}, and ${why}`,
          ...(span ? { span } : {}),
        });
        return "";
      }
    };
    environments.set(name, read(environment, ["environment"], digestOf) as Facts);
  }
  return { environments, inputs: [...inputs], problems };
}

/** The same facts, lock files read, wherever they stand. */
function read(fact: Json, at: readonly string[], digestOf: (path: string, at: readonly string[]) => string): Json {
  if (typeof fact !== "object" || fact === null) return fact;
  if (Array.isArray(fact)) return (fact as readonly Json[]).map((item) => read(item, at, digestOf));
  const { kind, path, ...more } = fact as Facts;
  if (kind === "lock-file" && typeof path === "string" && Object.keys(more).length === 0) return digestOf(path, at);
  return Object.fromEntries(
    Object.entries(fact).map(([name, value]) => [name, read(value as Json, [...at, name], digestOf)]),
  );
}
