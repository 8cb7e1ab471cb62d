// A command job as a process description: argument vector, environment. Pure but for the list files of fan-ins; spawn.ts runs it.
import { writeFileSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import type { FanInElement, InputValue } from "../author/context.ts";
import type { CodeIR, RunIR } from "../ir/stage.ts";
import { codeArgument } from "../ir/code-argument.ts";
import type { JobLine } from "../ir/job.ts";
import { fillArgument, hasPlaceholder } from "../ir/placeholder.ts";
import { attemptMarks, extended } from "./environment.ts";
import type { Staging } from "./staging.ts";

export interface JobIdentity {
  readonly attempt: number;
  readonly attemptId: string;
  readonly root: string;
  readonly campaignDir: string;
}

export function argumentVector(
  job: JobLine,
  inputs: Readonly<Record<string, InputValue>>,
  staging: Staging,
  code: Pick<CodeIR, "sources">,
  campaignDir: string,
): string[] {
  const resolve = (name: string): string | readonly string[] => {
    const colon = name.indexOf(":");
    const kind = colon < 0 ? name : name.slice(0, colon);
    const of = name.slice(colon + 1);
    switch (kind) {
      case "staging":
      case "scratch":
        return staging.directory;
      case "output":
        return known(staging.outputs[of], name);
      case "input":
        return single(known(inputs[of], name), name);
      case "each":
        return elements(known(inputs[of], name)).map((element) => element.path);
      case "list":
        return listFile(of, elements(known(inputs[of], name)), staging);
      default:
        throw new Error(`unknown placeholder ${name}`);
    }
  };
  return (job.argv ?? []).flatMap((argument) =>
    hasPlaceholder(argument)
      ? fillArgument(argument, resolve)
      : codeArgument(argument, code, (path) => resolvePath(campaignDir, path)),
  );
}

/** `base` is the worker's own environment. Values may hold anything but NUL; they never meet a shell. */
export function jobEnvironment(
  base: NodeJS.ProcessEnv,
  run: RunIR & { kind: "command" },
  job: JobLine,
  staging: Staging,
  identity: JobIdentity,
): NodeJS.ProcessEnv {
  const env = extended(base, {
    ...run.env,
    ...attemptMarks(job.key, identity.attemptId, identity.root),
    CMC_STAGE: job.stage,
    CMC_ATTEMPT: String(identity.attempt),
    CMC_CAMPAIGN_DIR: identity.campaignDir,
    CMC_STAGING: staging.directory,
    CMC_JOB_FILE: staging.jobFile,
    CMC_METRICS_FILE: staging.metricsFile,
  });
  for (const axis of Object.keys(job.point))
    env[`CMC_POINT_${axis.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`] = String(job.point[axis]);
  return env;
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`placeholder ${name} refers to nothing in this job`);
  return value;
}

function single(value: InputValue, name: string): string {
  if (typeof value !== "string") throw new Error(`placeholder ${name} refers to several files`);
  return value;
}

function elements(value: InputValue): readonly FanInElement[] {
  if (typeof value === "string") return [{ path: value, point: {} }];
  return value.map((element) => (typeof element === "string" ? { path: element, point: {} } : element));
}

function listFile(port: string, list: readonly FanInElement[], staging: Staging): string {
  const path = join(staging.directory, `cmc-list-${port}.json`);
  writeFileSync(path, JSON.stringify(list));
  return path;
}
