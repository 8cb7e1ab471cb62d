// The worker is killed with SIGKILL at every step of a job. Afterwards: every job done once, nothing half-written, nothing run again after its receipt.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { startWorker, writeTasks } from "../../helpers/worker-cluster.ts";
import { ends, journalEvents, receipts, runCampaign } from "../../helpers/worker-run.ts";

const STEPS = ["staged", "claimed", "ran", "validated", "synced", "renamed", "receipted", "cleaned"] as const;
const WHOLE = "x".repeat(10_000);
const JOBS = 4;

let campaign: TestCampaign | undefined;
afterEach(() => campaign?.remove());

/** Each job writes two outputs and appends its key and attempt to a file outside the campaign. */
function stage(home: string): TestStage {
  const script = `echo "$CMC_KEY" >> ${home}/executions; printf '${WHOLE}' > "$1"; printf '${WHOLE}' > "$2"`;
  return {
    name: "job",
    count: JOBS,
    argv: () => ["sh", "-c", script, "sh", placeholder("output:a"), placeholder("output:b")],
    outputs: ["a", "b"].map((name) => ({
      ir: { kind: "file", name, size: { min: WHOLE.length, max: WHOLE.length } },
      path: (i) => `${name}/${name}${i}`,
    })),
  };
}

async function crashCampaign(): Promise<TestCampaign> {
  const empty = await testCampaign([]);
  return (campaign = await testCampaign([stage(empty.home)], { home: empty.home }));
}

/** Executions of a key by the number of attempts that were begun before and after its receipt. */
function expectOnce({ home, root }: TestCampaign): void {
  expect([...receipts(root)].sort()).toEqual(Array.from({ length: JOBS }, (_, i) => [`job[i=${i}]`, 1]));
  for (const name of ["a", "b"])
    for (let i = 0; i < JOBS; i++) expect(readFileSync(join(root, name, `${name}${i}`), "utf8")).toBe(WHOLE);
  // Nothing of a key is begun after its receipt; journals of different writers are ordered by their clock, which is one machine's.
  const executions = readFileSync(join(home, "executions"), "utf8").trim().split("\n");
  for (const [key] of receipts(root)) {
    const receipt = ends(root, key).find((end) => end.class === "ok")!;
    const begun = journalEvents(root).filter((event) => event.type === "attempt-started" && event.key === key);
    expect(begun.filter((event) => event.at > receipt.at)).toEqual([]);
    const ran = executions.filter((line) => line === key).length;
    expect(ran).toBeGreaterThanOrEqual(1);
    expect(ran).toBeLessThanOrEqual(begun.length);
  }
  expect(existsSync(join(root, "staging")) ? readdirSync(join(root, "staging")) : []).toEqual([]);
}

describe("killed in array mode, then the slice is run again", () => {
  it.each(STEPS.flatMap((step) => [1, 2].map((nth) => [step, nth] as const)))(
    "at %s, passage %i",
    async (step, nth) => {
      const { root, home } = await crashCampaign();
      const file = writeTasks(campaign!, "by-hand", [{ batch: "job-0000", from: 0, to: JOBS }]);
      const args = ["--tasks", file, "--task", "0"];
      const first = await startWorker(campaign!, "w0", args, { CMC_FAULT: `worker/${step}:${nth}` }).end;
      expect(first.signal, first.err).toBe("SIGKILL");
      const before = new Set(receipts(root).keys());
      const executed = readFileSync(join(home, "executions"), { encoding: "utf8", flag: "a+" });
      expect(await startWorker(campaign!, "w0", args).end).toMatchObject({ code: 0, err: "" });
      // What had a receipt was passed over.
      const later = readFileSync(join(home, "executions"), "utf8").slice(executed.length).trim().split("\n"); // prettier-ignore
      expect(later.filter((key) => before.has(key))).toEqual([]);
      expect(later.length).toBe(JOBS - before.size);
      // Staging of the dead attempt is left for the next apply; a local run with nothing to do sweeps it.
      await runCampaign(campaign!);
      expectOnce(campaign!);
    },
  );
});

describe("killed under the executor, which goes on with new workers", () => {
  it.each(STEPS)("at %s", async (step) => {
    await crashCampaign();
    // Each worker dies under its second job (`renamed` is passed twice a job), so every pair of jobs costs a worker.
    const ran = await runCampaign(campaign!, { env: { CMC_FAULT: `worker/${step}:${step === "renamed" ? 3 : 2}` } });
    expect(ran, JSON.stringify(ran.events)).toMatchObject({ done: JOBS, failed: 0 });
    expect(ran.events.filter((event) => event.type === "worker-lost").length).toBeGreaterThanOrEqual(1);
    expectOnce(campaign!);
    const lost = ends(campaign!.root).filter((end) => end.class === "lost");
    const why = /^its worker (was ended by SIGKILL|ended before its outputs were published)$/;
    for (const end of lost) expect(end.message).toMatch(why);
    // At `staged` nothing is recorded of the job yet; the one before it may be waiting for the disk.
    if (step !== "staged") expect(lost.length > 0).toBe(step !== "receipted" && step !== "cleaned");
  });

  it("workers that only die are not started for ever", async () => {
    await crashCampaign();
    await expect(runCampaign(campaign!, { env: { CMC_FAULT: "worker/renamed" } })).rejects.toThrow(
      /^apply\/worker: Workers died 5 times in a row \(SIGKILL\); the last said: fault point worker\/renamed$/,
    );
    expect(await runCampaign(campaign!)).toMatchObject({ done: JOBS, failed: 0 });
    expectOnce(campaign!);
  });
});
