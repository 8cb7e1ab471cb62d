// Jobs that give way and go on: warned before their limit or the end of their allocation, interrupted with a checkpoint, continued from it.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { readJournals } from "../../../src/state/read-journal.ts";
import { until } from "../../helpers/processes.ts";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import {
  type Env,
  poolFolder,
  slurm,
  startWorker,
  taskJobs,
  writePack,
  writeTasks,
} from "../../helpers/worker-cluster.ts";
import { ends, runCampaign } from "../../helpers/worker-run.ts";

let campaign: TestCampaign;
afterEach(() => campaign.remove());

const CHECKPOINT = { signal: "USR1", before: 0.7, exit: 85 } as const;

/** Counts to `count`, 20 ms each; says where it begins. */
const counting = (count: number): string => `
  trap 'echo $n > "$CMC_CHECKPOINT_DIR/n"; exit 85' USR1
  n=$(cat "$CMC_CHECKPOINT_DIR/n" 2>/dev/null || echo 0)
  echo $n >> ../../../ran
  while [ $n -lt ${count} ]; do sleep 0.02 & wait $!; n=$((n+1)); done
  echo $n > "$1"`;

async function begin(script: string, more: Partial<TestStage> = {}): Promise<void> {
  campaign = await testCampaign([
    {
      name: "job",
      count: 1,
      argv: () => ["sh", "-c", script, "sh", placeholder("output:o")],
      outputs: [{ ir: { kind: "file", name: "o" }, path: () => "o" }],
      checkpoint: CHECKPOINT,
      ...more,
    },
  ]);
}

function ran(): number[] {
  const file = join(campaign.home, "ran");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

/** Class of every attempt, in their order. */
function classes(): string[] {
  return ends(campaign.root).sort((a, b) => a.attempt - b.attempt).map((end) => end.class); // prettier-ignore
}

function expectDone(count: number): void {
  expect(readFileSync(join(campaign.root, "o"), "utf8")).toBe(`${count}\n`);
  expect(readdirSync(join(campaign.root, "checkpoints"))).toEqual([]);
  const begins = ran();
  expect(begins).toHaveLength(classes().length);
  expect(begins[0]).toBe(0);
  for (let i = 1; i < begins.length; i++) expect(begins[i]).toBeGreaterThan(begins[i - 1]!);
  expect(readJournals(campaign.root).fold().state.jobs.get("job[i=0]")).toMatchObject({ counted: 0 });
}

describe("on this machine", () => {
  it("a job whose work is longer than its walltime is warned, gives way, and goes on at once until it is done", async () => {
    await begin(counting(40), { resources: { walltime: 1 } });
    expect(await runCampaign(campaign)).toMatchObject({ done: 1, failed: 0 });
    expect(classes().length).toBeGreaterThan(1);
    expect(new Set(classes().slice(0, -1))).toEqual(new Set(["checkpoint"]));
    expect(ends(campaign.root)[0]!.message).toBe("gave way and left a checkpoint (exit code 85)");
    expectDone(40);
  });

  it("the agreed exit code without a checkpoint is a failure, a checkpoint without the code is none", async () => {
    await begin("exit 85");
    expect(await runCampaign(campaign)).toMatchObject({ done: 0, failed: 1 });
    expect(ends(campaign.root)).toMatchObject([{ class: "exit", exit: 85, message: "sh exited with 85" }]);
    campaign.remove();
    await begin('echo 1 > "$CMC_CHECKPOINT_DIR/n"; exit 3');
    expect(await runCampaign(campaign)).toMatchObject({ done: 0, failed: 1 });
    expect(ends(campaign.root)).toMatchObject([{ class: "exit", exit: 3 }]);
  });

  it("a job that was changed does not go on from the checkpoint of what it was", async () => {
    await begin('[ -e "$CMC_CHECKPOINT_DIR/n" ] && exit 4; echo 1 > "$CMC_CHECKPOINT_DIR/n"; exit 3');
    const { home } = campaign;
    expect(await runCampaign(campaign)).toMatchObject({ failed: 1 });
    expect(await runCampaign(campaign)).toMatchObject({ failed: 1 });
    campaign = await testCampaign([{ name: "job", count: 1, salt: "2", checkpoint: CHECKPOINT, argv: () => ["sh", "-c", '[ -e "$CMC_CHECKPOINT_DIR/n" ] && exit 4; exit 5'] }], { home }); // prettier-ignore
    expect(await runCampaign(campaign)).toMatchObject({ failed: 1 });
    expect(ends(campaign.root).map(({ exit }) => exit).sort()).toEqual([3, 4, 5]); // prettier-ignore
  });
});

describe("in an allocation", () => {
  const task = (job: number, restart = 0, env: Env = {}) => {
    const file = writeTasks(campaign, "t", [{ jobs: taskJobs(campaign, 0, 1) }]);
    const args = ["--tasks", file, "--task", "0", "--token", "t"];
    return startWorker(campaign, `s${job}-${restart}`, args, { ...slurm(job, restart), ...env });
  };

  it.each(["SIGUSR1", "SIGTERM"] as const)(
    "%s reaches the job as its own signal; the requeued task goes on from there",
    async (signal) => {
      await begin(counting(20));
      const first = task(7);
      await until("it runs", () => ran().length === 1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      first.child.kill(signal);
      expect(await first.end).toEqual({ code: 8, signal: null, err: "" });
      expect(classes()).toEqual(["checkpoint"]);
      expect(await task(7, 1).end).toMatchObject({ code: 0 });
      expect(classes()).toEqual(["checkpoint", "ok"]);
      expectDone(20);
    },
  );

  it("what does not give way in time is stopped", async () => {
    await begin('trap "" USR1; echo 0 >> ../../../ran; sleep 60 & while :; do wait; done');
    const worker = task(7, 0, { CMC_GRACE_MS: "50" });
    await until("it runs", () => ran().length === 1);
    worker.child.kill("SIGTERM");
    expect(await worker.end).toMatchObject({ code: 8 });
    expect(classes()).toEqual(["cancelled"]);
  });

  it("a pilot gives the pack back, and takes up what gave way by itself", async () => {
    await begin(counting(40), { resources: { walltime: 1 } });
    const folder = poolFolder(campaign);
    writePack(folder, 0, "p", taskJobs(campaign, 0, 1));
    mkdirSync(join(folder, "closed"));
    expect(await startWorker(campaign, "p0", ["--pool", folder]).end).toMatchObject({ code: 0 });
    expect(classes().at(-1)).toBe("ok");
    expect(classes().length).toBeGreaterThan(1);
    expectDone(40);
  });
});
