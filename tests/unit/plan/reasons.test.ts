// Every action and every reason: what happened, what the campaign says now, and what the plan makes of it.
import { describe, expect, it } from "vitest";
import type { Action, Detail, Plan, Policy, Reason } from "../../../src/plan/types.ts";
import { ACTIONS, REASONS } from "../../../src/plan/types.ts";
import type { EventOf } from "../../../src/state/events.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { redshift: [1.4, 2], realization: [0, 1, 2] },
  params: ({ realization }) => ({ lgmpMin: 12, seed: Number(realization) + 17 }),
  outputs: { catalog: ({ realization, redshift }) => `catalogs/r${realization}/z${redshift}.h5` },
  inputs: { halos: { file: ({ realization, redshift }) => `halos/ph${realization}/z${redshift}.h5` } },
  sources: { "tasks/mock.ts": "aaaaaaaaaaaa", "tasks/noise.ts": "bbbbbbbbbbbb" },
};
const COVARIANCE: StageSpec = {
  name: "covariance",
  axes: { redshift: [1.4, 2] },
  inputs: { mocks: { all: "mock.catalog", over: ["realization"] } },
};
const STAGES = [MOCK, COVARIANCE];
const KEY = "mock[realization=1,redshift=1.4]";
const PATH = "catalogs/r1/z1.4.h5";
const HALO = "halos/ph1/z1.4.h5";

const world = (stages: readonly StageSpec[] = STAGES) => new World(buildTable(stages)).provide();
const done = () => world().run().succeedAll();
const edit = (w: World, mock: Partial<StageSpec>, covariance: Partial<StageSpec> = {}) =>
  w.edited(
    buildTable([
      { ...MOCK, ...mock },
      { ...COVARIANCE, ...covariance },
    ]),
  );

function at(plan: Plan, w: World, key: string): { action: Action; reason: Reason; details: readonly Detail[] } {
  const row = w.row(key);
  return {
    action: ACTIONS[plan.action[row]!]!,
    reason: REASONS[plan.reason[row]!]!,
    details: plan.details.get(row) ?? [],
  };
}

interface Case {
  readonly story: string;
  readonly world: () => World;
  readonly key?: string;
  readonly policy?: Partial<Policy>;
  readonly action: Action;
  readonly reason: Reason;
  readonly details?: readonly unknown[];
  /** Of all jobs that are not kept: how many. */
  readonly changes?: number;
}

const doubt = (w: World, attemptId: string): EventOf<"results-verified"> => ({
  type: "results-verified",
  at: w.events.at(-1)!.at,
  user: "ada",
  results: [{ key: KEY, attemptId, outputs: [{ name: "catalog", path: PATH, what: "content", old: "0123456789abcdef", new: "cdef" }] }],
}); // prettier-ignore

const failed = (how: Parameters<World["fail"]>[1], times = 1) => {
  const w = world().run();
  for (let i = 0; i < times; i++) w.fail(KEY, how);
  return w;
};
const attempt = (how: string, n = 1) => ({ type: "attempt", attempt: n, class: how, message: `it ended with ${how}` });

