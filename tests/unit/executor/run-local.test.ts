// The local executor with real workers: order, retries, dead workers, stops, and what it refuses.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { LocalEvent } from "../../../src/executors/local/run-local.ts";
import type { InputIR } from "../../../src/ir/stage.ts";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { readJournals } from "../../../src/state/read-journal.ts";
import { processesWith } from "../../helpers/processes.ts";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { ends, receipts, runCampaign } from "../../helpers/worker-run.ts";

let campaign: TestCampaign | undefined;
afterEach(() => campaign?.remove());

const sh = (script: string, ...args: string[]): string[] => ["sh", "-c", script, "sh", ...args];
const out = (folder: string) => [{ ir: { kind: "file", name: "o" }, path: (i: number) => `${folder}/${i}` } as const];
const edge = (stage: string, join: "each" | "all" | "quorum", fraction?: number): InputIR => ({
  kind: "edge",
  port: stage,
  from: { stage, output: "o" },
  join,
  over: join === "each" ? [] : ["i"],
  fraction,
});
// Long enough that nothing is sent ahead, so that the order of the ends is the order of the starts.
const slowWrite = sh('sleep 0.15; echo $CMC_KEY > "$1"', placeholder("output:o"));
const write = sh('echo $CMC_KEY > "$1"', placeholder("output:o"));

function finishedKeys(events: readonly LocalEvent[]): string[] {
  return events.flatMap((event) => (event.type === "finished" && event.class === "ok" ? [event.key] : []));
}

describe("dependencies", () => {
  it("are element by element: a failed job blocks its own dependents, and jobs start as soon as they can", async () => {
    const up: TestStage = { name: "up", count: 6, argv: (i) => (i === 2 ? ["false"] : slowWrite), outputs: out("up") };
    const mid: TestStage = {
      name: "mid",
      count: 6,
      argv: () => write,
      outputs: out("mid"),
      inputs: [{ ir: edge("up", "each") }],
    };
    const all: TestStage = {
      name: "all",
      count: 1,
      argv: () => write,
      outputs: out("all"),
      inputs: [{ ir: edge("mid", "all") }],
    };
    const most: TestStage = {
      name: "most",
      count: 1,
      argv: () => sh('cat "$1" > "$2"', placeholder("list:mid"), placeholder("output:o")),
      outputs: out("most"),
      inputs: [{ ir: edge("mid", "quorum", 0.8) }],
    };
    const more: TestStage = {
      name: "more",
      count: 1,
      argv: () => write,
      outputs: out("more"),
      inputs: [{ ir: edge("mid", "quorum", 0.9) }],
    };
    campaign = await testCampaign([up, mid, all, most, more]);
    const ran = await runCampaign(campaign);
    expect(ran).toMatchObject({ done: 11, failed: 1, blocked: 3, remaining: 0, cancelled: false });
    const blocked = ran.events
      .filter((event) => event.type === "blocked")
      .map((event) => `${event.key} by ${event.by}`);
    expect(blocked.sort()).toEqual(["all[i=0] by mid[i=2]", "mid[i=2] by up[i=2]", "more[i=0] by mid[i=2]"]);
    const keys = finishedKeys(ran.events);
    expect(keys.indexOf("mid[i=0]")).toBeLessThan(keys.indexOf("up[i=5]"));
    expect(keys.at(-1)).toBe("most[i=0]");
    const receipt = ends(campaign.root, "most[i=0]")[0]!.receipt!;
    expect(receipt.upstreamUsed).toEqual([0, 1, 3, 4, 5].map((i) => `mid[i=${i}]`));
    expect(
      (JSON.parse(readFileSync(join(campaign.root, "most/0"), "utf8")) as { point: { i: number } }[]).map(
        (element) => element.point.i,
      ),
    ).toEqual([0, 1, 3, 4, 5]);
    // What is done is kept; the rest is tried again, and only that.
    expect(await runCampaign(campaign)).toMatchObject({ done: 0, failed: 1, blocked: 3 });
  });

  it("adopt validates outputs in place and runs nothing", async () => {
    const made: TestStage = {
      name: "made",
      count: 2,
      argv: () => sh("exit 1"),
      outputs: [{ ir: { kind: "file", name: "o", size: { min: 3 } }, path: (i) => `made/${i}` }],
    };
    const next: TestStage = {
      name: "next",
      count: 2,
      argv: () => write,
      outputs: out("next"),
      inputs: [{ ir: edge("made", "each") }],
    };
    campaign = await testCampaign([made, next]);
    const { root, table } = campaign;
    mkdirSync(join(root, "made"));
    writeFileSync(join(root, "made/0"), "found");
    writeFileSync(join(root, "made/1"), "x");
    const ran = await runCampaign(campaign, { action: "adopt" });
    expect(table.count).toBe(4);
    expect(ends(root, "made[i=0]")[0]).toMatchObject({
      class: "ok",
      message: "adopted",
      receipt: { adopted: true, outputs: [{ path: "made/0", size: 5 }], checksPassed: 1 },
    });
    expect(ends(root, "made[i=1]")[0]).toMatchObject({
      class: "validation",
      message: "o: 1 bytes is less than the least size 3",
    });
    expect(readFileSync(join(root, "made/1"), "utf8")).toBe("x");
    expect(ran.failed).toBeGreaterThanOrEqual(1);
  });
});

