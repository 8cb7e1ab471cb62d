// A submission as a value, and sbatch's argument vector made of it: one word an option, no shell. What sbatch answers is in submission.ts.
import { formatArray } from "./array-expression.ts";
import { formatMemory, formatWalltime } from "./units.ts";

/** Absent fields: SLURM's default. Values are passed as they are: a value never becomes a second option. */
export interface Submission {
  /** Absolute path of a script that begins with `#!`. */
  readonly script: string;
  /** Words after the script, as they are. */
  readonly args?: readonly string[];
  /** Unique: it is how a submission without an answer is found again (comments may be missing in sacct). */
  readonly jobName: string;
  readonly comment?: string;
  readonly array?: { readonly tasks: readonly number[]; readonly throttle?: number };
  readonly account?: string;
  readonly partition?: string;
  readonly qos?: string;
  readonly constraint?: string;
  readonly reservation?: string;
  readonly nodes?: number;
  readonly excludeNodes?: readonly string[];
  readonly tasks?: number;
  readonly cpusPerTask?: number;
  readonly gpusPerNode?: number;
  /** Bytes a node. */
  readonly memory?: number;
  /** Seconds. SLURM counts minutes, rounded up, and looks every 30 s. */
  readonly walltime?: number;
  /** `matlab:2` */
  readonly licenses?: readonly string[];
  readonly dependency?: Dependency;
  /** Seconds from now: a time of day would depend on the time zone of sbatch. */
  readonly beginIn?: number;
  readonly hold?: boolean;
  /** Sent up to 60 s earlier than asked for. */
  readonly signal?: { readonly name: string; readonly seconds: number; readonly to: "batch" | "steps" };
  /** Same number, same script, after a node failure or preemption. Absent: the site decides, so say it. */
  readonly requeue?: boolean;
  readonly mail?: { readonly types: readonly string[]; readonly user?: string };
  /** Must exist: SLURM runs the job in /tmp otherwise, and says nothing (22.05). */
  readonly workingDirectory?: string;
  /** A pattern, `%A_%a` is the task; escapePattern makes a path one. Must be writable: the job fails with 0:53 otherwise. */
  readonly output?: string;
  /** Absent: where the output goes. */
  readonly error?: string;
  readonly openMode?: "append" | "truncate";
  /** Absent: `ALL`, the job sees the environment of sbatch, less what belongs to SLURM (environment.ts). */
  readonly export?: "ALL" | "NONE";
  /** Further options of the site, `--exclusive`, one word each. They come last and win. */
  readonly extra?: readonly string[];
}

export interface Dependency {
  /** `all` must be met, or `any` of them. A number that SLURM has forgotten counts as met (22.05): only for jobs in the queue. */
  readonly need: "all" | "any";
  readonly on: readonly { readonly type: DependencyType; readonly jobs: readonly string[] }[];
  /** What can never be met is cancelled. Absent: pends for ever, with DependencyNeverSatisfied. */
  readonly cancelInvalid?: boolean;
}

export type DependencyType = "after" | "afterany" | "afterok" | "afternotok" | "aftercorr";

type Value = string | number | undefined;

/** `--parsable`: the answer is `17`, or `17;cluster`. */
export function sbatchArgs(submission: Submission): readonly string[] {
  const { array, walltime, memory, dependency, signal, mail, beginIn } = submission;
  const options: readonly (readonly [string, Value])[] = [
    ["job-name", submission.jobName],
    ["comment", submission.comment],
    ["array", array && formatArray(array.tasks, { throttle: array.throttle })],
    ["account", submission.account],
    ["partition", submission.partition],
    ["qos", submission.qos],
    ["constraint", submission.constraint],
    ["reservation", submission.reservation],
    ["nodes", submission.nodes],
    ["exclude", list(submission.excludeNodes)],
    ["ntasks", submission.tasks],
    ["cpus-per-task", submission.cpusPerTask],
    ["gpus-per-node", submission.gpusPerNode],
    ["mem", memory === undefined ? undefined : formatMemory(memory)],
    ["time", walltime === undefined ? undefined : formatWalltime(walltime)],
    ["licenses", list(submission.licenses)],
    ["dependency", dependency && dependencyText(dependency)],
    ["kill-on-invalid-dep", dependency?.cancelInvalid === undefined ? undefined : yes(dependency.cancelInvalid)],
    ["begin", beginIn === undefined ? undefined : `now+${Math.ceil(beginIn)}seconds`],
    ["signal", signal && `${signal.to === "batch" ? "B:" : ""}${signal.name}@${Math.ceil(signal.seconds)}`],
    ["mail-type", mail && list(mail.types)],
    ["mail-user", mail?.user],
    ["chdir", submission.workingDirectory],
    ["output", submission.output],
    ["error", submission.error],
    ["open-mode", submission.openMode],
    ["export", submission.export],
  ];
  return [
    "--parsable",
    ...options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...(submission.hold ? ["--hold"] : []),
    ...(submission.requeue === undefined ? [] : [submission.requeue ? "--requeue" : "--no-requeue"]),
    ...(submission.extra ?? []),
    submission.script,
    ...(submission.args ?? []),
  ];
}

/** Would it be accepted, and when would it start? Uses up a job number, like a refusal; no job. */
export function testOnlyArgs(submission: Submission): readonly string[] {
  return ["--test-only", ...sbatchArgs(submission)];
}

/** A path as a file name pattern: `%` is SLURM's, and so is a backslash, which cannot be written at all. */
export function escapePattern(path: string): string {
  if (path.includes("\\")) throw new RangeError(`SLURM cannot write to a path with a backslash: ${path}`);
  return path.replaceAll("%", "%%");
}

function dependencyText({ need, on }: Dependency): string {
  return on.map(({ type, jobs }) => [type, ...jobs].join(":")).join(need === "all" ? "," : "?");
}

function list(values: readonly string[] | undefined): string | undefined {
  return values && values.length > 0 ? values.join(",") : undefined;
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
