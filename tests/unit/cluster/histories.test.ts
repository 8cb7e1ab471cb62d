// Random histories of a scheduler, its workers and its accounting, with turns in between: no job is ever begun beside itself or after its receipt,
// a second turn over the same facts writes nothing, and once the faults are over everything ends with one receipt a job.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Submitting, World } from "./world.ts";

type Step = (world: World, choice: number) => void | Promise<unknown>;

const pick = <T>(items: readonly T[], choice: number): T | undefined => items[choice % Math.max(1, items.length)];
const running = (world: World) => world.tasks.filter(({ worker }) => worker);
const ENDS = ["FAILED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED", "CANCELLED"];

const STEPS: Readonly<Record<string, Step>> = {
  turn: (world) => world.turn(),
  start: (world, choice) => {
    const task = pick(world.tasks.filter(({ state, worker }) => state === "PENDING" && !worker), choice); // prettier-ignore
    if (task) world.start(task);
  },
  finish: (world, choice) => {
    const task = pick(running(world), choice);
    if (task) world.finish(task, choice % 3 === 0 ? "exit" : "ok");
  },
  stop: (world, choice) => {
    const task = pick(running(world), choice);
    if (!task) return;
    world.stop(task);
    if (choice % 2 === 0) world.requeue(task);
    else world.end(task, pick(ENDS, choice)!);
  },
  kill: (world, choice) => {
    const task = pick(running(world), choice);
    if (!task) return;
    world.kill(task);
    if (choice % 2 === 0) world.requeue(task);
    else world.end(task, pick(ENDS, choice)!);
  },
  cancelPending: (world, choice) => {
    const task = pick(world.tasks.filter(({ state }) => state === "PENDING"), choice); // prettier-ignore
    if (task) world.end(task, "CANCELLED");
  },
  /** By hand, long after. */
  requeueEnded: (world, choice) => {
    const task = pick(world.tasks.filter(({ end, purged }) => end !== undefined && !purged), choice); // prettier-ignore
    if (task) world.requeue(task);
  },
  purge: (world) => world.tasks.forEach((task) => (task.purged ||= task.end !== undefined)),
  hide: (world, choice) => {
    const task = pick(world.tasks, choice);
    if (task) task.hidden = !task.hidden;
  },
  submitting: (world, choice) => {
    world.submitting = pick<Submitting>(["accepted", "unanswered", "late", "unheard", "forgotten", "refused"], choice)!;
  },
  heard: (world) => void world.late.splice(0).forEach((submission) => world.enqueue(submission)),
  accounting: (world, choice) => {
    world.accounting = pick(["answers", "silent", "off"] as const, choice)!;
  },
  wait: (world) => void (world.now += 200_000),
  release: (world) => world.release(),
};

/** No more faults: what is left is done. */
async function settleDown(world: World): Promise<void> {
  world.submitting = "accepted";
  world.accounting = "answers";
  STEPS["heard"]!(world, 0);
  for (const task of world.tasks) task.hidden = false;
  for (let round = 0; round < 60; round++) {
    for (const task of world.tasks) {
      if (task.state === "PENDING" && !task.worker) world.start(task);
      while (task.worker) world.finish(task, "ok");
    }
    await world.turn();
    world.release();
    const done = world.keys.every((key) => world.state().jobs.get(key)?.receipt);
    if (world.over && done) return;
    if (world.over) world.handOver();
    world.now += 200_000;
  }
}

const history = fc.array(
  fc.tuple(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom("turn", "start", "finish") }, { weight: 3, arbitrary: fc.constantFrom(...Object.keys(STEPS)) }), // prettier-ignore
    fc.nat(30),
  ),
  { minLength: 5, maxLength: 40 },
);

test("no job is doubled or lost, whatever happens", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const world = new World();
      try {
        await world.turn();
        for (const [name, choice] of steps) await STEPS[name]!(world, choice);
        await settleDown(world);
        expect(world.wrong).toEqual([]);
        const { jobs, submissions } = world.state();
        for (const key of world.keys)
          expect([key, jobs.get(key)?.attempts.filter(({ end }) => end?.class === "ok").length]).toEqual([key, 1]);
        expect([...submissions.values()].filter(({ over, refused }) => !over && !refused)).toEqual([]);
      } finally {
        world.dispose();
      }
    }),
    { numRuns: Number(process.env["CMC_HISTORIES"] ?? 60) },
  );
});

test("a second turn over the same facts writes nothing", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const world = new World();
      try {
        for (const [name, choice] of steps) await STEPS[name]!(world, choice);
        // What could be submitted is submitted, and what nobody knows of has been asked for.
        for (let i = 0; i < 3; i++) await world.turn();
        world.submitting = "refused";
        for (let i = 0; i < 3; i++) await world.turn();
        const before = [...world.state().submissions.keys()].length;
        await world.turn();
        const { submissions } = world.state();
        // A refused submission is an intent each time; nothing else is.
        const written = [...submissions.values()].length - before;
        if (written === 0) expect(world.wrote).toBe(0);
      } finally {
        world.dispose();
      }
    }),
    { numRuns: 30 },
  );
});