describe("retries", () => {
  it("follow the policy: backoff, attempts, escalation by class; validation is not tried again", async () => {
    const count = (name: string, need: number): string[] =>
      sh(`echo x >> ${name}.tries; [ $(wc -l < ${name}.tries) -ge ${need} ]`);
    const here = (name: string): string => `$CMC_ROOT/${name}`;
    const grow = `const a = Buffer.alloc(250e6, 1); setTimeout(() => {}, 400)`;
    campaign = await testCampaign([
      {
        name: "third",
        count: 1,
        argv: () => count(here("third"), 3),
        retry: { attempts: 3, backoff: { initial: 0.1, factor: 3, max: 0.2 } },
      },
      { name: "never", count: 1, argv: () => sh("exit 7"), retry: { attempts: 2 } },
      { name: "bad", count: 1, argv: () => ["true"], outputs: out("bad"), retry: { attempts: 5 } },
      {
        name: "slow",
        count: 1,
        argv: () => ["sleep", "0.5"],
        resources: { walltime: 0.3 },
        retry: { attempts: 3, escalate: { timeout: { walltime: 4 } } },
      },
      {
        name: "fat",
        count: 1,
        argv: () => [process.execPath, "-e", grow],
        resources: { memory: 150e6 },
        retry: { attempts: 3, escalate: { oom: { memory: 4 } } },
      },
    ]);
    const { root } = campaign;
    const ran = await runCampaign(campaign, { env: { CMC_WATCH_MS: "30", CMC_GRACE_MS: "100" } });
    const of = (key: string) =>
      ends(root, `${key}[i=0]`)
        .map((end) => `${end.attempt} ${end.class}`)
        .sort();
    expect(of("third")).toEqual(["1 exit", "2 exit", "3 ok"]);
    expect(of("never")).toEqual(["1 exit", "2 exit"]);
    expect(of("bad")).toEqual(["1 validation"]);
    expect(of("slow")).toEqual(["1 timeout", "2 ok"]);
    expect(of("fat")).toEqual(["1 oom", "2 ok"]);
    expect(ran).toMatchObject({ done: 3, failed: 2 });
    const waits = ran.events.flatMap((event) =>
      event.type === "finished" && event.key === "third[i=0]" ? [event.retryIn] : [],
    );
    expect(waits).toEqual([0.1, 0.2, undefined]);
    // Attempts count across runs.
    await runCampaign(campaign);
    expect(of("never")).toEqual(["1 exit", "2 exit", "3 exit"]);
  }, 30_000);
});

describe("admission", () => {
  it("refuses a job larger than the machine before anything is started", async () => {
    campaign = await testCampaign([
      { name: "a", count: 3, argv: () => ["true"] },
      { name: "big", count: 2, argv: () => ["true"], resources: { memory: 64e9 } },
    ]);
    await expect(runCampaign(campaign, { memory: 8e9 })).rejects.toThrow(
      "plan/resources: big[i=0] needs 64.0 GB of memory, there are 8.0 GB (and 1 other jobs)",
    );
    expect(existsSync(join(campaign.root, "logs"))).toBe(false);
  });

  it("never runs more at once than processors and memory allow", async () => {
    const script = "d=$CMC_ROOT/now; mkdir -p $d; touch $d/$$; ls $d | wc -l; sleep 0.05; rm $d/$$";
    campaign = await testCampaign([
      { name: "half", count: 6, argv: () => sh(script), resources: { cpus: 1, memory: 6e9 } },
    ]);
    expect(await runCampaign(campaign, { workers: 4, cpus: 4, memory: 13e9 })).toMatchObject({ done: 6 });
    const seen = [0, 1, 2, 3].flatMap((i) => (existsSync(join(campaign!.root, `logs/w${i}.log`)) ? readFileSync(join(campaign!.root, `logs/w${i}.log`), "utf8").trim().split("\n").map(Number) : [])); // prettier-ignore
    expect(Math.max(...seen)).toBe(2);
  });
});

describe("a worker that is killed", () => {
  it("costs no attempt; its job's processes are gone before the job is run again", async () => {
    const marks = "$CMC_ROOT/marks";
    const script = `mkdir -p ${marks}; echo $$ >> ${marks}/pids; if [ $(wc -l < ${marks}/pids) -eq 1 ]; then sleep 100; fi; grep -s '^State:.[^ZX]' /proc/$(head -1 ${marks}/pids)/status >> ${marks}/alive; [ -s ${marks}/alive ] || rm -f ${marks}/alive`;
    campaign = await testCampaign([{ name: "long", count: 1, argv: () => sh(script), retry: { attempts: 1 } }]);
    const { root } = campaign;
    const ran = await runCampaign(campaign, {
      workers: 1,
      onEvent: (event) => {
        if (event.type === "started" && event.attempt === 1) setTimeout(() => killWorker(root), 300);
      },
    });
    expect(ran).toMatchObject({ done: 1, failed: 0 });
    expect(
      ends(root)
        .map((end) => `${end.attempt} ${end.class}`)
        .sort(),
    ).toEqual(["1 lost", "2 ok"]);
    expect(existsSync(join(root, "marks/alive"))).toBe(false);
    expect(readFileSync(join(root, "marks/pids"), "utf8").trim().split("\n").length).toBe(2);
  });
});

