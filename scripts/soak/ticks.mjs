// Drives the campaign by `cmc tick` and nothing else: every few seconds one, now and then two at once, some of them killed at random moments or
// at a fault point. Judges how they end; what they did is judged in the end by check.mjs.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { int, pick, weighted } from "./random.mjs";

/** Where workers have no fault point of the same name: they inherit the environment of sbatch. */
const POINTS = [
  "tick/locked", "lock/prepared", "lock/taken", "lock/claimed", "lock/replaced", "lock/releasing", "ledger/prepared", "ledger/intended",
  "ledger/submitted", "ledger/answered", "pool/adding", "pool/added", "pool/intended", "pool/submitted",
]; // prettier-ignore
const WAYS = [
  ["plain", 60],
  ["two", 15],
  ["killed", 15],
  ["point", 10],
];
/** 0 well; 9 alerts, or the run has ended with failures; 10 the scheduler does not answer. */
const GOOD = [0, 9, 10];
/** Longer than any timeout of a tick. */
const LONGEST_MS = 180_000;

export class Ticks {
  counts = { ticks: 0, pairs: 0, killed: 0, unreachable: 0 };
  problems = [];
  line = "";
  seconds = [];

  /** `start`: starts cmc with these words and more environment (tests/helpers/cli.ts). */
  constructor(start, root, random, { gentle = false } = {}) {
    Object.assign(this, { start, root, random, gentle });
  }

  get running() {
    const runs = join(this.root, "metadata", "runs");
    return existsSync(runs) && readdirSync(runs).some((name) => name.endsWith(".json"));
  }

  /** Until nothing is in progress, or for `patience` seconds nothing has moved. */
  async drive(patience, onLine) {
    let [seen, since] = ["", performance.now()];
    while (this.running && this.problems.length === 0) {
      await this.round();
      onLine(this.line);
      // Not the whole line: a job that is tried again and again moves nothing.
      const done = /\d+ done/.exec(this.line)?.[0] ?? seen;
      if (done !== seen) [seen, since] = [done, performance.now()];
      else if (performance.now() - since > patience * 1000)
        this.problems.push(`nothing has moved for ${patience} s: ${this.line}`);
      await sleep(int(this.random, 1000, 4000));
    }
  }

  async round() {
    const way = this.gentle ? "plain" : weighted(this.random, WAYS);
    if (way === "two") {
      this.counts.pairs += 1;
      await Promise.all([this.tick(), sleep(int(this.random, 0, 300)).then(() => this.tick())]);
    } else if (way === "point")
      await this.tick({ CMC_FAULT: `${pick(this.random, POINTS)}:${int(this.random, 1, 2)}` });
    else await this.tick({}, way === "killed" ? int(this.random, 0, this.usual()) : undefined);
  }

  /** Milliseconds that most ticks take: those that waited for the scheduler took longer. */
  usual() {
    const last = this.seconds.slice(-9).toSorted((a, b) => a - b);
    return Math.round(1000 * (last[Math.floor(last.length / 2)] ?? 1));
  }

  async tick(env = {}, killAfter) {
    const begin = performance.now();
    const { child, done } = this.start(["tick", "--root", this.root], env);
    const timers = [setTimeout(() => this.late(child), LONGEST_MS)];
    if (killAfter !== undefined) timers.push(setTimeout(() => child.kill("SIGKILL"), killAfter));
    const { code, signal, out, err } = await done;
    timers.forEach(clearTimeout);
    this.counts.ticks += 1;
    if (signal === "SIGKILL") this.counts.killed += 1;
    else if (!GOOD.includes(code)) this.problems.push(`a tick ends with ${signal ?? code}: ${err || out}`);
    if (code === 10) this.counts.unreachable += 1;
    if (signal !== null) return;
    this.seconds.push((performance.now() - begin) / 1000);
    const [line] = out.split("\n");
    if (line.includes(" done") || line.includes("nothing in progress")) this.line = line;
  }

  late(child) {
    this.problems.push(`a tick does not end in ${LONGEST_MS / 1000} s`);
    child.kill("SIGKILL");
  }
}