const CASES: readonly Case[] = [
  { story: "nothing was ever run", world, action: "create", reason: "new", details: [], changes: 8 },
  { story: "everything is done", world: done, action: "keep", reason: "completed", details: [], changes: 0 },
  {
    story: "one seed changed",
    world: () =>
      edit(done(), {
        params: ({ realization, redshift }) => ({
          lgmpMin: 12,
          seed: realization === 1 && redshift === 1.4 ? 99 : Number(realization) + 17,
        }),
      }),
    action: "rerun",
    reason: "params_changed",
    details: [{ type: "field", field: "params", path: "params.seed", old: "18", new: "99" }],
    changes: 2,
  },
  {
    story: "what is made of it follows",
    world: () =>
      edit(done(), {
        params: ({ realization, redshift }) => ({
          lgmpMin: 12,
          seed: realization === 1 && redshift === 1.4 ? 99 : Number(realization) + 17,
        }),
      }),
    key: "covariance[redshift=1.4]",
    action: "rerun",
    reason: "upstream_changed",
    details: [{ type: "upstream", key: KEY, why: "params_changed" }],
  },
  {
    story: "a parameter came and one went",
    world: () =>
      edit(done(), { params: ({ realization }) => ({ seed: Number(realization) + 17, "bias model": "b1" }) }),
    action: "rerun",
    reason: "params_changed",
    details: [
      { type: "field", field: "params", path: 'params["bias model"]', new: '"b1"' },
      { type: "field", field: "params", path: "params.lgmpMin", old: "12" },
    ],
  },
  {
    story: "a helper changed",
    world: () =>
      edit(done(), { code: "other", sources: { "tasks/mock.ts": "aaaaaaaaaaaa", "tasks/noise.ts": "cccccccccccc" } }),
    action: "rerun",
    reason: "code_changed",
    details: [
      {
        type: "field",
        field: "code",
        path: "tasks/mock.ts#mock",
        old: expect.stringMatching(/^[0-9a-f]{8}$/),
        new: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
      { type: "field", field: "code", path: "tasks/noise.ts", old: "bbbbbbbb", new: "cccccccc" },
    ],
    changes: 8,
  },
  {
    story: "the environment changed",
    world: () => edit(done(), { environment: { container: "sha256:1" } }),
    action: "rerun",
    reason: "env_changed",
    details: [{ type: "field", field: "environment", path: "environment.container", new: '"sha256:1"' }],
  },
  {
    story: "params and code: params first, both shown",
    world: () => edit(done(), { code: "other", params: () => ({ lgmpMin: 12.5, seed: 18 }) }),
    action: "rerun",
    reason: "params_changed",
    details: [
      { type: "field", field: "params", path: "params.lgmpMin", old: "12", new: "12.5" },
      expect.objectContaining({ field: "code" }),
      expect.objectContaining({ field: "code" }),
      expect.objectContaining({ field: "code" }),
    ].slice(0, 2),
  },
  {
    story: "another input path",
    world: () =>
      edit(done(), {
        inputs: {
          halos: {
            file: ({ realization, redshift }) =>
              realization === 1 && redshift === 1.4 ? "halos/other.h5" : `halos/ph${realization}/z${redshift}.h5`,
          },
        },
      }).provide(),
    action: "rerun",
    reason: "input_changed",
    details: [
      { type: "input", port: "halos", path: "halos/other.h5", what: "added" },
      { type: "input", port: "halos", path: HALO, what: "removed" },
    ],
    changes: 2,
  },
  {
    story: "an input grew, and what is made of the job follows",
    world: () => {
      const w = done();
      w.inputs.set(HALO, fact(HALO, 2000));
      return w;
    },
    action: "rerun",
    reason: "input_changed",
    details: [{ type: "input", port: "halos", path: HALO, what: "size", old: "1000", new: "2000" }],
    changes: 2,
  },
  {
    story: "an input was touched",
    world: () => {
      const w = done();
      w.inputs.set(HALO, fact(HALO, 1000, "1800000000.000000001"));
      return w;
    },
    action: "rerun",
    reason: "input_changed",
    details: [
      {
        type: "input",
        port: "halos",
        path: HALO,
        what: "mtime",
        old: "1700000000.000000001",
        new: "1800000000.000000001",
      },
    ],
  },
  {
    story: "find prints a tenth digit",
    world: () => {
      const w = done();
      w.inputs.set(HALO, fact(HALO, 1000, "1700000000.0000000010"));
      return w;
    },
    action: "keep",
    reason: "completed",
  },
  {
    story: "an input went away after the job was done",
    world: () => {
      const w = done();
      w.inputs.delete(HALO);
      return w;
    },
    action: "keep",
    reason: "completed",
    changes: 0,
  },
  {
    story: "an output was deleted; what was made of it stays",
    world: () => {
      const w = done();
      w.outputs.delete(PATH);
      return w;
    },
    action: "rerun",
    reason: "output_missing",
    details: [{ type: "output", name: "catalog", path: PATH, what: "missing" }],
    changes: 1,
  },
  {
    story: "an output was cut short",
    world: () => {
      const w = done();
      w.outputs.set(PATH, { ...w.outputs.get(PATH)!, size: 12 });
      return w;
    },
    action: "rerun",
    reason: "output_changed",
    details: [{ type: "output", name: "catalog", path: PATH, what: "size", old: "5000", new: "12" }],
    changes: 1,
  },
  {
    story: "an output was touched",
    world: () => {
      const w = done();
      w.outputs.set(PATH, { ...w.outputs.get(PATH)!, mtime: "1900000000.000000000" });
      return w;
    },
    action: "rerun",
    reason: "output_changed",
    details: [expect.objectContaining({ type: "output", what: "mtime", new: "1900000000.000000000" })],
  },
  {
    story: "an output is declared at another path",
    world: () =>
      edit(done(), { outputs: { catalog: ({ realization, redshift }) => `new/r${realization}/z${redshift}.h5` } }),
    action: "rerun",
    reason: "output_missing",
    details: [{ type: "output", name: "catalog", path: "new/r1/z1.4.h5", what: "missing", old: PATH }],
  },
  {
    story: "a person had it verified, and its content is another",
    world: () => {
      const w = done();
      w.events.push(doubt(w, `${KEY}#1`));
      return w;
    },
    action: "rerun",
    reason: "output_invalid",
    details: [{ type: "output", name: "catalog", path: PATH, what: "content", old: "0123456789ab", new: "cdef" }],
    changes: 1,
  },
  {
    story: "it was doubted and has been made again since",
    world: () => {
      const w = done();
      w.events.push(doubt(w, `${KEY}#1`));
      return w.succeed(KEY);
    },
    action: "keep",
    reason: "completed",
    changes: 0,
  },
  {
    story: "the doubt was withdrawn",
    world: () => {
      const w = done();
      const said = doubt(w, `${KEY}#1`);
      const withdrawn = [{ key: KEY, attemptId: `${KEY}#1`, outputs: [] }];
      // Journals are read in any order.
      w.events.push({ ...said, at: said.at + 1, results: withdrawn }, said);
      return w;
    },
    action: "keep",
    reason: "completed",
    changes: 0,
  },
  {
    story: "an output was restored under another time, and its content proven",
    world: () => {
      const w = done();
      const mtime = "1800000000.000000000";
      w.outputs.set(PATH, { ...w.outputs.get(PATH)!, mtime });
      const times = [{ name: "catalog", mtime }];
      w.events.push({ ...doubt(w, ""), results: [{ key: KEY, attemptId: `${KEY}#1`, outputs: [], times }] });
      return w;
    },
    action: "keep",
    reason: "completed",
    changes: 0,
  },
  {
    story: "somebody asked",
    world: done,
    policy: { replace: (_, key) => key === KEY },
    action: "rerun",
    reason: "requested",
    changes: 2,
  },
  {
    story: "it crashed once",
    world: () => failed("exit"),
    action: "retry",
    reason: "retry_exit",
    details: [attempt("exit")],
  },
  {
    story: "it was killed by a signal",
    world: () => failed("signal"),
    action: "retry",
    reason: "retry_exit",
    details: [attempt("signal")],
  },
  {
    story: "it ran out of memory",
    world: () => failed("oom"),
    action: "retry",
    reason: "retry_oom",
    details: [attempt("oom")],
  },
  {
    story: "it ran out of time",
    world: () => failed("timeout", 2),
    action: "retry",
    reason: "retry_timeout",
    details: [attempt("timeout", 2)],
  },
  {
    story: "its input was missing then and is there now",
    world: () => failed("missing-input"),
    action: "retry",
    reason: "retry_missing_input",
    details: [attempt("missing-input")],
  },
  {
    story: "its worker disappeared, four times",
    world: () => failed("lost", 4),
    action: "retry",
    reason: "retry_lost",
    details: [attempt("lost", 4)],
  },
  {
    story: "it was cancelled",
    world: () => failed("cancelled", 4),
    action: "retry",
    reason: "retry_cancelled",
    details: [attempt("cancelled", 4)],
  },
  {
    story: "it gave way with a checkpoint, four times",
    world: () => failed("checkpoint", 4),
    action: "retry",
    reason: "retry_checkpoint",
    details: [attempt("checkpoint", 4)],
  },
  {
    story: "it crashed three times of three",
    world: () => failed("exit", 3),
    action: "hold",
    reason: "attempts_exhausted",
    details: [attempt("exit", 3)],
  },
  {
    story: "its output was bad: not tried blindly",
    world: () => failed("validation"),
    action: "hold",
    reason: "attempts_exhausted",
    details: [attempt("validation")],
  },
  {
    story: "its output was bad and a person says again",
    world: () => failed("validation").retry(KEY),
    action: "retry",
    reason: "retry_validation",
    details: [attempt("validation")],
  },
  {
    story: "exhausted and a person says again",
    world: () => failed("exit", 3).retry(KEY),
    action: "retry",
    reason: "retry_exit",
    details: [attempt("exit", 3)],
  },
  {
    story: "exhausted, then the code changed",
    world: () => edit(failed("exit", 3), { code: "other" }),
    action: "create",
    reason: "new",
    details: [{ type: "note", text: "its last attempt (exit) was made under another recipe and does not count" }],
  },
  {
    story: "done, changed, and the rerun failed",
    world: () => edit(done(), { code: "other" }).run().fail(KEY, "oom"),
    action: "retry",
    reason: "retry_oom",
    details: [
      { type: "attempt", attempt: 2, class: "oom", message: "it ended with oom" },
      expect.objectContaining({ field: "code" }),
    ],
  },
  {
    story: "started, and nobody is running",
    world: () => {
      const w = world().run();
      w.start(KEY);
      return w;
    },
    action: "retry",
    reason: "retry_lost",
    details: [{ type: "attempt", attempt: 1, class: "lost", message: "its worker disappeared" }],
  },
  {
    story: "started, and an apply is running",
    world: () => {
      const w = world().run();
      w.start(KEY);
      w.live = true;
      return w;
    },
    action: "wait",
    reason: "running",
  },
  {
    story: "its upstream is held",
    world: () => failed("validation"),
    key: "covariance[redshift=1.4]",
    action: "block",
    reason: "upstream_failed",
    details: [
      { type: "upstream", key: KEY, why: "attempts_exhausted" },
      { type: "group", label: "mocks: mock", present: 2, expected: 3, needed: 3 },
    ],
  },
  {
    story: "an output is there without a receipt",
    world: () => {
      const w = world();
      w.outputs.set(PATH, fact(PATH));
      return w;
    },
    action: "create",
    reason: "new",
    details: [{ type: "found", paths: [PATH] }],
  },
  {
    story: "it is in a scheduler's queue; a file that is there is about to get its receipt",
    world: () => {
      const w = world();
      w.outputs.set(PATH, fact(PATH));
      w.inFlight.set(KEY, "submitted");
      return w;
    },
    action: "wait",
    reason: "queued",
    details: [],
  },
  {
    story: "a worker of a scheduler has begun it",
    world: () => {
      const w = world().run();
      w.start(KEY);
      w.inFlight.set(KEY, "submitted");
      return w;
    },
    action: "wait",
    reason: "running",
    details: [],
  },
  {
    story: "whether the scheduler has it is not known",
    world: () => {
      const w = world();
      w.inFlight.set(KEY, "unresolved");
      return w;
    },
    action: "hold",
    reason: "unresolved",
    details: [],
  },
  {
    story: "the scheduler refused it",
    world: () => {
      const w = world().run();
      w.events.push({
        type: "jobs-held",
        at: 1_700_000_001_000,
        keys: [KEY],
        reason: "SLURM refused it: no such account",
      });
      return w;
    },
    action: "hold",
    reason: "held",
    details: [{ type: "note", text: "SLURM refused it: no such account" }],
  },
  {
    story: "an output is there without a receipt and may be adopted",
    world: () => {
      const w = world();
      w.outputs.set(PATH, fact(PATH));
      return w;
    },
    policy: { adopt: true },
    action: "adopt",
    reason: "adopt",
    details: [{ type: "found", paths: [PATH] }],
  },
  {
    story: "adopting an output was cut short: it is not made again",
    world: () => {
      const w = world();
      w.outputs.set(PATH, fact(PATH));
      return w.run().fail(KEY, "lost");
    },
    policy: { adopt: true },
    action: "adopt",
    reason: "adopt",
    details: [{ type: "found", paths: [PATH] }],
  },
  {
    story: "an input is missing",
    world: () => {
      const w = world();
      w.inputs.delete(HALO);
      return w;
    },
    action: "block",
    reason: "missing_input",
    details: [{ type: "input", port: "halos", path: HALO, what: "missing" }],
  },
  {
    story: "the upstream's input is missing",
    world: () => {
      const w = world();
      w.inputs.delete(HALO);
      return w;
    },
    key: "covariance[redshift=1.4]",
    action: "block",
    reason: "upstream_incomplete",
    details: [
      { type: "upstream", key: KEY, why: "missing_input" },
      { type: "group", label: "mocks: mock", present: 2, expected: 3, needed: 3 },
    ],
  },
];

describe("reasons", () => {
  it.each(CASES)("$reason: $story", ({ world: make, key = KEY, policy, action, reason, details, changes }) => {
    const w = make();
    const plan = w.plan(policy);
    const verdict = at(plan, w, key);
    expect({ action: verdict.action, reason: verdict.reason }).toEqual({ action, reason });
    if (details) expect(verdict.details.slice(0, details.length)).toEqual(details);
    if (details?.length === 0) expect(verdict.details).toEqual([]);
    if (changes !== undefined) expect([...plan.action].filter((a) => ACTIONS[a] !== "keep").length).toBe(changes);
  });
});
