// Pilot mode: claims packs of a pool and works through them, until nothing is left, nothing comes, time runs out, or nothing succeeds.
// Exit code 0: nothing is left to do here; 8: stopped, or no time for what is left; 9: the brake is pulled.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Allocation } from "./allocation.ts";
import { Brake } from "./brake.ts";
import { resume } from "./earlier-lives.ts";
import { withWorker } from "./open-worker.ts";
import type { PoolMode, WorkerOptions } from "./options.ts";
import { type Claimant, finishPack, serverClock, takePack, type TakenPack } from "./pool-claim.ts";
import { BRAKED, readPool } from "./pool-folder.ts";
import type { Finished } from "./protocol.ts";
import type { WorkerProcess } from "./run-job.ts";
import type { Signals } from "./signals.ts";
import type { TimeLeft } from "./time-left.ts";
import { work } from "./work.ts";

const POLL_MS = Number(process.env["CMC_POLL_MS"] ?? 1000);
const LONGEST_POLL = 15;
/** A listing is used for so long: packs come and go meanwhile, and thousands of names are not read for every pack. */
const LISTING_MS = 5000;

export async function runPool(
  options: WorkerOptions,
  mode: PoolMode,
  signals: Signals,
  time: TimeLeft,
  allocation: Allocation,
): Promise<number> {
  return await withWorker(options, (worker) => {
    const me = { folder: mode.folder, lease: mode.lease, allocation, journal: worker.journal.file };
    return new Pilot(worker, me, mode, signals, time).run();
  });
}

const EXIT = { nothingLeft: 0, stopped: 8, braked: 9 } as const;

class Pilot {
  private readonly brake: Brake;
  /** Why it ends; absent: it does not. */
  private code: number | undefined;

  constructor(
    private readonly worker: WorkerProcess,
    private readonly me: Omit<Claimant, "now">,
    private readonly mode: PoolMode,
    private readonly signals: Signals,
    private readonly time: TimeLeft,
  ) {
    this.brake = new Brake(mode.brake);
  }

  async run(): Promise<number> {
    let idleSince = performance.now();
    for (let wait = 1; ;) {
      const { closed, worked } = await this.round();
      if (this.code !== undefined) return this.code;
      const now = performance.now();
      if (worked) [wait, idleSince] = [1, now];
      else if (closed || now - idleSince >= this.mode.idle * 1000) return EXIT.nothingLeft;
      else {
        await sleep(wait * POLL_MS, undefined, { signal: this.signals.warn }).catch(() => undefined);
        wait = Math.min(LONGEST_POLL, wait * 2);
      }
    }
  }

  /** One listing, from its first pack to its last. `closed`: there is nothing to do any more. */
  private async round(): Promise<{ closed: boolean; worked: boolean }> {
    const { packs, closed } = readPool(this.mode.folder);
    const begin = performance.now();
    const claimant = { ...this.me, now: serverClock(this.mode.folder, this.worker.name) };
    let worked = false;
    for (const pack of packs) {
      if (this.mustStop() || performance.now() - begin > LISTING_MS) break;
      const taken = takePack(claimant, pack);
      if (taken) await this.workThrough(taken);
      worked ||= taken !== undefined;
    }
    this.mustStop();
    return { closed: closed && packs.every((pack) => pack.done), worked };
  }

  private async workThrough(taken: TakenPack): Promise<void> {
    const { worker, brake, time, signals } = this;
    const { claim, before } = taken;
    const jobs = before ? resume(worker.root, before.journals, taken.jobs, worker.journal) : taken.jobs;
    const stop = AbortSignal.any([signals.stop, claim.lost]);
    const execution = { worker, warn: signals.warn, stop, holds: () => claim.holds() };
    const failedBefore = new Set(jobs.filter((job) => job.failedBefore).map(({ key }) => key));
    const ended = (finished: Finished) => brake.record(finished, failedBefore.has(finished.key));
    const { left, halted } = await work(execution, jobs, { time, goesOn: () => !brake.pulled, ended });
    worker.journal.sync();
    if (left === 0) finishPack(this.mode.folder, taken);
    // Whoever takes it over need not wait until it expires.
    else claim.end(EXIT.stopped);
    if (halted) this.code = EXIT.stopped;
  }

  private mustStop(): boolean {
    const braked = join(this.mode.folder, BRAKED);
    if (this.brake.pulled) writeFileSync(braked, `${this.worker.name}: ${this.brake.reason}\n`);
    if (existsSync(braked)) this.code = EXIT.braked;
    else if (this.signals.warn.aborted) this.code = EXIT.stopped;
    return this.code !== undefined;
  }
}
