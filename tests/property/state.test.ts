// Laws of the fold: the order of journals does not matter, any prefix can be replayed, what is written is read.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ATTEMPT_CLASSES, type Event } from "../../src/state/events.ts";
import { decodeLine, encodeLine } from "../../src/state/journal-line.ts";
import { manifestState } from "../../src/state/manifest/job-rows.ts";
import type { State } from "../../src/state/reduce.ts";
import { finished, fold, started } from "../unit/state/support.ts";

const key = fc.constantFrom("a", "b", "mock[i=1]");
const at = fc.integer({ min: 0, max: 30 });
const attempt = fc.integer({ min: 1, max: 4 });
const version = fc.integer({ min: 1, max: 2 });
/** The same attempt is told about more than once: its worker, and an apply that gave it up for lost. */
const tried = fc
  .record({ key, attempt, at, version, twin: fc.boolean() })
  .map(({ key, twin, ...t }) => ({ key, id: `${key}#${t.attempt}${twin ? "b" : ""}`, ...t }));
const keys = fc.uniqueArray(key, { minLength: 1 });
const person = { user: fc.constantFrom("ann", "bob"), reason: fc.string() };

const attemptId = fc.constantFrom("a#1", "a#2", "b#1");
const letter = fc.constantFrom("1", "2", "3");
const finding = letter.map((text) => ({
  name: "catalog",
  path: "a.h5",
  what: "content" as const,
  old: "0",
  new: text,
}));
const verified = fc.record({ key, attemptId, outputs: fc.array(finding, { maxLength: 1 }) });
const digested = fc.record({ key, attemptId, outputs: fc.array(fc.record({ name: fc.constantFrom("catalog", "table"), sha256: letter }), { maxLength: 2 }) }); // prettier-ignore

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: tried.map((t) => started(t.key, { ...t, at: 1 })) },
  { weight: 6, arbitrary: fc.tuple(tried, fc.constantFrom(...ATTEMPT_CLASSES)).map(([t, how]) => finished(t.key, how, t)) },
  fc.record({ type: fc.constant("retry-requested" as const), at, keys, ...person, through: fc.option(fc.array(attempt, { minLength: 3 }), { nil: undefined }) }),
  fc.record({ type: fc.constant("jobs-forgotten" as const), at, keys, run: fc.constant("r1") }),
  fc.record({ type: fc.constantFrom("block-requested" as const, "release-requested" as const), at, keys, ...person }),
  fc.record({ type: fc.constant("jobs-held" as const), at, keys, reason: fc.string() }),
  fc.record({ type: fc.constant("cancel-requested" as const), at, run: fc.constantFrom("r1", "r2"), ...person }),
  fc.record({ type: fc.constant("ramp-released" as const), at, step: fc.nat(3), jobs: fc.nat(100), ...person }),
  fc.record({ type: fc.constant("apply-finished" as const), at, run: fc.constantFrom("r1", "r2"), outcome: fc.constantFrom("done" as const, "failures" as const) }),
  fc.record({ type: fc.constant("results-verified" as const), at, user: person.user, results: fc.array(verified, { maxLength: 2 }) }),
  fc.record({ type: fc.constant("digests-recorded" as const), at, ...person, results: fc.array(digested, { maxLength: 2 }) }),
  fc.record({ type: fc.constant("from-the-future"), at, key: fc.anything() }).map((e) => e as unknown as Event),
); // prettier-ignore

/** Takes a receipt away, which nothing else does. */
const forgetting: fc.Arbitrary<Event> = fc.record({ type: fc.constant("forget-requested" as const), at, keys, attempts: fc.array(fc.uniqueArray(tried.map(({ id }) => id)), { minLength: 3 }), ...person }); // prettier-ignore

/** State without what has no promised order. */
function comparable(state: State): unknown {
  const byKey = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    jobs: byKey(state.jobs),
    runs: byKey(state.runs),
    verified: byKey(state.verified),
    digests: byKey(state.digests),
    verbs: state.verbs.map((verb) => JSON.stringify(verb)).sort(),
  };
}

const shuffled = (events: readonly Event[]) => fc.shuffledSubarray([...events], { minLength: events.length });

describe("the fold", () => {
  it("does not depend on the order of events, let alone of files", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: event }, forgetting), { maxLength: 25 }).chain((events) => fc.tuple(fc.constant(events), shuffled(events))), ([events, other]) => {
        expect(comparable(fold(other))).toEqual(comparable(fold(events)));
      }),
      { numRuns: 300 },
    ); // prettier-ignore
  });

  it("replays any prefix, and a job that has a receipt never loses it", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        const proven = new Set<string>();
        for (let length = 0; length <= events.length; length++) {
          const state = fold(events.slice(0, length));
          for (const job of proven) expect(state.jobs.get(job)?.receipt).toBeDefined();
          for (const job of state.jobs.values()) {
            if (job.receipt) proven.add(job.key);
            manifestState(job, undefined, new Map());
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("hears the same event twice as once, but for what people asked for", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 15 }), (events) => {
        const said = events.filter((e) => e.type !== "retry-requested");
        expect(comparable({ ...fold([...said, ...said]), verbs: [] })).toEqual(
          comparable({ ...fold(said), verbs: [] }),
        );
      }),
      { numRuns: 100 },
    );
  });
});

it("what is written is read, whatever text is in it", () => {
  fc.assert(
    fc.property(event, fc.string({ unit: "binary" }), (one, reason) => {
      const said = { ...one, reason } as unknown as Event;
      const line = Buffer.from(encodeLine(said));
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(decodeLine(line, 0, line.length - 1)).toEqual(JSON.parse(JSON.stringify(said)));
    }),
  );
});
