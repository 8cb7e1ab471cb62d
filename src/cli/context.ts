// The command line's only door to the world: streams, environment, clock. Commands receive it; tests may build another.
import { text } from "node:stream/consumers";
import { COLOUR, PLAIN, type Palette } from "../diagnostics/palette.ts";

export interface Context {
  readonly cwd: string;
  /** What was typed after `cmc`. */
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A terminal on standard output: progress bar and colours. */
  readonly terminal: boolean;
  /** Columns of the terminal; 100 elsewhere. */
  readonly width: number;
  readonly palette: Palette;
  out(text: string): void;
  err(text: string): void;
  now(): number;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** One line from standard input after a prompt; undefined where nobody can answer. */
  ask?(prompt: string): Promise<string>;
}

export function processContext(): Context {
  const { stdout, stderr, stdin, env } = process;
  const terminal = stdout.isTTY === true;
  const colour = env["NO_COLOR"] ? false : env["FORCE_COLOR"] ? env["FORCE_COLOR"] !== "0" : terminal;
  return {
    cwd: process.cwd(),
    words: process.argv.slice(2),
    env,
    terminal,
    width: terminal ? stdout.columns : 100,
    palette: colour ? COLOUR : PLAIN,
    out: quietly(stdout),
    err: quietly(stderr),
    now: () => Date.now(),
    readInput: () => text(stdin),
    ...(terminal && stdin.isTTY ? { ask } : {}),
  };
}

/** The reader went away (`cmc plan --list | head`), or the terminal did (ssh broke off). */
const GONE = new Set(["EPIPE", "EIO"]);

/** Nobody to read is no error, and must not keep a running apply from ending its jobs in order: the rest is not written. */
function quietly(stream: NodeJS.WriteStream): (text: string) => void {
  let gone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!GONE.has(error.code ?? "")) throw error;
    gone = true;
  });
  return (text) => void (gone || stream.write(text));
}

async function ask(prompt: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await reader.question(prompt);
  } catch (error) {
    // Ctrl-C and Ctrl-D are answers, too: not this one.
    if ((error as Error).name !== "AbortError") throw error;
    process.stdout.write("\n");
    return "";
  } finally {
    reader.close();
  }
}
