// Pilots on a pool, with real workers: packs are claimed once, taken over from the dead, given back by those who drain, and left alone after the brake.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { claimName, readPool } from "../../../src/worker/pool-folder.ts";
import { until } from "../../helpers/processes.ts";
import { testCampaign, type TestCampaign } from "../../helpers/worker-bundle.ts";
import { type Env, poolFolder, startWorker, taskJobs, writePack } from "../../helpers/worker-cluster.ts";
import { ends, journalEvents, receipts } from "../../helpers/worker-run.ts";

let campaign: TestCampaign;
let folder: string;
afterEach(() => campaign.remove());

const OUTPUT = { ir: { kind: "file", name: "o" }, path: (i: number) => `o/${i}` } as const;

/** Packs p0, p1 ... of `size` jobs each. The script finds its index in $2. */
async function begin(packs: number, size: number, script: string): Promise<void> {
  const argv = (i: number) => ["sh", "-c", script, "sh", placeholder("output:o"), String(i)];
  campaign = await testCampaign([{ name: "job", count: packs * size, argv, outputs: [OUTPUT] }]);
  folder = poolFolder(campaign);
  for (let p = 0; p < packs; p++) writePack(folder, p, `p${p}`, taskJobs(campaign, p * size, (p + 1) * size));
}

function start(name: string, args: readonly string[] = [], env: Env = {}) {
  return startWorker(campaign, name, ["--pool", folder, "--idle", "5", ...args], env);
}

function close(): void {
  writeFileSync(join(folder, "closed"), "");
}

function expectAllOnce(): void {
  const { count } = campaign.table;
  const all = Array.from({ length: count }, (_, i): [string, number] => [`job[i=${i}]`, 1]);
  expect([...receipts(campaign.root)].sort()).toEqual(all.sort());
  const { packs } = readPool(folder);
  expect(packs.filter((pack) => !pack.done)).toEqual([]);
  const attempts = (type: "attempt-started" | "attempt-finished") =>
    new Set(journalEvents(campaign.root).flatMap((event) => (event.type === type ? [event.attemptId] : [])));
  expect(attempts("attempt-started")).toEqual(attempts("attempt-finished"));
}

function classes(): string[] {
  return ends(campaign.root).map((end) => end.class).sort(); // prettier-ignore
}

const MAKE = 'echo "$CMC_KEY" >> ../../../ran; echo x > "$1"';
const WAIT = `${MAKE}; until [ -e ../../../campaign/go ]; do sleep 0.01; done`;

