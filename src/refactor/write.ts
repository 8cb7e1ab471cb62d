// Puts edited modules on disk: all of them, or none. Refuses where one has changed since it was read.
import { chmodSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";
import { faultPoint } from "../state/fault.ts";
import { syncFolder, writeDurably } from "../state/replace-file.ts";
import { refuseWrite } from "../state/write-error.ts";
import type { Renamed } from "./rename.ts";

const LEFT = "No module was changed.";

export function writeModules({ before, after }: Renamed): void {
  const files = [...after.keys()];
  const temporary = (file: string) => `${file}.${process.pid}.tmp`;
  const done: string[] = [];
  let at = "";
  try {
    for (const file of files) {
      at = file;
      const mark = markOf(file, before.get(file)!);
      writeDurably(temporary(file), mark + after.get(file)!);
      chmodSync(temporary(file), statSync(file).mode);
    }
    faultPoint("mv/written");
    for (const file of files) {
      renameSync(temporary((at = file)), file);
      done.push(file);
    }
    for (const folder of new Set(files.map(dirname))) syncFolder(folder);
  } catch (error) {
    for (const file of files) discard(temporary(file));
    for (const file of done) restore(file, before.get(file)!);
    refuseWrite(error, at, LEFT);
  }
}

/** The byte order mark that a module begins with, which no parser sees. */
function markOf(file: string, text: string): string {
  const now = readFileSync(file, "utf8");
  if (now === text) return "";
  if (now === `\uFEFF${text}`) return "\uFEFF";
  return fail({ code: "mv/in-the-way", message: `${file} was changed meanwhile`, left: LEFT, remedy: "Try again." });
}

function restore(file: string, text: string): void {
  const mark = readFileSync(file, "utf8").startsWith("\uFEFF") ? "\uFEFF" : "";
  writeDurably(file, mark + text);
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never made.
  }
}
