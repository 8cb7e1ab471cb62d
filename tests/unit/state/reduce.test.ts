// What events make of a job: which receipt counts, which failures count, and that an attempt only moves forward.
import { describe, expect, it } from "vitest";
import { duplicateExecutions } from "../../../src/state/duplicates.ts";
import type { AttemptClass, Event } from "../../../src/state/events.ts";
import { failuresOf, isForgotten, nextAttempt } from "../../../src/state/job-state.ts";
import { fold, finished, recipeDigest, started } from "./support.ts";

const job = (events: readonly Event[]) => fold(events).jobs.get("a")!;
const tried = (attempt: number, how: AttemptClass, more: { version?: number; at?: number } = {}) => [
  started("a", { attempt, at: attempt * 1000, ...more }),
  finished("a", how, { attempt, at: attempt * 1000 + 500, ...more }),
];

describe("a job", () => {
  it("is open from start to end", () => {
    expect(job([started("a")])).toMatchObject({ stage: "a", open: { attempt: 1, host: "node7" }, counted: 0 });
    expect(job(tried(1, "ok"))).toMatchObject({ open: undefined, accepted: { attempt: 1 }, last: { attempt: 1 } });
  });

  it("has the receipt of its last ok attempt, also after later failures", () => {
    const known = job([
      ...tried(1, "ok", { version: 1 }),
      ...tried(2, "ok", { version: 2 }),
      ...tried(3, "exit", { version: 3 }),
    ]);
    expect(known.receipt?.recipe.digest).toBe(recipeDigest("a", 2));
    expect(known).toMatchObject({ accepted: { attempt: 2 }, last: { attempt: 3 }, counted: 1 });
  });

  it.each([
    ["failures", ["exit", "oom"], 2],
    ["neither lost workers nor cancelled runs", ["exit", "lost", "cancelled", "timeout"], 2],
    ["nothing before a success", ["exit", "exit", "ok", "exit"], 1],
  ] as const)("counts %s", (_, classes, counted) => {
    expect(job(classes.flatMap((how, i) => tried(i + 1, how))).counted).toBe(counted);
  });

  it("does not count what the machine did: a full disk is no failure of the job", () => {
    const full = finished("a", "exit", { attempt: 1, at: 1500 }, { machine: "state/disk-full" });
    const known = job([started("a", { attempt: 1, at: 1000 }), full, ...tried(2, "exit")]);
    expect(known).toMatchObject({ counted: 1, attempts: [{ end: { machine: "state/disk-full" } }, { attempt: 2 }] });
    expect(failuresOf(known, recipeDigest("a")).map(({ attempt }) => attempt)).toEqual([2]);
  });

  it("does not count files that could not be adopted: the job itself was not tried", () => {
    const refused = finished("a", "validation", { attempt: 1, at: 1500 }, { adopting: true });
    expect(job([started("a", { attempt: 1, at: 1000 }), refused])).toMatchObject({ counted: 0, last: { attempt: 1 } });
  });

  it("forgets failures that a person forgave, by number where it was recorded", () => {
    const failures = [...tried(1, "exit"), ...tried(2, "exit"), ...tried(3, "exit")];
    const retry = { type: "retry-requested", keys: ["a"], user: "ann", reason: "fixed" } as const;
    expect(job([...failures, { ...retry, at: 9000 }]).counted).toBe(0);
    expect(job([...failures, { ...retry, at: 2500 }]).counted).toBe(1);
    // A clock that is wrong by hours does not matter then.
    expect(job([{ ...retry, at: 0, through: [2] }, ...failures]).counted).toBe(1);
    expect(job([...failures, { ...retry, at: 1e15, through: [2] }]).counted).toBe(1);
  });

  it("starts afresh when its recipe changes", () => {
    const known = job([...tried(1, "exit", { version: 1 }), ...tried(2, "exit", { version: 2 })]);
    expect(failuresOf(known, recipeDigest("a", 1)).map((attempt) => attempt.attempt)).toEqual([1]);
    expect(failuresOf(known, recipeDigest("a", 3))).toEqual([]);
    expect(nextAttempt(known)).toBe(3);
    expect(nextAttempt(undefined)).toBe(1);
  });

  it("that left the campaign is known to have left, until it is tried again", () => {
    const left = [...tried(1, "ok"), { type: "jobs-forgotten", at: 5000, keys: ["a"], run: "r" } as const];
    expect(isForgotten(job(left))).toBe(true);
    expect(job(left).receipt).toBeDefined();
    expect(isForgotten(job([...left, ...tried(9, "ok")]))).toBe(false);
  });
});

describe("an attempt only moves forward", () => {
  const id = { id: "one", attempt: 1 };
  it.each([
    ["lost", "ok", "ok"],
    ["lost", "exit", "exit"],
    ["lost", "cancelled", "cancelled"],
    ["cancelled", "ok", "ok"],
    ["exit", "ok", "ok"],
  ] as const)("%s and %s is %s, whoever spoke first", (a, b, wins) => {
    const words = [finished("a", a, id), finished("a", b, { ...id, at: 1 })];
    expect(job(words).last?.end?.class).toBe(wins);
    expect(job(words.toReversed()).last?.end?.class).toBe(wins);
    expect(job([...words, started("a", id)]).attempts).toHaveLength(1);
  });

  it("to ok only with a receipt", () => {
    expect(job([finished("a", "ok", id, { receipt: undefined })]).last?.end?.class).toBe("lost");
  });
});

describe("work done twice", () => {
  it("is counted, and told apart from a later rerun", () => {
    const twice = fold([...tried(1, "ok"), ...tried(2, "ok")]);
    expect(duplicateExecutions(twice)).toEqual([
      {
        type: "duplicate-execution",
        key: "a",
        recipe: recipeDigest("a"),
        first: "a#1",
        second: "a#2",
        overlapping: false,
      },
    ]);
    const atOnce = fold([
      ...tried(1, "ok"),
      started("a", { attempt: 2, at: 1100 }),
      finished("a", "ok", { attempt: 2, at: 1600 }),
    ]);
    expect(duplicateExecutions(atOnce)).toMatchObject([{ overlapping: true }]);
    expect(duplicateExecutions(fold([...tried(1, "ok"), ...tried(2, "ok", { version: 2 })]))).toEqual([]);
  });
});

it("runs know their start, their end and who stopped them, in any order", () => {
  const events: Event[] = [
    { type: "apply-finished", at: 9, run: "r1", outcome: "cancelled" },
    { type: "cancel-requested", at: 5, run: "r1", user: "bob", reason: "too dear" },
    {
      type: "apply-started",
      at: 1,
      run: "r1",
      user: "ann",
      host: "h",
      bundle: "b",
      campaignDigest: "c",
      jobs: 2,
      toolVersion: "0.1.0",
      code: {},
    },
  ];
  const expected = { run: "r1", start: { user: "ann" }, end: { outcome: "cancelled" }, cancel: { user: "bob" } };
  expect(fold(events).runs.get("r1")).toMatchObject(expected);
  expect(fold(events.toReversed()).runs.get("r1")).toMatchObject(expected);
});
