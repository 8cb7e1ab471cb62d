// A worker under --serve, spoken to directly: requests are begun in their order, one at a time, and nothing that was not begun ever is.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import type { EventOf } from "../../../src/state/events.ts";
import { type Answer, LineSplitter, type Request } from "../../../src/worker/protocol.ts";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { ends, journalEvents, logText, receipts } from "../../helpers/worker-run.ts";

let campaign: TestCampaign;
let worker: ChildProcess | undefined;
const answers: Answer[] = [];
afterEach(() => {
  worker?.kill("SIGKILL");
  answers.length = 0;
  campaign.remove();
});

/** Job i is `script(i)`; it says its key and makes its output. */
function stage(count: number, script: (i: number) => string = () => ":"): TestStage {
  const say = (i: number): string => `echo "$CMC_KEY"; ${script(i)}; echo x > "$1"`;
  return {
    name: "job",
    count,
    argv: (i) => ["sh", "-c", say(i), "sh", placeholder("output:out")],
    outputs: [{ ir: { kind: "file", name: "out" }, path: (i) => `out/${i}` }],
  };
}

async function serve(of: TestStage, env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  campaign = await testCampaign([of]);
  const { bundleDir, root, campaignDir, home } = campaign;
  const places = ["--bundle", bundleDir, "--root", root, "--campaign-dir", campaignDir, "--run", "r1", "--name", "w0"];
  worker = spawn(process.execPath, [join(bundleDir, "worker.mjs"), ...places, "--serve"], {
    cwd: home,
    env: { ...process.env, CMC_GRACE_MS: "300", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = new LineSplitter();
  worker.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    for (const line of lines.push(chunk)) answers.push(JSON.parse(line) as Answer);
  });
  return worker;
}

const runs = (from: number, to: number): Request[] =>
  Array.from({ length: to - from }, (_, i) => ({ type: "run", batch: "job-0000", line: from + i, attempt: 1 }));

function ask(requests: readonly Request[]): void {
  worker!.stdin!.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
}

async function until(what: () => boolean): Promise<void> {
  for (let wait = 0; !what() && wait < 2000; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(what()).toBe(true);
}

const ended = (): Promise<NodeJS.Signals | number | null> =>
  new Promise((resolve) => worker!.once("close", (code, signal) => resolve(signal ?? code)));
const finished = (): string[] => answers.flatMap((answer) => (answer.type === "finished" ? [answer.key] : []));
const hasStarted = (i: number): boolean =>
  answers.some((answer) => answer.type === "started" && answer.key === `job[i=${i}]`);
const begun = (): string[] =>
  journalEvents(campaign.root).flatMap((event) => (event.type === "attempt-started" ? [event.key] : []));
const keys = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `job[i=${from + i}]`);

describe("requests that wait", () => {
  it("are begun, and answered, in their order; each has its own part of the log", async () => {
    await serve(stage(40));
    ask(runs(0, 40));
    await until(() => finished().length === 40);
    expect(finished()).toEqual(keys(0, 40));
    expect(begun()).toEqual(keys(0, 40));
    const text = logText(campaign.root);
    for (const { key, log } of ends(campaign.root)) expect(text.slice(log!.from, log!.to)).toBe(`${key}\n`);
  });

  it("are answered with the time of the job alone: how many are sent ahead goes by it", async () => {
    await serve(stage(2, (i) => (i === 1 ? "sleep 1" : ":")));
    ask(runs(0, 2));
    await until(() => finished().length > 0);
    // The first waits for the disk while the second runs, up to 100 ms.
    const [first] = answers.flatMap((answer) => (answer.type === "finished" ? [answer.seconds] : []));
    const { phases } = ends(campaign.root)[0]!;
    const own = phases.filter(({ name }) => name !== "publish").reduce((sum, { seconds }) => sum + seconds, 0);
    expect(first).toBeLessThan(own + 0.05);
    expect(phases.find(({ name }) => name === "publish")!.seconds).toBeGreaterThan(0);
  });

  it("are begun when the last one is checked, whatever is prepared for them", async () => {
    await serve(stage(6), { CMC_FAULT: "worker/validated:3" });
    ask(runs(0, 6));
    expect(await ended()).toBe("SIGKILL");
    expect(begun()).toEqual(keys(0, 3));
    expect(receipts(campaign.root).has("job[i=2]")).toBe(false);
    expect(existsSync(join(campaign.root, "out/2"))).toBe(false);
  });

  it("are not begun when they are dropped", async () => {
    await serve(stage(6, (i) => (i === 2 ? "sleep 0.5" : ":")));
    ask(runs(0, 6));
    await until(() => hasStarted(2));
    ask([{ type: "drop" }]);
    await until(() => finished().length === 3);
    expect(answers.filter((answer) => answer.type === "dropped")).toEqual([{ type: "dropped", count: 3 }]);
    worker!.stdin!.end();
    expect(await ended()).toBe(0);
    expect(begun()).toEqual(keys(0, 3));
    expect(readdirSync(join(campaign.root, "staging"))).toEqual([]);
  });
});

describe("the end of stdin", () => {
  it("ends the running job, keeps the one before, begins none of the others", async () => {
    await serve(stage(6, (i) => (i === 2 ? "sleep 60" : ":")));
    ask(runs(0, 6));
    await until(() => hasStarted(2));
    worker!.stdin!.end();
    expect(await ended()).toBe(0);
    const how = (end: EventOf<"attempt-finished">): string => `${end.key} ${end.class}`;
    expect(ends(campaign.root).map(how)).toEqual(["job[i=0] ok", "job[i=1] ok", "job[i=2] cancelled"]);
    expect(begun()).toEqual(keys(0, 3));
    expect(readFileSync(join(campaign.root, "out/1"), "utf8")).toBe("x\n");
    expect(readdirSync(join(campaign.root, "staging"))).toEqual([]);
  });
});
