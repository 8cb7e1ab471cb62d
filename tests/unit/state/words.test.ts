// Blocks, releases and forgotten results: what events make of them, in any order.
import { describe, expect, it } from "vitest";
import type { Event, EventOf } from "../../../src/state/events.ts";
import { blockOf, failuresOf, heldFor, isForgotten, nextAttempt } from "../../../src/state/job-state.ts";
import { manifestState } from "../../../src/state/manifest/job-rows.ts";
import { verbsOn } from "../../../src/state/verbs.ts";
import { finished, fold, recipeDigest, started } from "./support.ts";

const by = { user: "ann", reason: "why" };
const block = (at: number, keys = ["a"]): Event => ({ type: "block-requested", at, keys, ...by });
const release = (at: number, keys = ["a"]): Event => ({ type: "release-requested", at, keys, ...by });
const forget = (at: number, ...attempts: string[]): EventOf<"forget-requested"> => ({ type: "forget-requested", at, keys: ["a"], attempts: [attempts], ...by }); // prettier-ignore
const held = (at: number): Event => ({ type: "jobs-held", at, keys: ["a"], reason: "SLURM refused it" });
const tried = (attempt: number, how: "ok" | "exit", at = attempt * 1000) => [
  started("a", { attempt, at }),
  finished("a", how, { attempt, at: at + 500 }),
];
const job = (...events: readonly Event[]) => fold(events).jobs.get("a")!;
/** Every order of a few events. */
function orders<T>(items: readonly T[]): T[][] {
  return items.length < 2 ? [[...items]] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest])); // prettier-ignore
}

describe("a block", () => {
  it.each([
    ["holds", [block(10)], true],
    ["is taken back by a later release", [block(10), release(11)], false],
    ["is taken back by a release of the same moment", [block(10), release(10)], false],
    ["is not by an earlier one", [release(9), block(10)], true],
    ["may be said again", [block(10), release(11), block(12)], true],
    [
      "is not taken back by a retry",
      [block(10), { type: "retry-requested", at: 11, keys: ["a"], ...by } as const],
      true,
    ],
    ["stays while the job succeeds", [block(10), ...tried(1, "ok")], true],
  ])("%s, in any order", (_, events, holds) => {
    for (const order of orders(events)) expect(blockOf(job(...order)) !== undefined).toBe(holds);
  });

  it("says who, when and why, before any hold", () => {
    const known = job(held(5), block(Date.UTC(2026, 10, 20, 16, 0, 1)));
    expect(heldFor(known)).toBe("blocked by ann at 2026-11-20T16:00:01Z: why");
    expect(manifestState(known, undefined, new Map())).toBe("held");
    expect(heldFor(job(held(5)))).toBe("SLURM refused it");
  });

  it("leaves what nobody spoke of as it was", () => {
    expect(Object.keys(job(...tried(1, "ok")))).not.toContain("words");
    const state = fold([block(1, ["a", "b"])]);
    expect(state.jobs.get("a")!.words!.block).toBe(state.jobs.get("b")!.words!.block);
  });
});

describe("a release", () => {
  it("takes back a hold, and forgives no failure", () => {
    const failed = [...tried(1, "exit"), held(2000)];
    const known = job(...failed, release(3000));
    expect(heldFor(known)).toBeUndefined();
    expect(known.counted).toBe(1);
    expect(heldFor(job(...failed, release(1999)))).toBe("SLURM refused it");
  });
});

describe("a forgotten result", () => {
  it("counts no longer, in any order; its attempt is history", () => {
    for (const order of orders([...tried(1, "ok"), forget(5000, "a#1")])) {
      const known = job(...order);
      expect(known).toMatchObject({ accepted: undefined, receipt: undefined, attempts: [{ end: { class: "ok" } }] });
      expect(manifestState(known, recipeDigest("a"), new Map())).toBe("new");
      expect(nextAttempt(known)).toBe(2);
    }
  });

  it("that is made again counts, whatever the clocks say", () => {
    for (const at of [0, 1e15]) expect(job(...tried(1, "ok"), forget(at, "a#1"), ...tried(2, "ok")).accepted?.attemptId).toBe("a#2");
  }); // prettier-ignore

  it("gives way to the one before, unless that is forgotten, too", () => {
    expect(job(...tried(1, "ok"), ...tried(2, "ok"), forget(9000, "a#2")).accepted?.attemptId).toBe("a#1");
    expect(job(...tried(1, "ok"), ...tried(2, "ok"), forget(9000, "a#2"), forget(9001, "a#1")).receipt).toBeUndefined();
  });

  it("does not bring back failures from before it", () => {
    const known = job(...tried(1, "exit"), ...tried(2, "ok"), forget(9000, "a#2"));
    expect(failuresOf(known, recipeDigest("a"))).toEqual([]);
  });

  it("of a job that left the campaign is the end of it, until it is tried again", () => {
    const left = [...tried(1, "exit"), ...tried(2, "ok")];
    expect(isForgotten(job(...left, forget(9000, "a#2")))).toBe(false);
    expect(isForgotten(job(...left, forget(9000, "a#1", "a#2")))).toBe(true);
    expect(isForgotten(job(...left, forget(9000, "a#1", "a#2"), ...tried(3, "ok")))).toBe(false);
  });
});

it("what people said of a job is a list, oldest first; what ticks did is none of it", () => {
  const start = { type: "apply-started", at: 1, run: "r1", user: "bob", host: "h", bundle: "b", campaignDigest: "c", jobs: 1, toolVersion: "0", code: {} } as const; // prettier-ignore
  const cancelled = { type: "jobs-held", at: 4, keys: ["a"], reason: "cancelled by ann: wrong seed", user: "ann", because: "wrong seed" } as const; // prettier-ignore
  const state = fold([
    release(3), block(2), held(2), start, cancelled, { type: "jobs-forgotten", at: 6, keys: ["a"], run: "r1" }, forget(5, "a#1"),
    { type: "retry-requested", at: 7, keys: ["b"], ...by },
    { type: "changes-accepted", at: 8, user: "ann", reason: "a comment", waivers: [{ key: "a", attemptId: "a#1", fields: {} }] },
  ]); // prettier-ignore
  expect(verbsOn(state, ["a"])).toEqual([
    { verb: "block", at: 2, ...by },
    { verb: "release", at: 3, ...by },
    { verb: "cancel", at: 4, user: "ann", reason: "wrong seed" },
    { verb: "forget", at: 5, ...by },
    { verb: "left", at: 6, user: "bob" },
    { verb: "accept", at: 8, user: "ann", reason: "a comment" },
  ]);
  expect(verbsOn(state, ["b"])).toHaveLength(1);
});
