// How a job is run: a TypeScript function in the worker, or a command. Declarations; worker/ runs them.
import type { Json } from "../ir/json.ts";
import { placeholder } from "../ir/placeholder.ts";
import type { FanInElement, JobContext } from "./context.ts";

/** Parameters: plain JSON, the same for every job or a function of the point. */
export type Params<P, T> = T | ((point: P) => T);

/** `P` point, `I` values at the input ports, `O` output names. Contravariant in all three: a function that needs more than the stage has is refused. */
export interface Run<P, I, O extends string> {
  readonly kind: "task" | "command";
  readonly accepts?: (context: JobContext<never, I, O, P>) => void;
}

export type TaskFunction<T, P, I, O extends string> = (context: JobContext<T, I, O, P>) => void | Promise<void>;

export interface TaskRun<P, I, O extends string> extends Run<P, I, O> {
  readonly kind: "task";
  /** Replaced by a reference when the campaign is evaluated; the function itself runs only in a worker. */
  readonly task: unknown;
  readonly params: unknown;
}

/** The stage's point, taken from the stage and never from the function; a stage without a matrix has none to take. */
type PointGiven<P> = unknown extends P ? any : NoInfer<P>;

/** A TypeScript function, compiled into the bundle and run inside the worker. Its code is part of the fingerprint. */
export function task<P, I, O extends string>(
  run: TaskFunction<Readonly<Record<string, never>>, PointGiven<P>, I, O>,
): TaskRun<P, I, O>;
export function task<T, P, I, O extends string>(
  run: TaskFunction<T, PointGiven<P>, I, O>,
  options: { readonly params: Params<P, NoInfer<T>> },
): TaskRun<P, I, O>;
export function task(run: unknown, options: { readonly params?: unknown } = {}): TaskRun<never, never, never> {
  return { kind: "task", task: run, params: options.params ?? {} };
}

/** A path inside an argument: stands for the real path, which is known only where the job runs. */
export type PathArgument = string;

/** A fan-in inside an argument vector. */
export interface PathsArgument {
  /** As an argument of its own: becomes one argument a path. Refused inside a longer string. */
  readonly each: PathArgument;
  /** Path of a JSON file `[{ "path": ..., "point": {...} }, ...]`: for more paths than a command line holds. */
  readonly list: PathArgument;
}

export interface CommandScope<P, I, O extends string> {
  readonly point: P;
  readonly inputs: { readonly [K in keyof I]: I[K] extends string ? PathArgument : PathsArgument };
  readonly outputs: Readonly<Record<O, PathArgument>>;
  /** This attempt's staging directory: for files that are thrown away. */
  readonly staging: PathArgument;
}

export interface CommandOptions<P> {
  /**
   * Files that are the command's code, relative to the campaign's folder: a change reruns. An argument that is one of these paths,
   * as written, becomes its absolute path, because a job runs in its staging directory.
   */
  readonly code?: readonly string[];
  /** Parameters for validators to echo; also given to the command in its JSON job file. */
  readonly params?: Params<P, { readonly [name: string]: Json }>;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that mean success; `[0]` unless said. */
  readonly okExits?: readonly number[];
}

export interface CommandRun<P, I, O extends string> extends Run<P, I, O> {
  readonly kind: "command";
  readonly argv: (scope: never) => readonly (string | number | boolean)[];
  readonly options: CommandOptions<P>;
}

/** Any program. Arguments are passed as they are, never through a shell; stdin is /dev/null. */
export function command<P, I, O extends string>(
  argv: (scope: CommandScope<P, I, O>) => readonly (string | number | boolean)[],
  options: CommandOptions<P> = {},
): CommandRun<P, I, O> {
  return { kind: "command", argv, options };
}

/** The scope `argv` is evaluated with: placeholders instead of paths. */
export function commandScope(
  point: unknown,
  ports: readonly { name: string; many: boolean }[],
  outputs: readonly string[],
): CommandScope<unknown, Record<string, string | readonly FanInElement[]>, string> {
  const inputs: Record<string, unknown> = {};
  for (const { name, many } of ports)
    inputs[name] = many
      ? { each: placeholder(`each:${name}`), list: placeholder(`list:${name}`) }
      : placeholder(`input:${name}`);
  return {
    point,
    inputs: inputs as never,
    outputs: Object.fromEntries(outputs.map((name) => [name, placeholder(`output:${name}`)])),
    staging: placeholder("staging"),
  };
}