function ran(): string[] {
  const file = join(campaign.home, "ran");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

describe("a pool", () => {
  it("of 200 packs is worked through by four workers: one receipt a job", async () => {
    await begin(200, 2, MAKE);
    close();
    const workers = await Promise.all([0, 1, 2, 3].map((n) => start(`p1-${n}`).end));
    expect(workers).toEqual(workers.map(() => ({ code: 0, signal: null, err: "" })));
    expectAllOnce();
    expect(ran()).toHaveLength(400);
  });

  it("takes packs that come later, and is left when none comes any more", async () => {
    await begin(1, 1, MAKE);
    const packs = taskJobs(campaign, 0, 1);
    const worker = start("p1-0", ["--idle", "0.4"]);
    await until("the first is done", () => existsSync(join(folder, "p0.done")));
    writePack(folder, 1, "again", [{ ...packs[0]!, attempt: 2 }]);
    expect(await worker.end).toMatchObject({ code: 0 });
    expect(readPool(folder).packs).toEqual(
      [0, 1].map((i) => expect.objectContaining({ id: ["p0", "again"][i], done: true })),
    );
    expect(receipts(campaign.root).get("job[i=0]")).toBe(2);
  });

  it("is drained on SIGUSR1: the running job ends, the rest of the pack goes to another at once", async () => {
    await begin(1, 3, WAIT);
    const first = start("p1-0");
    await until("a job runs", () => ran().length === 1);
    first.child.kill("SIGUSR1");
    writeFileSync(join(campaign.campaignDir, "go"), "");
    expect(await first.end).toEqual({ code: 8, signal: null, err: "" });
    expect(classes()).toEqual(["ok"]);
    expect(readPool(folder).packs).toMatchObject([{ done: false, generation: 0 }]);
    close();
    expect(await start("p2-0").end).toMatchObject({ code: 0 });
    expectAllOnce();
    expect(ran()).toEqual(["job[i=0]", "job[i=1]", "job[i=2]"]);
  });

  it("is stopped by SIGTERM: the running job is cancelled and begun again by the next", async () => {
    await begin(1, 2, WAIT);
    const first = start("p1-0");
    await until("a job runs", () => ran().length === 1);
    first.child.kill("SIGTERM");
    expect(await first.end).toMatchObject({ code: 8 });
    writeFileSync(join(campaign.campaignDir, "go"), "");
    close();
    expect(await start("p2-0").end).toMatchObject({ code: 0 });
    expect(classes()).toEqual(["cancelled", "ok", "ok"]);
    expectAllOnce();
  });

  it("is braked by failures in a row, for everybody", async () => {
    await begin(2, 4, 'sleep 0.05; [ "$2" != 1 ] || echo x > "$1"; [ "$2" = 1 ] || exit 3');
    expect(await start("p1-0", ["--brake", "3"]).end).toMatchObject({ code: 9 });
    // The success between begins the count afresh.
    expect(classes()).toEqual(["exit", "exit", "exit", "exit", "ok"]);
    const why = "3 failures in a row, the last: job[i=4] (exit): sh exited with 3";
    expect(readFileSync(join(folder, "braked"), "utf8")).toBe(`p1-0: ${why}\n`);
    expect(readPool(folder).packs).toMatchObject([{ done: true }, { done: false }]);
    expect(await start("p1-1").end).toMatchObject({ code: 9 });
    expect(classes()).toHaveLength(5);
  });

  it("is not braked by jobs that have failed before: they are to blame themselves", async () => {
    await begin(1, 4, "exit 3");
    writePack(folder, 0, "p0", taskJobs(campaign, 0, 4).map((job) => ({ ...job, failedBefore: true }))); // prettier-ignore
    close();
    expect(await start("p1-0", ["--brake", "3"]).end).toMatchObject({ code: 0 });
    expect(classes()).toEqual(["exit", "exit", "exit", "exit"]);
  });

  it("is left when there is no time for the next job", async () => {
    campaign = await testCampaign([{ name: "job", count: 2, argv: () => ["true"], resources: { walltime: 3600 } }]);
    folder = poolFolder(campaign);
    writePack(folder, 0, "p0", taskJobs(campaign, 0, 2));
    const until = String(Math.floor(Date.now() / 1000) + 600);
    expect(await start("p1-0", ["--until", until]).end).toMatchObject({ code: 8 });
    expect(classes()).toEqual(["ok"]);
    close();
    expect(await start("p1-1", [], { SLURM_JOB_END_TIME: until }).end).toMatchObject({ code: 0 });
    expect(classes()).toEqual(["ok", "ok"]);
  });

  it("withdrawn packs are not begun", async () => {
    await begin(0, 0, MAKE);
    writeFileSync(join(folder, "gone.claim.tmp"), "");
    close();
    expect(await start("p1-0").end).toMatchObject({ code: 0 });
    expect(readdirSync(folder).sort()).toEqual(["closed", "gone.claim.tmp"]);
    rmSync(folder, { recursive: true });
    expect(await start("p1-1").end).toEqual({ code: 0, signal: null, err: "" });
  });
});

const STEPS = ["claimed", "ran", "synced", "renamed", "receipted"].map((step) => `worker/${step}:2`);

describe("a worker that is killed", () => {
  it.each(["pool/claimed", "pool/done", ...STEPS])(
    "at %s: another takes its pack over, jobs with a receipt are passed over",
    async (point) => {
      await begin(2, 2, MAKE);
      close();
      expect(await start("p1-0", [], { CMC_FAULT: point }).end).toMatchObject({ signal: "SIGKILL" });
      const before = new Set(receipts(campaign.root).keys());
      const executed = ran().length;
      // Alone after a kill at `pool/done`, it has nothing to take over: the second pack is free.
      const second = await start("p1-1", [], { CMC_FAULT: "pool/taken-over" }).end;
      expect(second).toMatchObject(point === "pool/done" ? { code: 0 } : { signal: "SIGKILL" });
      expect(await start("p1-2").end).toMatchObject({ code: 0, err: "" });
      expectAllOnce();
      expect(
        ran()
          .slice(executed)
          .filter((key) => before.has(key)),
      ).toEqual([]);
    },
  );
});

describe("a worker that is suspended", () => {
  it("loses its pack when the lease is over, publishes nothing of it when it wakes, and goes on with others", async () => {
    await begin(
      1,
      2,
      'echo "$CMC_ATTEMPT" >> ../../../ran; until [ -e ../../../campaign/go ]; do sleep 0.01; done; echo "$CMC_ATTEMPT" > "$1"',
    );
    const first = start("p1-0", ["--lease", "0.3"]);
    await until("a job runs", () => ran().length === 1);
    first.child.kill("SIGSTOP");
    const second = start("p2-0", ["--lease", "0.3"]);
    await until("the pack is taken over", () => existsSync(join(folder, claimName("p0", 1))));
    writeFileSync(join(campaign.campaignDir, "go"), "");
    first.child.kill("SIGCONT");
    await until("the pack is done", () => existsSync(join(folder, "p0.done")));
    close();
    expect([(await first.end).code, (await second.end).code]).toEqual([0, 0]);
    expectAllOnce();
    expect(readFileSync(join(campaign.root, "o/0"), "utf8")).toBe("2\n");
    expect(classes().filter((how) => how !== "lost")).toEqual(["cancelled", "ok", "ok"]);
  });
});
