// Lane: one worker process and the requests it holds. Starts it, talks to it, tells when it is gone; what that means is decided by run-local.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { CARRIED_CA } from "../../worker/environment.ts";
import { type Answer, type JobRequest, LineSplitter } from "../../worker/protocol.ts";
import { type Share, NOTHING } from "./admission.ts";

export interface LaneSettings {
  readonly nodeBinary: string;
  readonly bundleDir: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly run: string;
}

/** A request sent and not yet answered. */
export interface InFlight {
  readonly row: number;
  readonly stage: string;
  readonly attempt: number;
  readonly share: Share;
  readonly request: JobRequest;
}

export interface LaneEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last words on stderr; also the reason when the process could not be started. */
  readonly stderr: string;
}

export interface LaneListener {
  answered(lane: Lane, answer: Answer): void;
  ended(lane: Lane, end: LaneEnd): void;
}

const STDERR_KEPT = 4096;
/** A small young generation: fork copies page tables and then pages, so the worker's memory is part of the price of every command. */
const LEAN = ["--max-semi-space-size=1"];

export class Lane {
  /** In the order sent, which is the order of work. */
  readonly queue: InFlight[] = [];
  /** Held from the machine: enough for the largest job in the queue. */
  held: Share = NOTHING;
  /** Known once the worker is ready. */
  journal: string | undefined;
  dropping = false;
  /** Its worker died and what it held is being sorted out. */
  settling = false;
  private child: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly settings: LaneSettings,
    private readonly listener: LaneListener,
  ) {}

  get alive(): boolean {
    return this.child !== undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { nodeBinary, bundleDir, root, campaignDir, run } = this.settings;
    const args = [
      "--bundle",
      bundleDir,
      "--root",
      root,
      "--campaign-dir",
      campaignDir,
      "--run",
      run,
      "--name",
      this.name,
      "--serve",
      "--parent",
      String(process.pid),
    ];
    // Detached: Ctrl-C on the terminal is for apply alone, which lets jobs finish or stops them.
    const child = spawn(nodeBinary, [...LEAN, join(bundleDir, "worker.mjs"), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      cwd: root,
      env: workerEnvironment(process.env),
    });
    this.child = child;
    this.journal = undefined;
    this.dropping = false;
    let stderr = "";
    const lines = new LineSplitter();
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      for (const line of lines.push(chunk)) this.listener.answered(this, JSON.parse(line) as Answer);
    });
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (stderr = (stderr + chunk).slice(-STDERR_KEPT)));
    // A write to a worker that just died: `close` tells the rest.
    child.stdin!.on("error", () => undefined);
    child.once("error", (error) => (stderr += error.message));
    // `close`, not `exit`: all its answers have been read by then.
    this.gone = new Promise((resolve) =>
      child.once("close", (code, signal) => {
        this.child = undefined;
        this.listener.ended(this, { code, signal, stderr: stderr.trim() });
        resolve();
      }),
    );
  }

  send(flights: readonly InFlight[]): void {
    this.queue.push(...flights);
    this.child?.stdin?.write(flights.map(({ request }) => `${JSON.stringify(request)}\n`).join(""));
  }

  /** Asks for the requests not begun back. */
  drop(): void {
    if (!this.child || this.dropping || this.queue.length < 2) return;
    this.dropping = true;
    this.child.stdin?.write('{"type":"drop"}\n');
  }

  /** End of stdin: a working worker stops its job and records it; an idle one goes. Resolves when it is gone. */
  close(): Promise<void> {
    this.child?.stdin?.end();
    return this.gone;
  }

  kill(): void {
    this.child?.kill("SIGKILL");
  }
}

function workerEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: certificates, ...env } = own;
  return certificates === undefined ? env : { ...env, [CARRIED_CA]: certificates };
}
