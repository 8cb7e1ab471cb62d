// What a YAML file is: a production, the defaults of a machine, or something that is not imported. Looks at top-level keys only.
import type { YamlFile } from "./yaml-file.ts";

export type Kind = "production" | "machine" | "schema" | "other";

export function kindOf({ value }: YamlFile): Kind {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "other";
  const sections = value as Readonly<Record<string, unknown>>;
  const has = (name: string) => Object.hasOwn(sections, name);
  if (has("job_type_overrides")) return "machine";
  // A section of the schema describes itself: `type: object`.
  if (isSchema(sections["production"] ?? sections["campaign"] ?? sections["science"])) return "schema";
  if (["extends", "production", "campaign", "science"].some(has)) return "production";
  return has("resources") || has("execution") ? "machine" : "other";
}

function isSchema(section: unknown): boolean {
  const { type, properties } = (section ?? {}) as { type?: unknown; properties?: unknown };
  return type === "object" && typeof properties === "object";
}
