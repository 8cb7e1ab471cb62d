// The launcher: a small process (templates/worker/launcher.pl) that starts short commands in the worker's place. A fork copies the page tables
// of who forks: 2 ms of processor time in a worker of 60 MB, 0.3 in a process of 5. Without perl, Node starts them as it starts the first.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import script from "../../templates/worker/launcher.pl";
import { findProgram } from "./find-program.ts";
import { LineSplitter } from "./protocol.ts";
import { type Ended, type Running, type Start, startProgram } from "./running.ts";

/** Below this a command is short: starting it is a part of its price. */
const SHORT_MS = 250;

export class Launcher {
  private process: Child | undefined;
  /** Perl is missing or does not work here. */
  private unusable = false;
  private short = false;

  /** `env`: what jobs inherit. */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly logFd: number,
  ) {}

  async start(program: Start): Promise<Running> {
    const begin = performance.now();
    const running = (await this.quickly(program)) ?? (await startProgram(program));
    void running.ended.then(() => (this.short = performance.now() - begin < SHORT_MS));
    return running;
  }

  async close(): Promise<void> {
    await this.process?.close();
  }

  /** Undefined: not this way. */
  private async quickly(program: Start): Promise<Running | undefined> {
    const fits = this.short && program.logFd === this.logFd && Object.getPrototypeOf(program.env) === this.env;
    if (!fits || this.unusable || this.process?.busy) return undefined;
    if (!this.process?.alive) {
      const perl = findProgram("perl", this.env["PATH"]);
      this.process = perl.startsWith("/") ? await Child.open(perl, this.env, this.logFd) : undefined;
      this.unusable = this.process === undefined;
    }
    return this.process?.start(program);
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
  static async open(perl: string, env: NodeJS.ProcessEnv, logFd: number): Promise<Child | undefined> {
    const child = new Child(spawn(perl, ["-e", script], { env, stdio: ["pipe", logFd, logFd, "pipe"] }));
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

  async start({ argv, env, cwd }: Start): Promise<Running> {
    this.busy = true;
    this.error = undefined;
    const file = findProgram(argv[0]!, env["PATH"]);
    const own = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
    const ended = new Promise<Ended>((resolve) => (this.ended = resolve));
    const pid = await new Promise<number>((resolve) => {
      this.started = resolve;
      if (this.alive) this.child.stdin!.write(request([cwd, file, String(argv.length), ...argv, ...own]));
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
    const [first = 0, status = 0] = words.map(Number);
    if (what === "ready") this.isReady(true);
    else if (what === "started") this.started?.(first);
    else if (what === "failed") this.error = errorOf(first);
    else if (what === "ended") this.end(first, this.error ? { ...NOBODY, error: this.error } : statusOf(status));
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

function request(words: readonly string[]): Buffer {
  const bytes = words.flatMap((word) => {
    const text = Buffer.from(word);
    return [length(text.length), text];
  });
  const body = Buffer.concat(bytes);
  return Buffer.concat([length(body.length), body]);
}

function length(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(size);
  return bytes;
}

/** Of waitpid: POSIX leaves the coding open, every Linux has it so. */
function statusOf(status: number): Ended {
  const signal = status & 127;
  return signal === 0 ? { code: status >> 8, signal: null } : { code: null, signal: SIGNALS.get(signal) ?? "SIGKILL" };
}