describe("a worker that is killed while its job writes", () => {
  it("leaves a staging directory that still grows: the job is ended before it is removed", async () => {
    const flood = `i=0; while :; do i=$((i+1)); : > $i; done`;
    campaign = await testCampaign([
      { name: "flood", count: 1, argv: () => sh(`[ -e $CMC_ROOT/once ] && exit; : > $CMC_ROOT/once; ${flood}`) },
    ]);
    const { root } = campaign;
    const killing = setInterval(
      () => existsSync(join(root, "once")) && (clearInterval(killing), killWorker(root)),
      100,
    );
    expect(await runCampaign(campaign, { workers: 1 })).toMatchObject({ done: 1, failed: 0 });
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  });
});

describe("a worker that is killed while a check runs", () => {
  it("leaves no check behind, also where a task made the output", async () => {
    const { home } = await testCampaign([]);
    const script = `echo $$ >> ${home}/pids; [ $(wc -l < ${home}/pids) -gt 1 ] || sleep 100`;
    const made: TestStage = {
      name: "made",
      count: 1,
      task: 'export default (ctx) => ctx.writeText(ctx.outputs.o, "x");',
      outputs: [{ ir: { kind: "file", name: "o", check: ["sh", "-c", script] }, path: () => "o" }],
    };
    campaign = await testCampaign([made], { home });
    const killing = setInterval(
      () => existsSync(`${home}/pids`) && (clearInterval(killing), killWorker(campaign!.root)),
      20,
    );
    expect(await runCampaign(campaign, { workers: 1 })).toMatchObject({ done: 1, failed: 0 });
    expect(processesWith(home)).toEqual([]);
  });
});

describe("stopping", () => {
  const slow = (count: number, seconds: number): TestStage => ({
    name: "slow",
    count,
    argv: () => ["sleep", String(seconds)],
  });

  it("drain lets running jobs finish and begins nothing new", async () => {
    campaign = await testCampaign([slow(8, 0.4)]);
    const drain = new AbortController();
    setTimeout(() => drain.abort(), 500);
    const begin = Date.now();
    const ran = await runCampaign(campaign, { drain: drain.signal });
    expect(Date.now() - begin).toBeLessThan(2500);
    expect(ran.cancelled).toBe(true);
    expect(ran.done).toBeGreaterThanOrEqual(2);
    expect(ran.done + ran.remaining).toBe(8);
    expect(ends(campaign.root).every((end) => end.class === "ok")).toBe(true);
    expect(await runCampaign(campaign)).toMatchObject({ done: ran.remaining, cancelled: false });
  });

  it("stop ends running jobs at once; they are cancelled, cost no attempt, and are run by the next apply", async () => {
    campaign = await testCampaign([slow(3, 60)]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 600);
    const begin = Date.now();
    const ran = await runCampaign(campaign, { stop: stop.signal });
    expect(Date.now() - begin).toBeLessThan(4000);
    expect(ran).toMatchObject({ done: 0, failed: 0, remaining: 3, cancelled: true });
    expect(ends(campaign.root).map((end) => end.class)).toEqual(["cancelled", "cancelled"]);
    const { state } = readJournals(campaign.root).fold();
    expect([...state.jobs.values()].map((job) => job.counted)).toEqual([0, 0]);
    expect(receipts(campaign.root).size).toBe(0);
  });
});

it("progress counts everything, and workers that cannot start are a diagnostic", async () => {
  campaign = await testCampaign([{ name: "quick", count: 40, argv: () => ["true"] }]);
  const seen: number[] = [];
  await runCampaign(campaign, { onProgress: (progress) => seen.push(progress.done) });
  expect(seen.at(-1)).toBe(40);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  writeFileSync(join(campaign.bundleDir, "worker.mjs"), "throw new Error('broken worker')");
  const again = await testCampaign([{ name: "quick", count: 2, salt: "2", argv: () => ["true"] }], {
    home: campaign.home,
  });
  writeFileSync(join(campaign.bundleDir, "worker.mjs"), "throw new Error('broken worker')");
  await expect(runCampaign(again)).rejects.toThrow(
    /apply\/worker: Workers died 5 times in a row \(exit code 1\)[^]*broken worker/,
  );
  await expect(runCampaign(again, { nodeBinary: "/no/such/node" })).rejects.toThrow(/apply\/worker: [^]*ENOENT/);
});

function killWorker(root: string): void {
  for (const writer of readJournals(root).writers)
    if (writer.writer === "worker" && !writer.closed) process.kill(writer.pid, "SIGKILL");
}
