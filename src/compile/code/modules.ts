// Stage modules of a bundle: one self-contained ES module per task stage, whose default export is the task.
import { buildCode } from "./build.ts";
import type { CodeEntry } from "./slice.ts";

export async function stageModules(
  entries: Readonly<Record<string, CodeEntry>>,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(entries).sort();
  if (names.length === 0) return new Map();
  const { outputFiles } = await buildCode(names.map((name) => entries[name]!), folder, "bundle"); // prettier-ignore
  return new Map(
    names.map((name, i) => [name, outputFiles.find((file) => file.path.endsWith(`/task-${i}.mjs`))!.text]),
  );
}
