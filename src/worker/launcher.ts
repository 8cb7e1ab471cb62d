// The launcher: a small process (templates/worker/launcher.py) that starts short commands in the worker's place. A fork copies the page tables
// of who forks: 2 ms of processor time in a worker of 60 MB, 0.3 in a Perl of 5, and Python need not fork. Without both, Node starts them all.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import perlScript from "../../templates/worker/launcher.pl";
import pythonScript from "../../templates/worker/launcher.py";
import { findProgram } from "./find-program.ts";
import { LineSplitter } from "./protocol.ts";
import { type Ended, type Running, type Start, startProgram } from "./running.ts";

/** Below this a command is short: starting it is a part of its price. */
const SHORT_MS = 250;

export interface Interpreter {
  readonly program: string;
  readonly args: readonly string[];
}

/** The better one first. Python by its path: one on PATH may be a shim that takes longer to start than all the jobs. */
export const INTERPRETERS: readonly Interpreter[] = [
  { program: "/usr/bin/python3", args: ["-I", "-S", "-c", pythonScript] },
  { program: "perl", args: ["-e", perlScript] },
];

export class Launcher {
  private process: Child | undefined;
  private opening: Promise<void> | undefined;
  private short = false;
  /** Those that work here, as far as that is known. */
  private interpreters: readonly Interpreter[];

  /** `env`: what jobs inherit. */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly logFd: number,
    interpreters = INTERPRETERS,
  ) {
    this.interpreters = interpreters;
  }

  async start(program: Start): Promise<Running> {
    const begin = performance.now();
    const running = (await this.quickly(program)) ?? (await startProgram(program));
    void running.ended.then(() => (this.short = performance.now() - begin < SHORT_MS));
    return running;
  }

  async close(): Promise<void> {
    await this.opening;
    await this.process?.close();
  }

  /** Undefined: not this way. */
  private async quickly(program: Start): Promise<Running | undefined> {
    const fits = this.short && program.logFd === this.logFd && Object.getPrototypeOf(program.env) === this.env;
    if (!fits || this.process?.busy) return undefined;
    // What is not found, or where PATH means the folder of the job, is left to execvp.
    const file = findProgram(program.argv[0]!, program.env["PATH"]);
    if (!file.includes("/")) return undefined;
    const asked = request(program, file);
    if (!asked) return undefined;
    if (this.process?.alive) return this.process.start(asked);
    // The interpreter takes as long to start as ten short commands, which need not wait for it.
    this.opening ??= this.open()
      .catch(() => undefined)
      .finally(() => (this.opening = undefined));
    return undefined;
  }

  private async open(): Promise<void> {
    this.process = undefined;
    while (!this.process && this.interpreters.length > 0) {
      const { program, args } = this.interpreters[0]!;
      const path = findProgram(program, this.env["PATH"]);
      if (path.startsWith("/")) this.process = await Child.open(path, args, this.env, this.logFd);
      if (!this.process) this.interpreters = this.interpreters.slice(1);
    }
  }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]));

class Child {
  alive = true;
  busy = false;
  private readonly ready: Promise<boolean>;
  private isReady!: (yes: boolean) => void;
  private started: ((pid: number) => void) | undefined;
  private ended: ((how: Ended) => void) | undefined;
  private error: NodeJS.ErrnoException | undefined;

  /** Undefined: it does not answer. */
  static async open(
    path: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    logFd: number,
  ): Promise<Child | undefined> {
    const child = new Child(spawn(path, args, { env, stdio: ["pipe", logFd, logFd, "pipe"] }));
    return (await child.ready) ? child : undefined;
  }

  private constructor(private readonly child: ChildProcess) {
    this.ready = new Promise((resolve) => (this.isReady = resolve));
    const lines = new LineSplitter();
    const answers = child.stdio[3] as NodeJS.ReadableStream;
    answers.setEncoding("utf8");
    answers.on("data", (chunk: string) => lines.push(chunk).forEach((line) => this.answered(line)));
    answers.on("error", () => undefined);
    child.stdin!.on("error", () => undefined);
    child.once("error", () => this.gone());
    child.once("close", () => this.gone());
  }

  async start(asked: Buffer): Promise<Running> {
    this.busy = true;
    this.error = undefined;
    const ended = new Promise<Ended>((resolve) => (this.ended = resolve));
    const pid = await new Promise<number>((resolve) => {
      this.started = resolve;
      if (this.alive) this.child.stdin!.write(asked);
      else this.gone();
    });
    return { pid, ended };
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin!.end();
    // Waits for its program where that is still to end.
    if (!this.busy) await closed;
  }

  private answered(line: string): void {
    const [what, ...words] = line.split(" ");
    const [first = 0, status = 0, left = 0] = words.map(Number);
    if (what === "ready") this.isReady(true);
    else if (what === "started") this.started?.(first);
    else if (what === "failed") this.error = errorOf(first);
    else if (what === "ended")
      this.end(first, this.error ? { ...NOBODY, error: this.error } : { ...statusOf(status), alone: left === 0 });
  }

  private end(pid: number, how: Ended): void {
    this.busy = false;
    this.started?.(pid);
    this.ended?.(how);
  }

  /** Its programs may live: whoever looks for the marks of their attempts finds them. */
  private gone(): void {
    this.alive = false;
    this.isReady(false);
    this.end(0, { ...NOBODY, lost: true });
  }
}

const NOBODY = { code: null, signal: null } as const;

function errorOf(errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(code), { code });
}

/** Undefined: a string holds a NUL. No process can be given that; Node says so. */
function request({ argv, env, cwd }: Start, file: string): Buffer | undefined {
  const words = [cwd, file, String(argv.length), ...argv];
  for (const name of Object.keys(env)) if (env[name] !== undefined) words.push(name, env[name]);
  const text = words.join("\0");
  if (text.split("\0").length !== words.length) return undefined;
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + size);
  bytes.write(text, bytes.writeUInt32BE(size));
  return bytes;
}

/** Of waitpid: POSIX leaves the coding open, every Linux has it so. */
function statusOf(status: number): Ended {
  const signal = status & 127;
  return signal === 0 ? { code: status >> 8, signal: null } : { code: null, signal: SIGNALS.get(signal) ?? "SIGKILL" };
}
