// Another try: how often, how long after, with what; and when it is a person's turn.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planJobs } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { command, defineCampaign, defineStage, file } from "cmc";

const backoff = { initial: "0.2s", factor: 2 } as const;

// Fails twice.
export const flaky = defineStage({ name: "flaky" }, { outputs: { out: file(() => "flaky.txt") } }, {
  run: command(({ outputs }) => ["sh", "-c", 'echo try $CMC_ATTEMPT; test $CMC_ATTEMPT -ge 3 && echo $CMC_ATTEMPT > "$1"', "flaky", outputs.out]),
  retry: { attempts: 3, backoff },
});

// Always fails.
export const hopeless = defineStage({ name: "hopeless" }, { outputs: { out: file(() => "hopeless.txt") } }, {
  run: command(() => ["false"]), retry: { attempts: 2 },
});

// 2 is final, whatever attempts says; 75 passes.
export const final = defineStage({ name: "final" }, { outputs: { out: file(() => "final.txt") } }, {
  run: command(() => ["sh", "-c", "exit 2"]), retry: { attempts: 5, exits: { 2: 1 } },
});
export const passing = defineStage({ name: "passing" }, { outputs: { out: file(() => "passing.txt") } }, {
  run: command(({ outputs }) => ["sh", "-c", 'test $CMC_ATTEMPT -ge 4 && echo x > "$1" || exit 75', "passing", outputs.out]),
  retry: { attempts: 2, exits: { 75: 9 } },
});

// Too slow for its first limit.
export const slow = defineStage({ name: "slow" }, { outputs: { out: file(() => "slow.txt") } }, {
  run: command(({ outputs }) => ["sh", "-c", 'sleep 0.6; echo done > "$1"', "slow", outputs.out]),
  resources: { walltime: "0.3s" }, retry: { attempts: 2, escalate: { timeout: { walltime: 20 } } },
});

// Bad output: the same recipe would make it again.
export const bad = defineStage({ name: "bad" }, { outputs: { out: file(() => "bad.txt", { size: { min: "1 kB" } }) } }, {
  run: command(({ outputs }) => ["sh", "-c", 'echo x > "$1"', "bad", outputs.out]), retry: { attempts: 3 },
});

export default defineCampaign({ name: "again", version: "v1.0", stages: [flaky, hopeless, final, passing, slow, bad], outputs: { base: "runs" } });
`;

describe("retries", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const database = join(rig.dir, "runs/again_v1.0/metadata/campaign.db");
  let applied: Finished;
  afterAll(rig.dispose);
  beforeAll(async () => {
    applied = await rig.cmc(["apply", "--auto-approve"]);
  });

  const attempts = (key: string) =>
    query(
      database,
      `SELECT a.class FROM attempts a JOIN jobs j ON j.id = a.job WHERE j.key = '${key}' ORDER BY a.attempt`,
    );

  it("tries as often as the stage allows, and says when the next try is", async () => {
    expect(applied.code).toBe(9);
    expect(await attempts("flaky")).toEqual([["exit"], ["exit"], ["ok"]]);
    expect(rig.read("runs/again_v1.0/flaky.txt")).toBe("3\n");
    expect(applied.out).toContain("exit flaky: sh exited with 1: try 1; next try in 200 ms\n");
    expect(applied.out).toContain("exit flaky: sh exited with 1: try 2; next try in 400 ms\n");
    expect(await attempts("hopeless")).toEqual([["exit"], ["exit"]]);
  });

  it("has a word of its own on exit codes", async () => {
    expect(await attempts("final")).toEqual([["exit"]]);
    expect(await attempts("passing")).toEqual([["exit"], ["exit"], ["exit"], ["ok"]]);
    expect(await planJobs(rig, ["--stage", "final"])).toEqual(["final hold attempts_exhausted"]);
  });

  it("waits longer each time", async () => {
    const rows = await query(
      database,
      "SELECT a.started_at, a.finished_at FROM attempts a JOIN jobs j ON j.id = a.job WHERE j.key = 'flaky' ORDER BY a.attempt",
    );
    const [first, second, third] = rows.map(([start, end]) => ({
      start: Date.parse(String(start)),
      end: Date.parse(String(end)),
    }));
    expect(second!.start - first!.end).toBeGreaterThanOrEqual(195);
    expect(third!.start - second!.end).toBeGreaterThanOrEqual(395);
  });

  it("gives a job that ran out of time more of it", async () => {
    expect(await attempts("slow")).toEqual([["timeout"], ["ok"]]);
  });

  it("does not make bad output twice", async () => {
    expect(await attempts("bad")).toEqual([["validation"]]);
  });

  it("holds what is exhausted, shows each try, and `cmc logs --attempt` shows what one printed", async () => {
    expect(await planJobs(rig)).toEqual([
      "hopeless hold attempts_exhausted",
      "final hold attempts_exhausted",
      "bad hold attempts_exhausted",
    ]);
    const { out } = await rig.cmc(["explain", "hopeless"]);
    expect(out).toContain("2 tries, 2 failed, 0 left\n");
    expect((await rig.cmc(["logs", "flaky", "--attempt", "2"])).out).toBe("try 2\n");
    const { code, err } = await rig.cmc(["logs", "flaky", "--attempt", "4"]);
    expect(code).toBe(1);
    expect(err).toBe("error cli/no-log: flaky has no log of attempt 4\n  remedy: Attempts with a log: 1, 2, 3.\n");
  });

  it("goes on with the tries that are left when the stage allows more, and starts afresh after `cmc retry`", async () => {
    rig.edit("campaign.ts", "retry: { attempts: 2 },\n});\n\n// 2 is", "retry: { attempts: 3 },\n});\n\n// 2 is");
    expect(await planJobs(rig)).toEqual([
      "hopeless retry retry_exit",
      "final hold attempts_exhausted",
      "bad hold attempts_exhausted",
    ]);
    await rig.cmc(["apply", "--auto-approve"]);
    expect(await attempts("hopeless")).toEqual([["exit"], ["exit"], ["exit"]]);
    expect(await planJobs(rig)).toEqual([
      "hopeless hold attempts_exhausted",
      "final hold attempts_exhausted",
      "bad hold attempts_exhausted",
    ]);
    await rig.cmc(["retry", "hopeless", "--because", "the node was broken"]);
    await rig.cmc(["apply", "--auto-approve"]);
    expect(await attempts("hopeless")).toHaveLength(6);
  });
});
