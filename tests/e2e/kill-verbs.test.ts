// The other commands that write are killed too: a person's word is recorded whole or not at all, and `rebuild` leaves the old database or the new one.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLock } from "../../src/state/lock.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import { makeRig } from "../helpers/cli.ts";
import { contentOfDatabase, query } from "../helpers/database.ts";
import { planJobs } from "../helpers/plan-lines.ts";

/** `flaky` fails until somebody mends it. */
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
export const flaky = defineStage({ name: "flaky", matrix: [n] }, {
  outputs: { out: file(({ n }) => \`\${n}.txt\`) },
}, { run: command(({ outputs }) => ["sh", "-c", 'test -e "$CMC_CAMPAIGN_DIR/mended" && echo done > "$1"', "sh", outputs.out]), retry: { attempts: 1 } });
export default defineCampaign({ name: "verbs", version: "v1.0", stages: [flaky], outputs: { base: "runs" } });
`;

const rig = makeRig({ "campaign.ts": CAMPAIGN });
afterAll(rig.dispose);
const root = join(rig.dir, "runs", "verbs_v1.0");
const database = join(root, "metadata", "campaign.db");
const state = () => readJournals(root).fold();
const requests = () => [...state().state.jobs.values()].map((job) => job.retries.length);

beforeAll(async () => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 9 }));

async function killed(args: readonly string[], point: string): Promise<void> {
  const { signal, out, err } = await rig.cmc(args, { CMC_FAULT: point });
  expect({ signal, err }, `${point}: ${out}`).toEqual({
    signal: "SIGKILL",
    err: `fault point ${point.split(":")[0]!}\n`,
  });
  expect(state().problems).toEqual([]);
  expect(readLock(root)?.abandoned ?? true).toBe(true);
}

describe("retry", () => {
  const retry = ["retry", "--because", "mended"];

  it.each(["lock/prepared", "lock/taken", "journal/created", "journal/opened"])(
    "killed at %s has asked for nothing",
    async (point) => {
      await killed(retry, point);
      expect(requests()).toEqual([0, 0]);
      expect((await rig.cmc(["plan"])).out).toContain("0 retry, 0 adopt, 2 blocked");
    },
  );

  it.each(["verb/recorded", "lock/releasing"])(
    "killed at %s has asked; asking again changes nothing",
    async (point) => {
      const before = requests();
      await killed(retry, point);
      expect(requests()).toEqual(before.map((count) => count + 1));
      expect((await rig.cmc(["plan"])).out).toContain("2 retry, 0 adopt, 0 blocked");
      const again = await rig.cmc(retry);
      expect(again).toMatchObject({ code: 0, err: "" });
      expect((await rig.cmc(["plan"])).out).toContain("2 retry, 0 adopt, 0 blocked");
      // As if it had not been asked: for the next point.
      expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 9 });
    },
  );
});

describe("block, release and forget", () => {
  const said = () => state().state.verbs.filter(({ type }) => type !== "retry-requested").length;
  const points = ["lock/prepared", "lock/taken", "journal/created", "journal/opened"] as const;

  it.each([
    ["block", "flaky[n=0] hold held"],
    ["release", "flaky[n=0] hold attempts_exhausted"],
  ] as const)(
    "%s killed before it is recorded has said nothing; after, all of it, and twice is once",
    async (verb, then) => {
      const args = [verb, "flaky[n=0]", "--because", "x"];
      for (const point of points) {
        const before = said();
        await killed(args, point);
        expect(said()).toBe(before);
      }
      const before = said();
      await killed(args, "verb/recorded");
      expect(said()).toBe(before + 1);
      expect(await planJobs(rig, ["flaky[n=0]"])).toEqual([then]);
      expect(await rig.cmc(args)).toMatchObject({ code: 0, err: "" });
      expect(said()).toBe(before + 1);
    },
  );

  it("forget, too", async () => {
    rig.write("mended", "");
    await rig.cmc(["retry", "--because", "mended"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    const args = ["forget", "--stage", "flaky", "--because", "x"];
    for (const point of points) await killed(args, point);
    expect(await planJobs(rig)).toEqual([]);
    await killed(args, "verb/recorded");
    expect(await planJobs(rig)).toEqual(["flaky[n=0] create new", "flaky[n=1] create new"]);
    expect((await rig.cmc(args)).out).toBe("No job with a result is meant.\n");
    // As it was: for what follows.
    rmSync(join(rig.dir, "mended"));
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 9 });
  });
});

describe("rebuild", () => {
  const old = "what was there before";

  it.each([
    ["file/written", old],
    ["file/replaced", undefined],
  ])("killed at %s leaves a whole database", async (point, left) => {
    writeFileSync(database, old);
    await killed(["rebuild"], point);
    if (left === undefined) expect(await query(database, "PRAGMA integrity_check")).toEqual([["ok"]]);
    else expect(readFileSync(database, "utf8")).toBe(left);
    expect(await rig.cmc(["rebuild"])).toMatchObject({ code: 0, err: "" });
    expect(await query(database, "SELECT state, count(*) FROM jobs GROUP BY state")).toEqual([["failed", 2]]);
  });

  it("makes what the next apply makes", async () => {
    expect(await rig.cmc(["retry", "--because", "mended"])).toMatchObject({ code: 0 });
    rig.write("mended", "");
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    const applied = await contentOfDatabase(database);
    await killed(["rebuild"], "file/written");
    expect(await rig.cmc(["rebuild"])).toMatchObject({ code: 0, err: "" });
    expect(await contentOfDatabase(database)).toEqual(applied);
  });
});
