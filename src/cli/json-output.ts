// Machine output: NDJSON whose first line names the format. Unknown fields and types may appear within a major version.
import { TOOL_VERSION } from "../ir/version.ts";
import type { Context } from "./context.ts";

export const FORMAT_VERSION = "1.0";

export function versionLine(command: string): string {
  return JSON.stringify({ type: "version", format: FORMAT_VERSION, tool: TOOL_VERSION, command });
}

export function printJson(context: Context, command: string, objects: Iterable<object>): void {
  context.out(`${versionLine(command)}\n`);
  for (const object of objects) context.out(`${JSON.stringify(object)}\n`);
}
