// A fault point at every step: the worker and the apply are killed with SIGKILL there, the first time and later; then apply is run again.
// The points are read from the source: one that is added without a kill here fails this test.
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHAOS_FILES } from "../helpers/chaos-campaign.ts";
import { falselyDone, finalProblems, instantProblems } from "../helpers/chaos-check.ts";
import { endEverybody, Life } from "../helpers/chaos-life.ts";
import { type Finished, makeRig, REPOSITORY } from "../helpers/cli.ts";

/** In the order of a job's life. */
const WORKER = ["opened", "claimed", "staged", "ran", "validated", "synced", "renamed", "receipted", "cleaned"].map((step) => `worker/${step}`); // prettier-ignore
/** The second passage is that of a later job, or of the second output. A folder that was set aside is not there to be set aside again. */
const LATER = [...WORKER.slice(1).map((point) => `${point}:2`), "worker/set-aside:1"];

/** In the order of an apply; each is met by the apply that takes over from the one before. Those in one list end with an apply that is let go. */
const APPLY = [
  ["lock/prepared", "lock/taken", "apply/locked", "lock/claimed", "lock/replaced", "apply/reaped"],
  ["apply/bundle-staged", "apply/bundle-written", "journal/created", "journal/opened"],
  // provenance.json, campaign_config.yaml
  ["file/written", "file/replaced", "file/written:2", "file/replaced:2", "apply/started"],
  // campaign.db
  ["apply/finished", "file/written"],
  ["file/written:3"],
  ["file/replaced:3"],
  ["apply/manifest-written", "lock/releasing"],
];
/** Killed in kill-verbs.test.ts. */
const VERBS = ["verb/recorded"];
/** Killed in moved.test.ts. */
const MOVES = ["apply/renaming", "apply/renamed", "apply/moved"];
/** Killed in mv.test.ts. */
const SOURCE = ["mv/written"];
/** Killed in verify.test.ts. */
const VERIFY = ["verify/hashed", "verify/recorded"];
/** Killed in kill-adopt.test.ts. */
const ADOPTIONS = ["adopt/recorded", "adopt/set-up", "adopt/brought", "adopt/taken-away", "adopt/removed"];
/** Killed in tests/unit/worker, claims.test.ts and pool.test.ts: no apply is near. */
const CLUSTER = ["claim/taken", "claim/replaced", "claim/ended", "pool/claimed", "pool/taken-over", "pool/done"];
/** Killed in tests/cluster/kills.test.ts: there has to be a SLURM. */
const TURN = ["apply/handed-over", "tick/locked", "turn/settled", "ledger/prepared", "ledger/intended", "ledger/submitted", "ledger/answered", "pool/adding", "pool/added", "pool/intended", "pool/submitted"]; // prettier-ignore
/** Killed in kill-cancel.test.ts, with a scheduler that is played. */
const CANCEL = ["cancel/recorded", "cancel/revoked", "cancel/asked"];

const rig = makeRig(CHAOS_FILES);
afterAll(() => {
  endEverybody(rig);
  rig.dispose();
});

it("every fault point of the source is met by a kill", () => {
  const source = readdirSync(join(REPOSITORY, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const points = source.flatMap((name) =>
    [...readFileSync(join(REPOSITORY, "src", name), "utf8").matchAll(/\bfaultPoint\("([^"]+)"\)/g)].map(
      (match) => match[1]!,
    ),
  );
  const killed = new Set(
    [
      ...LATER,
      ...SOURCE,
      ...WORKER,
      ...APPLY.flat(),
      ...VERBS,
      ...MOVES,
      ...VERIFY,
      ...ADOPTIONS,
      ...CLUSTER,
      ...TURN,
      ...CANCEL,
    ].map((point) => point.split(":")[0]!),
  );
  expect([...killed].sort()).toEqual([...new Set(points)].sort());
});

const FAULT = /^fault point (.+)$/m;

function expectKilledAt(finished: Finished, point: string): void {
  expect({ signal: finished.signal, at: FAULT.exec(finished.err)?.[1] }, finished.out + finished.err).toEqual({
    signal: "SIGKILL",
    at: point,
  });
}

async function expectSound(life: Life): Promise<void> {
  expect([...(await instantProblems(life)), ...(await falselyDone(life))]).toEqual([]);
}

async function expectRecovery(life: Life): Promise<void> {
  expect(await life.apply()).toMatchObject({ code: 0, signal: null, err: "" });
  expect(await finalProblems(life)).toEqual([]);
}

describe("workers are killed under an apply, while they replace older results", () => {
  let first: Life;
  beforeAll(async () => {
    first = await Life.begin(rig, "first", 1);
    await expectRecovery(first);
  });

  const another = async (name: string) => {
    const life = await Life.begin(rig, name, 1);
    cpSync(first.base, life.base, { recursive: true, verbatimSymlinks: true });
    await life.next();
    return life;
  };

  it("every worker at every step: apply gives up the job or itself, and the last one finishes the work", async () => {
    const life = await another("every-step");
    for (const point of WORKER) {
      const { code, out, err } = await life.apply({ CMC_FAULT: point });
      expect(out + err, point).toContain("SIGKILL");
      if (point !== "worker/cleaned") expect([1, 9], `${point} ${err}`).toContain(code);
      if (code === 1)
        expect(err).toContain(`Workers died 5 times in a row (SIGKILL); the last said: fault point ${point}`);
      expect(await instantProblems(life)).toEqual([]);
      if (/renamed|receipted/.test(point)) expect(await falselyDone(life)).toEqual([]);
    }
    await expectRecovery(life);
  }, 300_000);

  it.each(LATER)("at %s: other workers go on", async (point) => {
    const life = await another(point.replace(/[/:]/g, "-"));
    const { code, out, err } = await life.apply({ CMC_FAULT: point });
    expect(out + err).toContain("SIGKILL");
    // A job under which three workers died is given up for this run; the next one takes it up again.
    if (code === 0) expect(await finalProblems(life)).toEqual([]);
    else {
      expect([1, 9], err).toContain(code);
      await expectSound(life);
      await expectRecovery(life);
    }
  });
});

describe("apply is killed", () => {
  beforeEach(() => rmSync(join(rig.dir, "generated"), { recursive: true, force: true }));
  it.each(APPLY.map((points) => [points.join(", "), points] as const))("at %s", async (_, points) => {
    const life = await Life.begin(rig, `apply-${points[0]!.replace(/[/:]/g, "-")}-${points.length}`, 1);
    for (const point of points) {
      expectKilledAt(await life.apply({ CMC_FAULT: point }), point.split(":")[0]!);
      expect(await instantProblems(life)).toEqual([]);
    }
    expect(await falselyDone(life)).toEqual([]);
    await expectRecovery(life);
  });
});
