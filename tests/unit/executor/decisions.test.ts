// The executor's pure parts: who may start, who tries again, how much is sent ahead. No processes.
import { expect, it } from "vitest";
import { escalated, verdict } from "../../../src/executors/retry.ts";
import { fairDepth, Pace } from "../../../src/executors/local/packing.ts";
import { Readiness } from "../../../src/executors/local/readiness.ts";
import { ReadyQueue } from "../../../src/executors/local/ready-queue.ts";
import { Capacity, shareOf } from "../../../src/executors/local/admission.ts";
import { Tally } from "../../../src/executors/local/progress.ts";
import type { InputIR, RetryIR } from "../../../src/ir/stage.ts";
import type { AttemptClass } from "../../../src/state/events.ts";
import { evaluateGates } from "../../../src/worker/gates.ts";
import { testCampaign } from "../../helpers/worker-bundle.ts";

const retry: RetryIR = {
  attempts: 4,
  backoff: { initial: 10, factor: 3, max: 60 },
  escalate: { oom: { memory: 2 }, timeout: { walltime: 1.5 } },
};

const of = (...classes: AttemptClass[]) => classes.map((how) => ({ class: how }));

it.each<[AttemptClass[], ReturnType<typeof verdict>]>([
  [["exit"], { again: true, seconds: 10 }],
  [["exit", "oom"], { again: true, seconds: 30 }],
  [["exit", "oom", "signal"], { again: true, seconds: 60 }],
  [["exit", "oom", "signal", "timeout"], { again: false, why: "attempt 4 of 4" }],
  [["validation"], { again: false, why: "validation failures are not retried" }],
  [["missing-input"], { again: false, why: "missing-input failures are not retried" }],
])("after %j: %j", (failures, expected) => {
  expect(verdict(retry, of(...failures))).toEqual(expected);
});

it("an exit code may have a number of tries of its own", () => {
  const own: RetryIR = { ...retry, exits: { 2: 1, 75: 6 } };
  const exits = (...codes: number[]) => codes.map((exit) => ({ class: "exit", exit }) as const);
  expect(verdict(own, exits(2))).toEqual({ again: false, why: "attempt 1 of 1" });
  expect(verdict(own, exits(1, 1, 1, 1))).toEqual({ again: false, why: "attempt 4 of 4" });
  expect(verdict(own, exits(1, 75, 1, 75, 75))).toMatchObject({ again: true });
  expect(verdict(own, exits(75, 75, 75, 75, 75, 75))).toEqual({ again: false, why: "attempt 6 of 6" });
});

it("escalation counts failures of its own kind, and stops at the machine", () => {
  const declared = { memory: 10, walltime: 100, cpus: 2 };
  expect(escalated(declared, retry, of("exit"), 1000)).toEqual(declared);
  expect(escalated(declared, retry, of("oom", "exit", "oom"), 1000)).toEqual({ memory: 40, walltime: 100, cpus: 2 });
  expect(escalated(declared, retry, of("oom", "oom", "timeout"), 25)).toEqual({ memory: 25, walltime: 150, cpus: 2 });
  expect(escalated({ cpus: 1 }, retry, of("oom", "timeout"), 25)).toEqual({ cpus: 1 });
});

it("short jobs are sent ahead, long ones never", () => {
  const pace = new Pace();
  expect(pace.depth("a")).toBe(1);
  pace.record("a", 0.001);
  expect(pace.depth("a")).toBe(64);
  for (let i = 0; i < 20; i++) pace.record("a", 1);
  expect(pace.depth("a")).toBe(1);
  expect([fairDepth(64, 1000, 2), fairDepth(64, 8, 2), fairDepth(64, 0, 2)]).toEqual([64, 2, 1]);
});

it("processors and memory are handed out and taken back; tasks multiply processors", () => {
  const capacity = new Capacity({ cpus: 4, memory: 100 });
  const share = shareOf({ cpus: 1, tasks: 3, memory: 60 });
  expect(share).toEqual({ cpus: 3, memory: 60 });
  capacity.take(share);
  expect(capacity.free).toEqual({ cpus: 1, memory: 40 });
  capacity.give(share);
  expect(capacity.free).toEqual({ cpus: 4, memory: 100 });
});

