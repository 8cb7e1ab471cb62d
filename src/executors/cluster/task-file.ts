// The task file of a submission, `submissions/<token>.tasks`: which jobs each of its array tasks is to run. Written once, before the intent.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TaskJob, TaskLine } from "../../ir/task-line.ts";
import { replaceFile } from "../../state/replace-file.ts";
import { errno } from "../../state/write-error.ts";

export type Pack = readonly TaskJob[];

export function taskFile(root: string, token: string): string {
  return join(root, "submissions", `${token}.tasks`);
}

export function writeTasks(root: string, token: string, tasks: readonly Pack[]): void {
  mkdirSync(join(root, "submissions"), { recursive: true });
  replaceFile(taskFile(root, token), tasks.map((jobs) => `${JSON.stringify({ jobs } satisfies TaskLine)}\n`).join(""));
}

/** Undefined: there is none, so its intent was never recorded or its end was. */
export function readTasks(root: string, token: string): readonly Pack[] | undefined {
  try {
    const lines = readFileSync(taskFile(root, token), "utf8").trimEnd().split("\n");
    return lines.map((line) => (JSON.parse(line) as { readonly jobs: Pack }).jobs);
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

export function removeTasks(root: string, token: string): void {
  rmSync(taskFile(root, token), { force: true });
}
