// Array tasks under claims, with real workers: begun by one SLURM job only, taken up again by that job, never begun when the submission was revoked.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { until } from "../../helpers/processes.ts";
import { testCampaign, type TestCampaign } from "../../helpers/worker-bundle.ts";
import { claimOf, type Env, slurm, startWorker, taskJobs, writeTasks } from "../../helpers/worker-cluster.ts";
import { ends, journalEvents, logText, receipts } from "../../helpers/worker-run.ts";

let campaign: TestCampaign;
afterEach(() => campaign.remove());

const TOKEN = "t1";

/** Each job notes that it ran; `wait`: it runs until a file `go` lies in the campaign's folder. */
async function begin(count: number, wait = false): Promise<{ file: string }> {
  const loop = wait ? "until [ -e ../../../campaign/go ]; do sleep 0.01; done; " : "";
  campaign = await testCampaign([
    {
      name: "job",
      count,
      argv: () => ["sh", "-c", `echo "$CMC_KEY" >> ../../../ran; ${loop}echo x > "$1"`, "sh", placeholder("output:o")],
      outputs: [{ ir: { kind: "file", name: "o" }, path: (i) => `o/${i}` }],
    },
  ]);
  return { file: writeTasks(campaign, TOKEN, [{ jobs: taskJobs(campaign, 0, count) }]) };
}

function start(file: string, env: Env, more: Env = {}) {
  return startWorker(campaign, `s${env["SLURM_JOB_ID"]}-0`, ["--tasks", file, "--task", "0", "--token", TOKEN], {
    ...env,
    ...more,
  });
}