it("readiness: groups are counted once, kept jobs count, what is not planned is not available", async () => {
  const edge = (stage: string, join: "each" | "all" | "quorum", fraction?: number): InputIR => ({
    kind: "edge",
    port: stage,
    from: { stage, output: "o" },
    join,
    over: [],
    fraction,
  });
  const output = [{ ir: { kind: "file", name: "o" }, path: (i: number) => `${i}` } as const];
  const campaign = await testCampaign([
    { name: "a", count: 4, outputs: output, argv: () => ["x"] },
    { name: "b", count: 4, outputs: output, argv: () => ["x"], inputs: [{ ir: edge("a", "each") }] },
    {
      name: "c",
      count: 3,
      outputs: output,
      argv: () => ["x"],
      inputs: [{ ir: edge("b", "quorum", 0.75) }, { ir: edge("a", "each") }],
    },
    { name: "d", count: 1, argv: () => ["x"], inputs: [{ ir: edge("c", "all") }] },
  ]);
  campaign.remove();
  const rows = (...list: number[]): Uint32Array => Uint32Array.from(list);
  // a0 is kept; a3 is neither kept nor planned, so b3 can never start.
  const readiness = new Readiness(campaign.table, (row) => row === 0, [
    rows(1, 2),
    rows(4, 5, 6, 7),
    rows(8, 9, 10),
    rows(11),
  ]);
  expect(readiness.start()).toEqual({ ready: [1, 2, 4], blocked: [{ row: 7, by: 3 }] });
  expect(readiness.finished(1).ready).toEqual([5]);
  expect(readiness.finished(2).ready).toEqual([6]);
  expect(readiness.finished(4)).toEqual({ ready: [], blocked: [] });
  expect(readiness.finished(5)).toEqual({ ready: [], blocked: [] });
  // The last that can come: 3 of 4 are there, the three jobs of c share the group.
  expect(readiness.finished(6)).toEqual({ ready: [8, 9, 10], blocked: [] });
  expect(readiness.omitted(8)).toEqual(["b[i=3]"]);
  expect(readiness.failed(9)).toEqual({ ready: [], blocked: [{ row: 11, by: 9 }] });
});

it("later stages go first, and within a stage the order of the plan", async () => {
  const campaign = await testCampaign([
    { name: "a", count: 4, argv: () => ["x"] },
    { name: "b", count: 2, argv: () => ["x"] },
  ]);
  campaign.remove();
  const queue = new ReadyQueue(campaign.table, Uint32Array.of(3, 2, 1, 0, 4, 5));
  for (const row of [0, 5, 1, 4, 3, 2]) queue.push(row);
  expect(queue.take(() => false)).toBe(undefined);
  // 4 does not fit at first, so an earlier stage gets its turn.
  expect(queue.take((row) => row !== 4)).toBe(3);
  expect(Array.from({ length: 6 }, () => queue.take(() => true))).toEqual([4, 5, 2, 1, 0, undefined]);
});

it("progress has a rate over the last half minute", () => {
  let now = 0;
  const tally = new Tally(100, () => now);
  for (let i = 0; i < 60; i++) {
    now += 1000;
    tally.done += 1;
    tally.ended();
  }
  expect(tally.snapshot()).toMatchObject({ total: 100, done: 60, elapsed: 60, rate: 1 });
});

it("gates: inclusive bounds, the last value counts, absent and non-finite values fail", () => {
  const gate = { name: "g", metric: "m", min: 1, max: 2, level: "fail" } as const;
  const of = (...values: (number | "NaN")[]) =>
    evaluateGates(
      [gate],
      values.map((value) => ({ name: "m", value })),
    )[0]!;
  expect([of(1), of(2), of(5, 1.5)].map((fact) => fact.passed)).toEqual([true, true, true]);
  expect([of(0.999), of(2.001), of("NaN"), of()].map((fact) => fact.message)).toEqual([
    "m = 0.999 is less than 1",
    "m = 2.001 is greater than 2",
    "m = NaN is not finite",
    "m was not emitted",
  ]);
  expect(
    evaluateGates([{ name: "g", metric: "m", equals: 0, level: "warn" }], [{ name: "m", value: 0 }])[0],
  ).toMatchObject({ passed: true, message: "m = 0 within = 0" });
});
