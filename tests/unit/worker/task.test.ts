// Task jobs in the worker's thread: what they are given, and that none of them takes the worker along.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { ends, logText, runCampaign } from "../../helpers/worker-run.ts";

let campaign: TestCampaign | undefined;
afterEach(() => campaign?.remove());

const task = (name: string, body: string, more: Partial<TestStage> = {}): TestStage => ({
  name,
  count: 1,
  task: `export default async (ctx) => { ${body} };`,
  ...more,
});

it("every way to fail is classified, and the worker goes on to the next", async () => {
  campaign = await testCampaign([
    task("endless", "for (;;);", { resources: { walltime: 0.3 } }),
    task("heap", "const a = []; for (;;) a.push(new Array(1e5).fill(Math.random()));", {
      resources: { memory: 64e6, walltime: 20 },
    }),
    task(
      "arrays",
      "const a = []; for (let i = 0; i < 100; i++) { a.push(new Float64Array(4e6).fill(i)); await new Promise((r) => setTimeout(r, 20)); }",
      { resources: { memory: 400e6, walltime: 20 } },
    ),
    task("throws", "throw new RangeError('out of range');"),
    task("exits", "process.exit(5);"),
    task("rejects", "Promise.reject(new Error('late')); await new Promise((r) => setTimeout(r, 500));"),
    task("json", 'ctx.writeText(ctx.outputs.j, "{\\"a\\": \\"text\\"}");', {
      outputs: [
        {
          ir: {
            kind: "json",
            name: "j",
            schema: { type: "object", properties: { a: { type: "number" } }, required: ["a", "b"] },
          },
          path: () => "j.json",
        },
      ],
    }),
    task("broken", 'ctx.writeText(ctx.outputs.j, "{");', {
      outputs: [{ ir: { kind: "json", name: "j" }, path: () => "k.json" }],
    }),
    task("fine", 'console.log("hello", { a: 1 }); ctx.log("from ctx"); process.stdout.write("raw\\n");'),
  ]);
  const ran = await runCampaign(campaign, { workers: 1, env: { CMC_WATCH_MS: "50" } });
  expect(ran).toMatchObject({ done: 1, failed: 8 });
  expect(ran.events.filter((event) => event.type === "worker-lost")).toEqual([]);
  const { root } = campaign;
  const end = (stage: string) => ends(root, `${stage}[i=0]`)[0]!;
  expect(end("endless")).toMatchObject({ class: "timeout", message: "ended after 0.3 s (walltime)" });
  expect(end("heap")).toMatchObject({
    class: "oom",
    message: expect.stringMatching(/^heap full: 64 MB$|^ended: \d+ MB resident, 64 MB declared$/),
  });
  expect(end("arrays")).toMatchObject({
    class: "oom",
    message: expect.stringMatching(/^ended: \d+ MB resident, 400 MB declared$/),
  });
  expect(end("throws")).toMatchObject({
    class: "exit",
    message: "RangeError: out of range",
    logTail: expect.stringContaining("throws.mjs"),
  });
  expect(end("exits")).toMatchObject({
    class: "exit",
    exit: 5,
    message: "the task ended its thread (process.exit(5))",
  });
  expect(end("rejects")).toMatchObject({ class: "exit", message: "Error: late" });
  expect(end("json").checks!.map((check) => check.message)).toEqual([
    "/ must have required property 'b'",
    "/a must be number",
  ]);
  expect(end("broken")).toMatchObject({ class: "validation", message: expect.stringContaining("is not JSON") });
  expect(end("fine").class).toBe("ok");
  expect(logText(root)).toContain("hello { a: 1 }\nfrom ctx\nraw\n");
}, 40_000);

it("the context holds everything the job is", async () => {
  const body = `
    ctx.phase("load");
    const seen = { key: ctx.key, point: ctx.point, params: ctx.params, attempt: ctx.attempt, inputs: ctx.inputs, text: ctx.readText(ctx.inputs.one) };
    ctx.phase("compute");
    ctx.metric("nan", NaN); ctx.metric("inf", -Infinity, { unit: "1", detail: { why: "test" } }); ctx.metric("x", 2);
    const h5 = await ctx.hdf5();
    ctx.phase("write");
    h5.create(ctx.outputs.h, (f) => { f.dataset("g/x", { dtype: "i8", shape: [2], data: BigInt64Array.of(9007199254740993n, -1n) }); f.attribute("g", "s", "häß", "str"); });
    seen.big = h5.open(ctx.outputs.h, (f) => String(f.read("g/x")));
    ctx.writeText(ctx.outputs.j, JSON.stringify(seen));
  `;
  campaign = await testCampaign([
    task("up", "ctx.writeText(ctx.outputs.t, 'text ' + ctx.point.i);", {
      count: 2,
      outputs: [{ ir: { kind: "file", name: "t" }, path: (i) => `t/${i}` }],
    }),
    task("down", body, {
      params: () => ({ lgmpMin: 12.5 }),
      inputs: [
        { ir: { kind: "edge", port: "one", from: { stage: "up", output: "t" }, join: "each", over: [] } },
        { ir: { kind: "edge", port: "all", from: { stage: "up", output: "t" }, join: "all", over: ["i"] } },
      ],
      outputs: [
        {
          ir: {
            kind: "hdf5",
            name: "h",
            checks: {
              datasets: { "g/x": { dtype: "i8", shape: [2] } },
              attributes: { "g@s": { exists: true } },
              exact: true,
            },
          },
          path: () => "h.hdf5",
        },
        { ir: { kind: "json", name: "j" }, path: () => "j.json" },
      ],
    }),
  ]);
  const ran = await runCampaign(campaign);
  const { root } = campaign;
  expect(ran.failures).toEqual([]);
  expect(JSON.parse(readFileSync(join(root, "j.json"), "utf8"))).toEqual({
    key: "down[i=0]",
    point: { i: 0 },
    params: { lgmpMin: 12.5 },
    attempt: 1,
    inputs: { one: join(root, "t/0"), all: [0, 1].map((i) => ({ path: join(root, `t/${i}`), point: { i } })) },
    text: "text 0",
    big: "9007199254740993,-1",
  });
  const { receipt, phases } = ends(root, "down[i=0]")[0]!;
  expect(receipt!.metrics).toEqual([
    { name: "nan", value: "NaN" },
    { name: "inf", value: "-Infinity", unit: "1", detail: { why: "test" } },
    { name: "x", value: 2 },
  ]);
  expect(receipt!.params).toEqual({ lgmpMin: 12.5 });
  expect(phases.map((phase) => phase.name)).toEqual([
    "start",
    "run",
    "validate",
    "publish",
    "load",
    "compute",
    "write",
  ]);
});
