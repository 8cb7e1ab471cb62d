// A scheduler that can do anything a real one was seen to do, with workers that claim and record for real: turns are taken in it, on disk.
// Every job that is begun is checked: nobody else works on it, and it has no receipt.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { look } from "../../../src/executors/cluster/look.ts";
import { openRuns, writeRun } from "../../../src/executors/cluster/run-file.ts";
import { readTasks } from "../../../src/executors/cluster/task-file.ts";
import { takeTurn } from "../../../src/executors/cluster/turn.ts";
import type { Turn } from "../../../src/executors/cluster/turn-book.ts";
import type { AccountingAnswer } from "../../../src/executors/slurm/sacct.ts";
import type { SlurmClient } from "../../../src/executors/slurm/client.ts";
import { parseJobId } from "../../../src/executors/slurm/job-id.ts";
import type { Submission } from "../../../src/executors/slurm/sbatch.ts";
import { stateOf } from "../../../src/executors/slurm/states.ts";
import type { QueuedJob } from "../../../src/executors/slurm/squeue.ts";
import type { SubmitAnswer } from "../../../src/executors/slurm/submission.ts";
import type { TaskJob } from "../../../src/ir/task-line.ts";
import { siteFrom } from "../../../src/site/document.ts";
import type { AttemptClass } from "../../../src/state/events.ts";
import type { Receipt } from "../../../src/state/receipt.ts";
import { type JournalWriter, openJournal } from "../../../src/state/journal.ts";
import { nextAttempt } from "../../../src/state/job-state.ts";
import { readJournals } from "../../../src/state/read-journal.ts";
import type { State } from "../../../src/state/reduce.ts";
import { resume } from "../../../src/worker/earlier-lives.ts";
import type { HeldClaim } from "../../../src/worker/held-claim.ts";
import { TaskClaim } from "../../../src/worker/task-claim.ts";

interface Task {
  readonly jobId: number;
  readonly token: string;
  readonly task: number;
  state: string;
  restart: number;
  end?: number;
  worker?: Worker | undefined;
  /** squeue shows it no more. */
  purged?: boolean;
  /** Neither squeue nor sacct shows it, and it is there. */
  hidden?: boolean;
}

interface Worker {
  readonly journal: JournalWriter;
  readonly claim: HeldClaim;
  readonly todo: TaskJob[];
  current?: TaskJob & { readonly attemptId: string };
}

export type Submitting = "accepted" | "unanswered" | "late" | "unheard" | "forgotten" | "refused";

const JOBS = 4;
const RECEIPT: Receipt = {
  recipe: { digest: "r", params: "", code: "", inputs: "", environment: "", upstream: "" } as Receipt["recipe"],
  params: {},
  inputs: [],
  outputs: [],
  metrics: [],
  gates: [],
  checksPassed: 0,
};

export class World {
  readonly root = mkdtempSync(join(tmpdir(), "cmc-world-"));
  /** ms; SLURM's clock, too. */
  now = 1_800_000_000_000;
  submitting: Submitting = "accepted";
  accounting: "answers" | "silent" | "off" = "answers";
  readonly tasks: Task[] = [];
  /** Asked for, and not heard of yet. */
  readonly late: Submission[] = [];
  readonly wrong: string[] = [];
  private jobs = 0;
  private attempts = 0;
  private readonly working = new Map<string, string>();
  private readonly receipts = new Set<string>();

