// A stage: a family of jobs, one per point of its matrix. Three parts: who it is, what it reads and makes, how it is run.
import type { ChangePolicy, CheckpointSignal, JobType, Mode } from "../ir/stage.ts";
import type { Dimension, PointOf } from "./axis.ts";
import type { InputValue } from "./context.ts";
import type { Environment } from "./environment.ts";
import { type Input, type OutputHandle, outputHandle } from "./input.ts";
import type { Output } from "./output.ts";
import type { Run } from "./run.ts";
import type { Duration, Size } from "./units.ts";
import { record } from "./registry.ts";

export interface StageIdentity<N extends string, M> {
  /** Part of every job's key: renaming it makes new jobs. */
  readonly name: N;
  /** Outermost first. Absent: the stage is a single job. */
  readonly matrix?: M;
  /** False: the stage is left out of the campaign, e.g. because another preset does without it. Nothing may take its outputs then. */
  readonly when?: boolean;
  readonly description?: string;
  readonly tags?: readonly string[];
}

export type Inputs<P> = Readonly<Record<string, Input<P, InputValue>>>;
export type Outputs<P> = Readonly<Record<string, Output<P>>>;

/** Values a task finds at its ports. */
export type InputValues<I> = { readonly [K in keyof I]: I[K] extends Input<never, infer V> ? V : never };

export interface StageData<I, O> {
  readonly inputs?: I;
  readonly outputs: O;
}

export interface Resources {
  readonly jobType?: JobType;
  /** Limit of one attempt; the job is killed after it. */
  readonly walltime?: Duration;
  /** Of the whole job. */
  readonly memory?: Size;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly nodes?: number;
  readonly tasks?: number;
}

export interface Retry {
  /** Tries in all; 1 means never again. Unless said: the campaign's, else 1. */
  readonly attempts?: number;
  readonly backoff?: { readonly initial: Duration; readonly factor?: number; readonly max?: Duration };
  /** Commands only. Tries in all when the last one ended with this exit code: `{ 2: 1 }` says that 2 is final, `{ 75: 20 }` that 75 passes. */
  readonly exits?: Readonly<Record<number, number>>;
  /** Resources of the next try, times a factor, by what went wrong. */
  readonly escalate?: { readonly oom?: { readonly memory: number }; readonly timeout?: { readonly walltime: number } };
}

/**
 * For commands that can stop and go on: shortly before the limit of the job, or the end of its allocation, every process of the job gets the
 * signal (one that does not handle it is ended by it). The job writes what it needs into the folder `CMC_CHECKPOINT_DIR` and exits with the agreed
 * code; its next attempt, at once or in another allocation, finds the folder as it was left. That costs no try.
 */
export interface Checkpoint {
  /** `"USR1"` unless said. */
  readonly signal?: CheckpointSignal;
  /** How long before the end: what writing takes, and a minute for SLURM. `"2m"` unless said. */
  readonly before?: Duration;
  /** Exit code that means: there is a checkpoint. 85 unless said. */
  readonly exit?: number;
}

/**
 * Per field of the recipe: `rerun` makes the job again; `warn` keeps it and says so in every plan, until `cmc accept`; `ignore` keeps it. What is made
 * from a result that was kept sees no change. A job that runs for another reason runs as the campaign is now.
 */
export interface OnChange {
  /** Parameters, axis values and arguments. */
  readonly params?: ChangePolicy;
  /** Code that a task reaches, or declared code files of a command. */
  readonly code?: ChangePolicy;
  /** External files: paths, size, modification time, content. */
  readonly inputs?: ChangePolicy;
  /** Declared facts of the environment. */
  readonly environment?: ChangePolicy;
  /** Results of other stages. */
  readonly upstream?: ChangePolicy;
}

export type MissingInput<P> =
  /** Jobs whose files are absent are blocked, the others run (default). */
  | { readonly policy: "element" }
  /** All jobs that agree on these axes, or none of them. */
  | { readonly policy: "group"; readonly by: (keyof P & string) | readonly (keyof P & string)[] }
  | {
      readonly policy: "quorum";
      readonly by: (keyof P & string) | readonly (keyof P & string)[];
      readonly fraction: number;
    }
  /** Anything absent refuses the whole plan. */
  | { readonly policy: "fail" };

export interface Gate {
  /** A metric the job emits. */
  readonly metric: string;
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly equals?: number;
  /** `fail` (default) fails the job; `warn` is shown. */
  readonly level?: "fail" | "warn";
  readonly description?: string;
}

export interface StageExecution<P, I, O extends string> {
  readonly run: Run<P, I, O>;
  /** What a job may use; a function where it depends on the point. Never a reason to rerun. */
  readonly resources?: Resources | ((point: P) => Resources);
  readonly retry?: Retry;
  /** Commands only: its jobs can be interrupted and go on. Never a reason to rerun. */
  readonly checkpoint?: Checkpoint;
  readonly missingInput?: MissingInput<P>;
  /** What a change of a recipe field comes to: `rerun` unless said. */
  readonly onChange?: OnChange;
  /** Thresholds on metrics, by name. Never a reason to rerun. */
  readonly gates?: Readonly<Record<string, Gate>>;
  /** Facts about the environment that change results: container digest, modules, lock file. cmc compares them and carries none of them out. */
  readonly environment?: Environment;
  /** Jobs a batch. */
  readonly batchSize?: number;
  /** On a cluster: `array`, a fixed slice of jobs a task, or `pool`, long allocations that claim jobs. Unless said: the campaign's, then the site's rule. */
  readonly mode?: Mode;
}

export interface Stage<N extends string = string, P = any, O extends string = string> {
  readonly name: N;
  readonly outputs: { readonly [K in O]: OutputHandle<P> };
}

/**
 * Defines a stage. Three arguments so that the type checker knows the point when it reads the paths, and the ports when it
 * reads the command.
 *
 * @param identity name and matrix
 * @param data what every job reads and makes
 * @param execution how it is run
 */
export function defineStage<
  const N extends string,
  const M extends readonly Dimension<any>[] = readonly [],
  I extends Inputs<PointOf<M>> = Readonly<Record<never, never>>,
  O extends Outputs<PointOf<M>> = Readonly<Record<never, never>>,
>(
  identity: StageIdentity<N, M>,
  data: StageData<I, O>,
  execution: StageExecution<PointOf<M>, InputValues<I>, keyof O & string>,
): Stage<N, PointOf<M>, keyof O & string> {
  const outputs = Object.keys(data.outputs).map((name) => [name, outputHandle(identity.name, name)]);
  const made = {
    name: identity.name,
    outputs: Object.fromEntries(outputs) as Stage<N, PointOf<M>, keyof O & string>["outputs"],
  };
  record({ kind: "stage", identity, data, execution, made });
  return made;
}
