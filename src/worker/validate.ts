// Validators of a job's outputs, wherever they lie (staged, or in place for adopt). Sizes here, contents in the thread, user commands as processes.
import { lstatSync } from "node:fs";
import type { StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import type { CheckFact } from "../state/receipt.ts";
import { commandCheck } from "../validators/command.ts";
import { sizeChecks } from "../validators/size.ts";
import { AttemptFailure } from "./failure.ts";
import { folderFact } from "./file-fact.ts";
import type { Launcher } from "./launcher.ts";
import { runProgram } from "./spawn.ts";
import type { TaskHost } from "./task-host.ts";
import type { ContentCheck } from "./thread-protocol.ts";

export interface ValidationPlace {
  readonly threads: TaskHost;
  readonly launcher: Launcher;
  readonly env: NodeJS.ProcessEnv;
  /** Working directory of check commands. */
  readonly cwd: string;
  readonly logFd: number;
  readonly stop: AbortSignal;
}

/** Passed and failed facts; throws AttemptFailure only for a stop or a crash of the checker. */
export async function validateOutputs(
  stage: StageIR,
  job: JobLine,
  paths: Readonly<Record<string, string>>,
  place: ValidationPlace,
): Promise<CheckFact[]> {
  const facts: CheckFact[] = [];
  for (const output of stage.outputs) {
    const path = paths[output.name]!;
    if (output.size) facts.push(...sizeChecks(output.name, bytesOf(path, output.kind === "dir"), output.size));
  }
  const content = contentChecks(stage, job, paths);
  if (content.length > 0) {
    const reply = await place.threads.order({ type: "check", checks: content }, {}, place.stop);
    if (reply.type === "threw") throw new AttemptFailure("validation", `the validator failed: ${reply.message}`);
    if (reply.type === "checked") facts.push(...reply.facts);
  }
  for (const output of stage.outputs)
    if ((output.kind === "file" || output.kind === "dir") && output.check)
      facts.push(
        await commandCheck(output.name, output.check, paths[output.name]!, (argv) =>
          runProgram({ argv, ...place, okExits: [0], limits: {} }, place.launcher, place.stop),
        ),
      );
  return facts;
}

/** What the thread is asked about outputs: HDF5 and JSON are read, other files are not. */
export function contentChecks(
  { outputs }: StageIR,
  { point, params }: Pick<JobLine, "point" | "params">,
  paths: Readonly<Record<string, string>>,
): ContentCheck[] {
  return outputs.flatMap((output): ContentCheck[] => {
    const { name } = output;
    const path = paths[name]!;
    if (output.kind === "hdf5") return [{ kind: "hdf5", output: name, path, checks: output.checks, point, params }];
    if (output.kind !== "json") return [];
    return [{ kind: "json", output: name, path, ...(output.schema === undefined ? {} : { schema: output.schema }) }];
  });
}

/** Throws validation with every failed check; the first is in the message. */
export function requirePassed(facts: readonly CheckFact[]): void {
  const failed = facts.filter((fact) => !fact.passed);
  if (failed.length === 0) return;
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  throw new AttemptFailure("validation", `${failed[0]!.output}: ${failed[0]!.message}${more}`, { checks: failed });
}

function bytesOf(path: string, folder: boolean): number {
  return folder ? folderFact(path).size : lstatSync(path).size;
}
