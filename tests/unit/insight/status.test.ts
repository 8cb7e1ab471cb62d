// Status as people read it: how far, what failed, what that blocks, how long it takes. Built from plain events.
import { describe, expect, it } from "vitest";
import { attemptLogs, jobLog, jobLogs } from "../../../src/insight/logs.ts";
import { percentile } from "../../../src/plan/percentile.ts";
import { type Standing, STANDINGS } from "../../../src/insight/standing.ts";
import { status } from "../../../src/insight/status.ts";
import type { Event } from "../../../src/state/events.ts";
import { finished, fold, started, tableOf } from "../state/support.ts";

const table = tableOf([
  { name: "mock", axes: { i: [0, 1, 2, 3, 4, 5] }, retry: { attempts: 2 } },
  { name: "measure", axes: { i: [0, 1, 2, 3, 4, 5] }, inputs: { mock: { each: "mock.out" } }, retry: { attempts: 2 } },
  { name: "mean", axes: {}, inputs: { all: { all: "measure.out", over: ["i"] } } },
  { name: "most", axes: {}, inputs: { some: { quorum: "measure.out", over: ["i"], fraction: 0.8 } } },
]);

const START = Date.UTC(2026, 10, 20, 12);
const run: Event = {
  type: "apply-started",
  at: START,
  run: "r1",
  user: "ann",
  host: "h",
  bundle: "b",
  campaignDigest: "c",
  jobs: 14,
  toolVersion: "0.1.0",
  code: {},
};
const gates = [
  { name: "dense", metric: "n_gal", level: "warn", passed: false, message: "3 < 10" },
  { name: "sane", metric: "n_gal", level: "fail", passed: true, message: "3 >= 1" },
] as const;
const refused = [{ name: "sane", metric: "n_gal", level: "fail", passed: false, message: "0 < 1" }] as const;

const happened: Event[] = [
  run,
  started("mock[i=0]"), finished("mock[i=0]", "ok", { at: START + 10_000, seconds: 4, gates }),
  started("mock[i=1]"), finished("mock[i=1]", "ok", { at: START + 20_000, seconds: 10 }),
  started("mock[i=2]"),
  // Used up: two tries of two.
  started("mock[i=3]"), finished("mock[i=3]", "exit"),
  started("mock[i=3]", { attempt: 2 }),
  finished("mock[i=3]", "oom", { attempt: 2 }, { signal: "SIGKILL", logTail: "MemoryError", log: { file: "logs/w1.log", from: 40, to: 99 } }),
  // One of two.
  started("mock[i=4]"), finished("mock[i=4]", "timeout"),
  started("mock[i=5]"), finished("mock[i=5]", "cancelled"),
  started("measure[i=0]"), finished("measure[i=0]", "validation", {}, { gates: refused }),
]; // prettier-ignore

const NOBODY = Object.fromEntries(STANDINGS.map((name) => [name, 0]));
const live = status(table, fold(happened), { now: START + 60_000, live: true });

describe("status", () => {
  it("counts where every job is", () => {
    expect(live.stages.map(({ stage, counts }) => [stage, counts])).toEqual([
      ["mock", { ...NOBODY, jobs: 6, done: 2, running: 1, waiting: 1, failed: 1, cancelled: 1 }],
      ["measure", { ...NOBODY, jobs: 6, waiting: 4, failed: 1, blocked: 1 }],
      ["mean", { ...NOBODY, jobs: 1, blocked: 1 }],
      // Four of six can still come, and it needs five.
      ["most", { ...NOBODY, jobs: 1, blocked: 1 }],
    ]);
    expect(live.total).toEqual({ ...NOBODY, jobs: 14, done: 2, running: 1, waiting: 5, failed: 2, blocked: 3, cancelled: 1 }); // prettier-ignore
  });

  it("calls what was begun lost, that is waiting, when nobody is at work", () => {
    const { total, rate } = status(table, fold(happened), { now: START + 60_000, live: false });
    expect(total).toMatchObject({ running: 0, waiting: 6 });
    expect(rate).toBeUndefined();
  });

  it("gives rate and time left while an apply is at work", () => {
    expect(live.rate?.jobsPerMinute).toBeCloseTo(2);
    expect(live.rate?.etaSeconds).toBeCloseTo(7 * 30);
    expect(live.run).toMatchObject({ run: "r1", start: { user: "ann" } });
    expect(live.run?.end).toBeUndefined();
  });

  it("lists failures with what a person needs", () => {
    expect(live.failures).toMatchObject([
      { key: "mock[i=3]", class: "oom", attempt: 2, failures: 2, signal: "SIGKILL", node: "node7", logTail: "MemoryError", message: "it ended with oom", log: { file: "logs/w1.log", from: 40, to: 99, attempt: 2 } },
      { key: "measure[i=0]", class: "validation", failures: 1 },
    ]); // prettier-ignore
  });

  it("lists gates that did not pass, failing ones first", () => {
    expect(live.gates).toEqual([
      { key: "measure[i=0]", stage: "measure", gate: "sane", metric: "n_gal", level: "fail", message: "0 < 1" },
      { key: "mock[i=0]", stage: "mock", gate: "dense", metric: "n_gal", level: "warn", message: "3 < 10" },
    ]);
  });

  it("knows run times and where the time went", () => {
    const [mock, measure] = live.stages;
    expect(mock?.runTimes).toEqual({
      count: 2,
      min: 4,
      median: 7,
      p99: expect.closeTo(9.94) as number,
      max: 10,
      total: 14,
    });
    expect(mock?.phases).toEqual([{ name: "run", seconds: 14 }, { name: "stage", seconds: 1 }]); // prettier-ignore
    expect(measure?.runTimes).toBeUndefined();
  });

  it("does not count a receipt for another recipe as done", () => {
    const old = fold([started("mock[i=0]", { version: 7 }), finished("mock[i=0]", "ok", { version: 7 })]);
    expect(status(table, old, { now: START, live: false }).total).toMatchObject({ done: 0, waiting: 14 });
  });

  it("of a campaign nobody applied is all waiting", () => {
    expect(status(table, fold([]), { now: START, live: false })).toMatchObject({
      total: { jobs: 14, waiting: 14 },
      failures: [],
      gates: [],
    });
  });
});

