// A folder with YAML files for one test, and what import makes of them or says about them.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { type Diagnostic, DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { importFiles, type ImportOptions, type ImportResult } from "../../../src/import/import.ts";

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cmc-import-")));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The shortest production there is; `more` replaces whole sections. */
export function production(more: Readonly<Record<string, string>> = {}): string {
  const sections = {
    production: "{ name: tiny, version: v1.0, description: a production for a test }",
    science: "{ cosmology: AbacusSummit, redshifts: [1.0], realizations: { start: 0, count: 2 } }",
    execution: "{ job_type: balanced, batch_size: 10, timeout_hours: 1.0 }",
    outputs: "{ base_path: /data }",
    ...more,
  };
  return Object.entries(sections)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

export const MACHINE = "resources: { account: m1, tasks_per_node: 1 }\njob_type_overrides: {}\n";

export async function imported(
  files: Readonly<Record<string, string>>,
  sources: readonly string[] = ["tiny.yaml"],
  options: Partial<ImportOptions> = {},
): Promise<ImportResult> {
  return importFiles(sources, { cwd: folderOf({ "nersc.defaults.yaml": MACHINE, ...files }), ...options });
}

/** Text of the module, and of the profile. */
export async function made(
  files: Readonly<Record<string, string>>,
  options: Partial<ImportOptions> = {},
): Promise<{ module: string; profile: string; warnings: readonly string[] }> {
  const { imported: all, warnings } = await imported(files, ["tiny.yaml"], options);
  const [profile, module] = [...all[0]!.files.values()];
  return { module: module!, profile: profile!, warnings: warnings.map(shown) };
}

export async function faults(
  files: Readonly<Record<string, string>>,
  options: Partial<ImportOptions> = {},
): Promise<readonly Diagnostic[]> {
  try {
    await imported(files, ["tiny.yaml"], options);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
}

/** `unknown-key tiny.yaml:3:5+8 message` */
export function shown({ code, message, span }: Diagnostic): string {
  const at = span ? `${span.file}:${span.line}:${span.column}+${span.length} ` : "";
  return `${code.replace("import/", "")} ${at}${message}`;
}
