// The worker's command line. Read once at start; nothing else looks at argv.
import { parseArgs } from "node:util";
import { LEASE } from "./held-claim.ts";

export interface WorkerOptions {
  readonly bundle: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly run: string;
  /** `w0`: name of the log stream and of the journal. */
  readonly name: string;
  readonly mode: ServeMode | TaskMode | PoolMode;
}

export interface ServeMode {
  readonly kind: "serve";
  /** Pid of the apply that started it. Absent: by hand, or by a test. */
  readonly parent?: number;
}

interface ClusterMode {
  /** End of the allocation, seconds since 1970. Absent: as SLURM says, if it does. */
  readonly until?: number;
}

/** Array mode: one line of a task file. */
export interface TaskMode extends ClusterMode {
  readonly kind: "task";
  readonly file: string;
  /** Line, from 0. */
  readonly task: number;
  /** The submission it belongs to. Absent: by hand; nobody else begins the same. */
  readonly token?: string;
}

/** Pilot mode: packs from a folder, until there are none. */
export interface PoolMode extends ClusterMode {
  readonly kind: "pool";
  readonly folder: string;
  /** Seconds without a renewal after which a claim may be taken over. */
  readonly lease: number;
  /** Seconds without work after which it ends. */
  readonly idle: number;
  /** Failures in a row, without a success between, after which nobody goes on. */
  readonly brake: number;
}

export class UsageError extends Error {}

const OPTIONS = {
  bundle: { type: "string" },
  root: { type: "string" },
  "campaign-dir": { type: "string" },
  run: { type: "string" },
  name: { type: "string" },
  tasks: { type: "string" },
  task: { type: "string" },
  token: { type: "string" },
  pool: { type: "string" },
  lease: { type: "string" },
  idle: { type: "string" },
  brake: { type: "string" },
  until: { type: "string" },
  serve: { type: "boolean" },
  parent: { type: "string" },
} as const;

/** Options of each mode; one of another mode is a mistake. */
const MODES = {
  serve: ["parent"],
  tasks: ["task", "token", "until"],
  pool: ["lease", "idle", "brake", "until"],
} as const;

export function parseOptions(argv: readonly string[]): WorkerOptions {
  const values = parsed(argv);
  const need = (option: keyof typeof values): string => {
    const value = values[option];
    if (typeof value !== "string" || value === "") throw new UsageError(`--${option} is missing`);
    return value;
  };
  const number = (option: keyof typeof values, otherwise: number | undefined, whole = true): number => {
    const text = values[option] === undefined && otherwise !== undefined ? String(otherwise) : need(option);
    if (!(whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text))
      throw new UsageError(`--${option} ${text} is not a ${whole ? "whole " : ""}number`);
    return Number(text);
  };
  const base = {
    bundle: need("bundle"),
    root: need("root"),
    campaignDir: need("campaign-dir"),
    run: need("run"),
    name: nameOf("name", need("name")),
  };
  const kind = modeOf(values);
  if (kind === "serve")
    return { ...base, mode: { kind, ...(values.parent === undefined ? {} : { parent: number("parent", undefined) }) } };
  const until = values.until === undefined ? {} : { until: number("until", undefined) };
  if (kind === "pool") {
    const times = {
      lease: number("lease", LEASE, false),
      idle: number("idle", 300, false),
      brake: number("brake", 20),
    };
    return { ...base, mode: { kind, folder: need("pool"), ...times, ...until } };
  }
  const token = values.token === undefined ? {} : { token: nameOf("token", values.token) };
  return { ...base, mode: { kind: "task", file: need("tasks"), task: number("task", undefined), ...token, ...until } };
}

function modeOf(values: ReturnType<typeof parsed>): keyof typeof MODES {
  const modes = (Object.keys(MODES) as (keyof typeof MODES)[]).filter((mode) => values[mode] !== undefined);
  const [mode, another] = modes;
  if (mode === undefined) throw new UsageError("--tasks, --pool or --serve is missing");
  if (another !== undefined) throw new UsageError(`--${mode} and --${another} exclude each other`);
  const foreign = Object.values(MODES).flat().find((option) => values[option] !== undefined && !(MODES[mode] as readonly string[]).includes(option)); // prettier-ignore
  if (foreign !== undefined) throw new UsageError(`--${foreign} does not go with --${mode}`);
  return mode;
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function nameOf(option: string, text: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(text)) throw new UsageError(`--${option} ${text} cannot name a file`);
  return text;
}
