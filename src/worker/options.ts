// The worker's command line. Read once at start; nothing else looks at argv.
import { parseArgs } from "node:util";

export interface WorkerOptions {
  readonly bundle: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly run: string;
  /** `w0`: name of the log stream and of the journal. */
  readonly name: string;
  readonly mode: ServeMode | SliceMode;
}

export interface ServeMode {
  readonly kind: "serve";
  /** Pid of the apply that started it. Absent: by hand, or by a test. */
  readonly parent?: number;
}

/** Array mode: lines [from, to) of one batch, counted from 0. Absent `to`: to the end. */
export interface SliceMode {
  readonly kind: "slice";
  readonly batch: string;
  readonly from: number;
  readonly to?: number;
}

export class UsageError extends Error {}

const OPTIONS = {
  bundle: { type: "string" },
  root: { type: "string" },
  "campaign-dir": { type: "string" },
  run: { type: "string" },
  name: { type: "string" },
  batch: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  serve: { type: "boolean" },
  parent: { type: "string" },
} as const;

export function parseOptions(argv: readonly string[]): WorkerOptions {
  const values = parsed(argv);
  const need = (option: keyof typeof values): string => {
    const value = values[option];
    if (typeof value !== "string" || value === "") throw new UsageError(`--${option} is missing`);
    return value;
  };
  const base = {
    bundle: need("bundle"),
    root: need("root"),
    campaignDir: need("campaign-dir"),
    run: need("run"),
    name: need("name"),
  };
  if (!/^[A-Za-z0-9._-]+$/.test(base.name)) throw new UsageError(`--name ${base.name} cannot name a file`);
  if (values.serve) {
    if (values.batch !== undefined) throw new UsageError("--serve and --batch exclude each other");
    const parent = values.parent === undefined ? {} : { parent: wholeNumber("parent", values.parent) };
    return { ...base, mode: { kind: "serve", ...parent } };
  }
  const from = values.from === undefined ? 0 : wholeNumber("from", values.from);
  const to = values.to === undefined ? undefined : wholeNumber("to", values.to);
  return { ...base, mode: { kind: "slice", batch: need("batch"), from, ...(to === undefined ? {} : { to }) } };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${option} ${text} is not a whole number`);
  return Number(text);
}