  constructor() {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(this.root, "bundle", path)), { recursive: true });
      writeFileSync(join(this.root, "bundle", path), text);
    };
    const retry = { attempts: 100, backoff: { initial: 0, factor: 1, max: 0 }, escalate: {} };
    const stage = (name: string, inputs: readonly object[]) => ({ name, inputs, retry, resources: {} });
    write("campaign.json", JSON.stringify({ stages: [stage("a", []), stage("b", [{ port: "from", kind: "edge", join: "each" }])] })); // prettier-ignore
    write("bundle.json", JSON.stringify({ files: { "slurm/a.tasks": {}, "slurm/b.tasks": {} } }));
    write("batches.json", JSON.stringify(["a", "b"].map((name) => ({ id: name, stage: name }))));
    for (const name of ["a", "b"]) {
      const lines = Array.from({ length: JOBS }, (_, n) => {
        const elements = [{ key: `a[n=${n}]` }];
        return JSON.stringify({ key: `${name}[n=${n}]`, recipe: { digest: "r" }, inputs: name === "b" ? { from: { kind: "edge", elements } } : {} }); // prettier-ignore
      });
      write(`jobs/${name}.jsonl`, `${lines.join("\n")}\n`);
      write(`slurm/${name}.tasks`, `${JSON.stringify({ batch: name, from: 0, to: JOBS })}\n`);
      const description = { name, stage: name, queue: {}, resources: { walltime: 60 }, perTask: 2, jobWalltime: 60, mode: "array" }; // prettier-ignore
      write(`slurm/${name}.json`, JSON.stringify(description));
    }
    this.handOver();
  }

  readonly keys = ["a", "b"].flatMap((name) => Array.from({ length: JOBS }, (_, n) => `${name}[n=${n}]`));

  /** As apply does; what is done counts as done by this run. */
  handOver(): void {
    const { jobs } = this.state();
    const firstOf = (key: string) => (jobs.get(key)?.receipt ? 1 : nextAttempt(jobs.get(key)));
    const first = Object.fromEntries(
      ["a", "b"].map((name) => [name, Array.from({ length: JOBS }, (_, n) => firstOf(`${name}[n=${n}]`))]),
    );
    const site = siteFrom("world", { executor: "slurm", limits: { visibility: "0s", failureRate: { most: 1 } } });
    writeRun(this.root, { run: "r", startedAt: 1, bundle: join(this.root, "bundle"), campaignDir: "/", site, first }); // prettier-ignore
  }

  state(): State {
    return readJournals(this.root).fold().state;
  }

  /** Bytes that the turn wrote are none where nothing has happened. */
  async turn(): Promise<Turn> {
    const { root } = this;
    const seen = await look(root, this.client, () => this.now);
    const { state } = readJournals(root).fold();
    let journal: JournalWriter | undefined;
    this.wrote = 0;
    const open = () => {
      this.wrote += 1;
      return (journal ??= openJournal(root, { writer: "tick", run: "r" }));
    };
    try {
      return await takeTurn({ root, look: seen, state, journal: open, client: this.client, now: () => this.now });
    } finally {
      journal?.close();
    }
  }

  /** How often the last turn asked for its journal. */
  wrote = 0;

  get over(): boolean {
    return openRuns(this.root).length === 0;
  }

  /** A person lets go what is held. */
  release(): void {
    const keys = [...this.state().jobs.values()].filter(({ held }) => held).map(({ key }) => key);
    if (keys.length === 0) return;
    const journal = openJournal(this.root, { writer: "verb", run: "r" });
    journal.append({ type: "retry-requested", at: ++this.now, keys, user: "u", reason: "again" });
    journal.close();
  }

  private readonly client = {
    queue: () => Promise.resolve({ type: "ok", value: { jobs: this.rows(), unreadable: [] } }),
    accounting: (): Promise<AccountingAnswer> => Promise.resolve(this.accounts()),
    cancel: (names: readonly string[]) => {
      for (const { job, tasks } of names.map((name) => parseJobId(name)!))
        for (const task of this.tasks)
          if (task.jobId === job && (tasks ?? [task.task]).includes(task.task) && task.state === "PENDING")
            this.end(task, "CANCELLED");
      return Promise.resolve({ type: "ok", value: { text: "" } });
    },
    submit: (submission: Submission) => Promise.resolve(this.submit(submission)),
  } as unknown as SlurmClient;

  private submit(submission: Submission): SubmitAnswer {
    const how = this.submitting;
    const text = how;
    if (how === "refused") return { type: "refused", kind: "wait", text };
    if (how === "unheard") return { type: "uncertain", text };
    if (how === "late") {
      this.late.push(submission);
      return { type: "uncertain", text };
    }
    // Forgotten by a controller that died: its number is given out again.
    if (how === "forgotten") return { type: "submitted", jobId: this.jobs + 1 };
    const jobId = this.enqueue(submission);
    return how === "accepted" ? { type: "submitted", jobId } : { type: "uncertain", text };
  }

  enqueue({ jobName, array }: Submission): number {
    const jobId = ++this.jobs;
    for (const task of array!.tasks) this.tasks.push({ jobId, token: jobName.slice(4), task, state: "PENDING", restart: 0 }); // prettier-ignore
    return jobId;
  }

  private rows(): QueuedJob[] {
    return this.tasks.filter(({ purged, hidden }) => !purged && !hidden).map(({ jobId, token, task, state, restart, end }) => ({
      jobId, arrayJobId: jobId, tasks: [task], name: `cmc-${token}`, state: stateOf(state), partition: "main", restarts: restart,
      ...(end === undefined ? {} : { end: end / 1000 }),
    })); // prettier-ignore
  }

  private accounts(): AccountingAnswer {
    if (this.accounting === "silent") return { type: "unreachable", text: "" };
    if (this.accounting === "off") return { type: "off", text: "" };
    const jobs = this.tasks.filter(({ hidden }) => !hidden).map(({ jobId, token, task, state, end }) => ({
      id: { job: jobId, tasks: [task], rest: false }, rawId: jobId, name: `cmc-${token}`, state: stateOf(state),
      ...(end === undefined ? {} : { end: end / 1000 }),
    })); // prettier-ignore
    return { type: "ok", value: { jobs, unreadable: [] } };
  }

  /** SLURM starts a pending task; its worker claims it and begins the first job that is left. */
  start(task: Task): void {
    const { root } = this;
    task.state = "RUNNING";
    const journal = openJournal(root, { writer: "worker", run: "r" });
    const taken = new TaskClaim(root, task.token, task.task, { job: task.jobId, restart: task.restart }).take(
      journal.file,
    );
    if (typeof taken === "string") {
      journal.close();
      return this.end(task, "COMPLETED");
    }
    const line = readTasks(root, task.token)![task.task]!;
    const todo = taken.before ? resume(root, taken.before.journals, line, journal) : [...line];
    task.worker = { journal, claim: taken.claim, todo };
    this.next(task);
  }

  private next(task: Task): void {
    const worker = task.worker!;
    const job = worker.todo.shift();
    if (!job) {
      this.leave(task, 0);
      return this.end(task, "COMPLETED");
    }
    const { key, attempt, batch } = job;
    const attemptId = `t${++this.attempts}`;
    if (this.working.has(key)) this.wrong.push(`${key} is begun beside ${this.working.get(key)}`);
    if (this.receipts.has(key)) this.wrong.push(`${key} is begun after its receipt`);
    this.working.set(key, attemptId);
    worker.current = { ...job, attemptId };
    worker.journal.append({ type: "attempt-started", at: this.now, key, attempt, attemptId, recipe: "r", host: "node1", pid: 1, batch }); // prettier-ignore
  }

  /** The job of a running task ends, the worker takes the next one. */
  finish(task: Task, how: AttemptClass): void {
    const { key, attempt, attemptId } = task.worker!.current!;
    const receipt = how === "ok" ? { receipt: RECEIPT } : {};
    task.worker!.journal.append({ type: "attempt-finished", at: this.now, key, attempt, attemptId, class: how, message: how, phases: [], ...receipt }); // prettier-ignore
    if (how === "ok") this.receipts.add(key);
    this.working.delete(key);
    this.next(task);
  }

  /** Its worker hears that it is to end, and says so. */
  stop(task: Task): void {
    const { key, attempt, attemptId } = task.worker!.current!;
    task.worker!.journal.append({ type: "attempt-finished", at: this.now, key, attempt, attemptId, class: "cancelled", message: "", phases: [] }); // prettier-ignore
    this.leave(task, 8);
  }

  /** Its worker is killed, and says nothing. */
  kill(task: Task): void {
    const { claim, journal } = task.worker!;
    claim.release();
    journal.close();
    utimesSync(claim.path, 0, 0);
    this.working.delete(task.worker!.current!.key);
    task.worker = undefined;
  }

  private leave(task: Task, code: number): void {
    const { claim, journal, current } = task.worker!;
    journal.close();
    claim.end(code);
    if (current) this.working.delete(current.key);
    task.worker = undefined;
  }

  end(task: Task, state: string): void {
    task.state = state;
    task.end = this.now - 5000;
  }

  requeue(task: Task): void {
    task.state = "PENDING";
    task.restart += 1;
    delete task.end;
    task.purged = false;
  }

  dispose(): void {
    for (const { worker } of this.tasks) worker?.claim.release();
    rmSync(this.root, { recursive: true, force: true });
  }
}