function ran(): string[] {
  const file = join(campaign.home, "ran");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

describe("a task under a claim", () => {
  it("is run, and its claim says by whom and how it ended", async () => {
    const { file } = await begin(3);
    expect(await start(file, slurm(7)).end).toEqual({ code: 0, signal: null, err: "" });
    expect(receipts(campaign.root).size).toBe(3);
    const claim = claimOf(campaign, TOKEN, 0);
    expect(claim).toMatchObject({ job: 7, raw: 7, task: 0, restart: 0, ended: { code: 0 } });
    expect(claim.journals).toHaveLength(1);
    expect(existsSync(join(campaign.root, "journal", claim.journals[0]!))).toBe(true);
  });

  it("says on how many nodes each attempt ran, where it was not one", async () => {
    const { file } = await begin(1);
    await start(file, slurm(7), { SLURM_JOB_NUM_NODES: "4" }).end;
    const started = journalEvents(campaign.root).filter(({ type }) => type === "attempt-started");
    expect(started).toMatchObject([{ nodes: 4 }]);
  });

  it("that two SLURM jobs start at once is run by one of them", async () => {
    const { file } = await begin(4);
    const codes = await Promise.all([7, 8].map((job) => start(file, slurm(job)).end));
    expect(codes).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(ran().sort()).toEqual([0, 1, 2, 3].map((i) => `job[i=${i}]`));
    expect(logText(campaign.root)).toMatch(
      /nothing is begun: the submission was started twice: SLURM job \d has this task\n/,
    );
  });

  it("of a revoked submission is not begun", async () => {
    const { file } = await begin(2);
    const folder = join(campaign.root, "claims", TOKEN);
    renameSync(folder, `${folder}.revoked`);
    expect(await start(file, slurm(7)).end).toMatchObject({ code: 0 });
    expect(logText(campaign.root)).toBe("cmc worker: nothing is begun: the submission was revoked\n");
    expect([ran(), journalEvents(campaign.root)]).toEqual([[], []]);
  });

  it("that is revoked while it runs is stopped, and publishes nothing more", async () => {
    const { file } = await begin(2, true);
    const worker = start(file, slurm(7));
    await until("a job runs", () => ran().length > 0);
    const folder = join(campaign.root, "claims", TOKEN);
    renameSync(folder, `${folder}.revoked`);
    expect(await worker.end).toMatchObject({ code: 8 });
    expect(ends(campaign.root)).toMatchObject([{ class: "cancelled" }]);
    expect(existsSync(join(folder))).toBe(false);
  });

  it("stops on SIGTERM: the claim says so, and the same SLURM job goes on after a requeue", async () => {
    const { file } = await begin(2, true);
    const worker = start(file, slurm(7));
    await until("a job runs", () => ran().length > 0);
    worker.child.kill("SIGTERM");
    expect(await worker.end).toMatchObject({ code: 8 });
    expect(claimOf(campaign, TOKEN, 0)).toMatchObject({ ended: { code: 8 } });
    go();
    expect(await start(file, slurm(7, 1)).end).toMatchObject({ code: 0 });
    expect(receipts(campaign.root).size).toBe(2);
    expect(ends(campaign.root, "job[i=0]").map(({ attempt, class: how }) => [attempt, how]).sort()).toEqual([[1, "cancelled"], [2, "ok"]]); // prettier-ignore
  });

  it("goes to its end after a warning, and begins nothing new", async () => {
    const { file } = await begin(2, true);
    const worker = start(file, slurm(7));
    await until("a job runs", () => ran().length > 0);
    worker.child.kill("SIGUSR1");
    go();
    expect(await worker.end).toEqual({ code: 8, signal: null, err: "" });
    expect([...receipts(campaign.root)]).toEqual([["job[i=0]", 1]]);
  });

  it("an earlier start of the same SLURM job, should it still live, stops as soon as the later one has the claim", async () => {
    const { file } = await begin(2, true);
    const first = start(file, slurm(7));
    await until("a job runs", () => ran().length > 0);
    const second = start(file, slurm(7, 1), { CMC_HEARTBEAT_MS: "200" });
    expect(await first.end).toMatchObject({ code: 8 });
    go();
    expect(await second.end).toMatchObject({ code: 0 });
    expect(claimOf(campaign, TOKEN, 0)).toMatchObject({ restart: 1, ended: { code: 0 } });
    expect([...receipts(campaign.root)].sort()).toEqual([["job[i=0]", 1], ["job[i=1]", 1]]); // prettier-ignore
    expect(await start(file, slurm(7)).end).toMatchObject({ code: 0 });
    expect(logText(campaign.root)).toContain("SLURM has started this task again (restart 1)");
  });
});

const STEPS = ["claimed", "ran", "synced", "renamed", "receipted", "cleaned"].map((step) => `worker/${step}`);

describe("killed, then started again by SLURM", () => {
  it.each(["claim/taken", "claim/ended", ...STEPS.map((step) => `${step}:2`)])(
    "at %s: one receipt a job",
    async (point) => {
      const { file } = await begin(3);
      expect(await start(file, slurm(7), { CMC_FAULT: point }).end).toMatchObject({ signal: "SIGKILL" });
      const before = new Set(receipts(campaign.root).keys());
      const executed = ran().length;
      // And once more, just after it has taken its claim again.
      expect(await start(file, slurm(7, 1), { CMC_FAULT: "claim/replaced" }).end).toMatchObject({ signal: "SIGKILL" });
      expect(await start(file, slurm(7, 2)).end).toMatchObject({ code: 0, err: "" });
      expect([...receipts(campaign.root)].sort()).toEqual([0, 1, 2].map((i) => [`job[i=${i}]`, 1]));
      // What had a receipt was passed over.
      expect(
        ran()
          .slice(executed)
          .filter((key) => before.has(key)),
      ).toEqual([]);
      expect(claimOf(campaign, TOKEN, 0).journals).toHaveLength(3);
      const open =
        journalEvents(campaign.root).filter((event) => event.type === "attempt-started").length -
        ends(campaign.root).length;
      expect(open).toBe(0);
    },
  );

  it("failures of an earlier life are not tried again", async () => {
    campaign = await testCampaign([
      {
        name: "job",
        count: 2,
        argv: (i) => ["sh", "-c", `echo "$CMC_KEY" >> ../../../ran; sleep 0.${i}; exit ${i === 0 ? 3 : 0}`],
      },
    ]);
    const file = writeTasks(campaign, TOKEN, [{ jobs: taskJobs(campaign, 0, 2) }]);
    expect(await start(file, slurm(7), { CMC_FAULT: "worker/ran" }).end).toMatchObject({ signal: "SIGKILL" });
    expect(await start(file, slurm(7, 1)).end).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["job[i=0]", "job[i=1]", "job[i=1]"]);
    expect(ends(campaign.root, "job[i=1]").map(({ attempt, class: how }) => `${attempt} ${how}`).sort()).toEqual(["1 lost", "2 ok"]); // prettier-ignore
  });
});

it("a line for another bundle is refused before anything of it is run", async () => {
  const { file } = await begin(2);
  writeTasks(campaign, TOKEN, [{ jobs: [{ ...taskJobs(campaign, 0, 1)[0]!, line: 1 }] }]);
  const { code, err } = await start(file, slurm(7)).end;
  expect([code, ran()]).toEqual([1, []]);
  expect(err).toContain("line 1 of batch job-0000 is job[i=1], not job[i=0]: another bundle's task file");
});

function go(): void {
  writeFileSync(join(campaign.campaignDir, "go"), "");
}
