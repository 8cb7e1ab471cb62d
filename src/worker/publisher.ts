// Publishes what attempts have staged, in the order they come: data to disk, rename, receipt. While one group waits for the disk the worker
// runs the next jobs, and those form the next group: file systems commit many syncs at the price of one.
import { faultPoint } from "../state/fault.ts";
import type { Attempted, Draft } from "./attempt.ts";
import { removeCheckpoint } from "./checkpoint.ts";
import { conclude, unclaimed } from "./conclude.ts";
import { AttemptFailure, ioFailure, step } from "./failure.ts";
import type { Finished } from "./protocol.ts";
import { outputFacts, renameStaged, syncStaged } from "./publish.ts";
import { receiptOf } from "./receipt.ts";
import type { WorkerProcess } from "./run-job.ts";
import type { Receipt } from "../state/receipt.ts";

/** Attempts that may wait for the disk: what a killed worker has to do again. */
const MOST_WAITING = 64;
/** A stream of short jobs stops that often to sync: creating files while others are synced takes ten times as long (ext4). */
const GATHER_MS = 50;
/** A receipt is not kept waiting for longer by a job that takes its time. */
const LATEST_MS = 100;

interface Item {
  readonly attempted: Attempted;
  readonly answered: (finished: Finished) => void;
}

export class Publisher {
  private readonly waiting: Item[] = [];
  private working: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** When the first of those that wait came. */
  private since = 0;

  /** `holds`: asked before each job is published, whether its work is still this worker's. */
  constructor(
    private readonly worker: WorkerProcess,
    private readonly holds: () => boolean = () => true,
  ) {}

  /** `answered` is called when the attempt is recorded; attempts are recorded in the order of `add`. Resolves when there is room for one more. */
  async add(attempted: Attempted, answered: (finished: Finished) => void): Promise<void> {
    const now = performance.now();
    if (this.waiting.length === 0) this.since = now;
    this.waiting.push({ attempted, answered });
    if (this.waiting.length >= MOST_WAITING || now - this.since >= GATHER_MS) await this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), LATEST_MS);
  }

  /** Everything added is recorded. For who has nothing else to do. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length > 0) this.working ??= this.work();
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0);
      const faults = await Promise.all(group.map(({ attempted }) => synced(attempted)));
      group.forEach(({ attempted, answered }, i) => answered(this.publish(attempted, faults[i])));
    }
    this.working = undefined;
  }

  private publish(attempted: Attempted, fault: AttemptFailure | undefined): Finished {
    const outcome = attempted.outcome!;
    switch (outcome.kind) {
      case "unclaimed":
        return unclaimed(attempted, outcome.error, outcome.machine);
      case "receipt":
        return conclude(this.worker, attempted, this.holds() ? outcome.receipt : taken());
      case "failure":
        return conclude(this.worker, attempted, outcome.failure);
      case "draft":
        return this.published(attempted, outcome.draft, fault ?? this.rename(attempted, outcome.draft));
    }
  }

  private published(attempted: Attempted, { stage, job }: Draft, result: Receipt | AttemptFailure): Finished {
    const finished = conclude(this.worker, attempted, result);
    if (finished.class === "ok") removeCheckpoint(stage, job, this.worker.root);
    return finished;
  }

  private rename(attempted: Attempted, draft: Draft): Receipt | AttemptFailure {
    const { worker } = this;
    const { stage, job, inputs, staging, checksPassed, digests } = draft;
    faultPoint("worker/synced");
    if (!this.holds()) return taken();
    try {
      renameStaged(stage, job, worker.root, staging, worker.folders);
      const outputs = step("looking at published outputs", () => outputFacts(stage, job, worker.root, digests));
      const node = stage.run.kind === "task" ? process.versions.node : undefined;
      return receiptOf(
        stage,
        job,
        inputs,
        outputs,
        checksPassed,
        attempted.result?.metrics ?? [],
        attempted.gates,
        node,
      );
    } catch (error) {
      return ioFailure("publishing", error);
    }
  }
}

function taken(): AttemptFailure {
  return new AttemptFailure("cancelled", "its claim was taken away before it was published");
}

/** Data of a draft on disk; else why not. */
async function synced({ clock, outcome }: Attempted): Promise<AttemptFailure | undefined> {
  if (outcome?.kind !== "draft") return undefined;
  clock.enter("publish");
  const { stage, staging } = outcome.draft;
  try {
    await syncStaged(stage, staging.outputs);
    return undefined;
  } catch (error) {
    return ioFailure("writing outputs to disk", error);
  }
}
