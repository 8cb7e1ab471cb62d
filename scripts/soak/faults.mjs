// The fault injector: every few seconds one of many kinds of violence, drawn by the seed, until it is told to stop; then all is made whole.
// Counts what has hit somebody.
import { setTimeout as sleep } from "node:timers/promises";
import { int, pick, weighted } from "./random.mjs";
import { jobsOf, kill, treeOf, workersOf } from "./victims.mjs";

const KINDS = [
  ["worker killed", 8],
  ["job killed", 6],
  ["node down", 3],
  ["node killed", 2],
  ["controller killed", 2],
  ["controller frozen", 3],
  ["accounting stopped", 2],
  ["task requeued", 4],
  ["allocation cancelled", 2],
];

export class Faults {
  counts = {};
  problems = [];
  #stopped = new AbortController();
  /** What is being made whole again: nobody else hurts it meanwhile. slurmctld does not start without slurmdbd, so both are one. */
  #busy = new Map();

  constructor(cluster, root, random, { pool, accounting, pause }) {
    Object.assign(this, { cluster, root, random, pause });
    // A person who cancels an array's task has decided; a pool's allocation is nobody's job.
    const without = [...(pool ? ["task requeued"] : ["allocation cancelled"]), ...(accounting ? [] : ["accounting stopped"])]; // prettier-ignore
    this.kinds = KINDS.filter(([kind]) => !without.includes(kind));
  }

  async run() {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await sleep(int(this.random, this.pause / 2, this.pause * 1.5), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.inject(weighted(this.random, this.kinds));
    }
  }

  /** Returns when everything that was hurt is whole. */
  async stop() {
    this.#stopped.abort();
    await Promise.all(this.#busy.values());
  }

  inject(kind) {
    const { cluster, random, root } = this;
    switch (kind) {
      case "worker killed":
        return this.#hit(kind, killWith(pick(random, workersOf(root))));
      case "job killed":
        return this.#hit(kind, kill(-pick(random, jobsOf(root))));
      case "node down":
      case "node killed": {
        const name = pick(random, cluster.nodes);
        const node = cluster.node(name);
        return this.#during(name, kind, int(random, 1, 25), () => (kind === "node down" ? node.down() : node.kill()), () => node.up()); // prettier-ignore
      }
      case "controller killed":
        return this.#during("controller", kind, int(random, 0, 6), () => cluster.controller.kill(), () => cluster.controller.restart()); // prettier-ignore
      case "controller frozen":
        return this.#during("controller", kind, int(random, 2, 20), () => cluster.controller.stop(), () => cluster.controller.cont()); // prettier-ignore
      case "accounting stopped":
        return this.#during("controller", kind, int(random, 3, 30), () => cluster.accounting.stop(), () => cluster.accounting.start()); // prettier-ignore
      default:
        return this.#during("queue", kind, 0, () => this.#onTask(kind === "task requeued" ? ["scontrol", "requeue"] : ["scancel"]), () => undefined); // prettier-ignore
    }
  }

  /** Of the tasks that run. False: there is none, or nobody answers. */
  async #onTask(command) {
    const { status, stdout } = await this.cluster.run(["squeue", "-h", "-r", "-t", "R", "-o", "%i"], { timeout: 40 });
    const tasks = stdout.split("\n").filter(Boolean);
    if (status !== 0 || tasks.length === 0) return false;
    return (await this.cluster.run([...command, pick(this.random, tasks)], { timeout: 40 })).status === 0;
  }

  /** Hurts it, waits, and heals it again, without anybody waiting for that. */
  #during(what, kind, seconds, hurt, heal) {
    if (this.#busy.has(what)) return;
    const whole = (async () => {
      const hit = await Promise.resolve(hurt()).catch(() => false);
      this.#hit(kind, hit !== false);
      await sleep(seconds * 1000, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      await this.#healed(what, heal);
      this.#busy.delete(what);
    })();
    this.#busy.set(what, whole);
  }

  /** What needs the controller may have to wait until that is whole. */
  async #healed(what, heal) {
    for (let tries = 1; ; tries++) {
      try {
        return await heal();
      } catch (error) {
        if (tries === 5) return void this.problems.push(`${what} cannot be made whole: ${error.message}`);
        await sleep(2000);
      }
    }
  }

  #hit(kind, hit) {
    if (hit) this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}

/** The worker first, then what it has started, as a site does that tracks processes by cgroup. */
function killWith(worker) {
  if (worker === undefined) return false;
  const all = treeOf(worker);
  return all.map((pid) => kill(pid))[0];
}