describe("a run on a cluster", () => {
  const elsewhere = new Map<string, { standing: Standing; reason?: string; until?: number }>([
    ["mock[i=1]", { standing: "queued", reason: "Priority" }],
    ["mock[i=2]", { standing: "running" }],
    ["mock[i=3]", { standing: "unknown", reason: "not in the queue" }],
    ["mock[i=4]", { standing: "retry", until: START + 90_000 }],
    ["mock[i=5]", { standing: "queued", reason: "Priority" }],
  ]);
  const seen = status(table, fold(happened), { now: START + 60_000, live: false, elsewhere });

  it("knows better than the journals, also of what they call done or failed", () => {
    expect(seen.stages[0]!.counts).toEqual({ ...NOBODY, jobs: 6, done: 1, queued: 2, running: 1, unknown: 1, retry: 1 }); // prettier-ignore
  });

  it("tells why, most frequent first, and when the next retry is", () => {
    expect(seen.reasons).toEqual([
      { standing: "queued", reason: "Priority", jobs: 2 },
      { standing: "unknown", reason: "not in the queue", jobs: 1 },
    ]);
    expect(seen.nextRetry).toBe(START + 90_000);
  });

  it("has a rate although nobody holds the lock", () => {
    expect(seen.rate?.jobsPerMinute).toBeCloseTo(2);
    // All but what is done, failed or blocked.
    const { jobs, done, failed, blocked } = seen.total;
    expect(seen.rate?.etaSeconds).toBeCloseTo((jobs - done - failed - blocked) * 30);
  });

  it("shows held jobs, and what they block, until they are released or done", () => {
    const held: Event = {
      type: "jobs-held",
      at: START + 1,
      keys: ["mock[i=0]", "mock[i=1]"],
      reason: "cancelled by ann",
    };
    const of = (...more: Event[]) => status(table, fold([run, held, ...more]), { now: START, live: false });
    expect(of().stages.map(({ counts }) => [counts.held, counts.blocked])).toEqual([[2, 0], [0, 2], [0, 1], [0, 1]]); // prettier-ignore
    expect(of().reasons).toEqual([{ standing: "held", reason: "cancelled by ann", jobs: 2 }]);
    const retry: Event = { type: "retry-requested", at: START + 2, keys: ["mock[i=0]"], user: "ann", reason: "again" };
    expect(of(retry).total).toMatchObject({ held: 1 });
    const done = [started("mock[i=0]"), finished("mock[i=0]", "ok", { at: START + 3 })];
    expect(of(...done).total).toMatchObject({ held: 1, done: 1 });
  });
});

describe("the log of an attempt without a recorded end", () => {
  const file = "logs/s7-0.log";
  const at = (key: string, from: number): Event => ({ ...started(key), log: { file, from } });
  const logs = (key: string, ...events: Event[]) => {
    const state = fold(events);
    return attemptLogs(state.jobs.get(key)!, state);
  };

  it("goes on to where the file ends while it runs", () => {
    expect(logs("mock[i=0]", at("mock[i=0]", 40))).toEqual([{ attempt: 1, attemptId: "mock[i=0]#1", file, from: 40 }]);
  });

  it("ends where its worker began another job", () => {
    const others = [at("mock[i=1]", 90), at("mock[i=2]", 60), at("mock[i=3]", 10)];
    const lost = finished("mock[i=0]", "lost", {}, { log: undefined });
    expect(logs("mock[i=0]", at("mock[i=0]", 40), ...others, lost)).toMatchObject([
      { class: "lost", from: 40, to: 60 },
    ]);
    const ended = finished("mock[i=2]", "ok", {}, { log: { file, from: 60, to: 80 } });
    expect(logs("mock[i=0]", at("mock[i=0]", 40), ...others, ended)).toMatchObject([{ from: 40, to: 60 }]);
  });

  it("is what its end says once it has one, whichever was read first", () => {
    const end = finished("mock[i=0]", "exit", {}, { log: { file, from: 40, to: 77 } });
    for (const events of [[at("mock[i=0]", 40), end], [end, at("mock[i=0]", 40)]])
      expect(logs("mock[i=0]", ...events)).toEqual([{ attempt: 1, attemptId: "mock[i=0]#1", class: "exit", file, from: 40, to: 77 }]); // prettier-ignore
  });
});

describe("the log of a job", () => {
  const job = fold(happened).jobs.get("mock[i=3]")!;

  it("is the range of its last attempt that left one", () => {
    expect(jobLog(job)).toEqual({
      attempt: 2,
      attemptId: "mock[i=3]#2",
      class: "oom",
      file: "logs/w1.log",
      from: 40,
      to: 99,
    });
    expect(jobLogs(job).map((log) => log.attempt)).toEqual([1, 2]);
  });

  it("is not there while its only attempt runs", () => {
    expect(jobLog(fold(happened).jobs.get("mock[i=2]")!)).toBeUndefined();
  });
});

it("percentiles are numpy's", () => {
  const sorted = [1, 2, 4, 8];
  expect([0, 0.25, 0.5, 0.99, 1].map((fraction) => percentile(sorted, fraction))).toEqual([
    1,
    1.75,
    3,
    expect.closeTo(7.88),
    8,
  ]);
  expect(percentile([5], 0.99)).toBe(5);
});
