// The evaluation's walls: what a campaign cannot reach, in the words of a campaign that tries.
import { describe, expect, it } from "vitest";
import { evaluate, isProblem } from "../../../src/compile/realm/evaluate.ts";
import { campaign, compileIn, diagnosticsOf, scratch } from "./scratch.ts";

const given = { set: {}, environment: {}, file: {}, cwd: "/", campaignDir: "/", listings: {} };
/** Message of what the script throws, or its text. */
function tried(expression: string): string {
  const answer = evaluate(`throw new Error("got " + String(${expression}));`, given, 5);
  return isProblem(answer) ? answer.problem.message : "nothing";
}

describe("there is no way to the machine", () => {
  it.each([
    "process",
    "require",
    "Buffer",
    "console",
    "fetch",
    "setTimeout",
    "performance",
    "crypto",
    "Intl",
    "WebAssembly",
    "SharedArrayBuffer",
    "Atomics",
    "WeakRef",
  ])("%s is not there", (name) => {
    expect(tried(name)).toBe(`${name} is not defined`);
  });

  it.each([
    `globalThis.constructor.constructor("return process")()`,
    `(() => {}).constructor("return process")()`,
    `(async () => {}).constructor("return process")()`,
    `new Error().constructor.constructor("return process")()`,
    `(function* () {}).constructor("yield process")().next().value`,
    `(() => { try { null.x } catch (error) { return error.constructor.constructor("return process")() } })()`,
    `(() => { try { (function f() { f() })() } catch (error) { return error.constructor.constructor("return process")() } })()`,
    `module.constructor.constructor("return process")()`,
    `globalThis.eval("1")`,
  ])("%s is refused", (expression) => {
    expect(tried(expression)).toMatch(
      /Code generation from strings disallowed|is not a (function|constructor)|Cannot read/,
    );
  });

  it("Error.prepareStackTrace sees no host object", () => {
    const leak = `(frame) => { for (const object of [frame.getThis?.(), frame.getFunction?.()]) { if (object == null) continue; try { return "leaked " + object.constructor.constructor("return process")(); } catch (error) { if (!/disallowed|not a function|Cannot read/.test(error.message)) return "leaked " + error.message; } } return ""; }`;
    expect(
      tried(
        `(() => { Error.prepareStackTrace = (_, frames) => frames.map(${leak}).join(""); return new Error().stack; })()`,
      ),
    ).toBe("got ");
  });

  it.each([
    ["Date()", "Date()"],
    ["new Date()", "new Date()"],
    ["Date.now()", "Date.now()"],
    ["new Date(2020, 1)", "new Date(year, month, ...)"],
    ['Date.parse("1 Jan 2020")', 'a date read from "1 Jan 2020"'],
    ["new Date(0).getHours()", "Date.prototype.getHours"],
    ["`${new Date(0)}`", "a date as text in local time"],
    ["new (new Date(0).constructor)()", "new Date()"],
    ["Math.random()", "Math.random()"],
    ['"a".localeCompare("b")', "localeCompare"],
    ["[1].toLocaleString()", "toLocaleString"],
  ])("%s is impure", (expression, what) => {
    expect(tried(expression)).toBe(`${what} is not available while a campaign is compiled`);
  });

  it("dates that say their zone are fine", () => {
    expect(tried('new Date("2020-01-31T12:00:00Z").toISOString() + new Date(Date.UTC(2020, 0)).getTime()')).toBe(
      "got 2020-01-31T12:00:00.000Z1577836800000",
    );
  });
});

describe("imports", () => {
  const stage = (run: string) =>
    `export const s = defineStage({ name: "s" }, { outputs: { o: json(() => "o") } }, { run: ${run} });`;

  it("may be dynamic in a task and not in the campaign", async () => {
    const files = { "late.ts": "export const late = 1;\n" };
    const task = `task(async (ctx) => { const { late } = await import("./late.ts"); ctx.log(String(late)); })`;
    expect((await compileIn(scratch({ ...files, "campaign.ts": campaign(stage(task), "s") }))).table().count).toBe(1);
    const [found] = await diagnosticsOf(
      scratch({
        ...files,
        "campaign.ts": campaign(`const late = import("./late.ts");\nexport { late };\n${stage("task(nothing)")}`, "s"),
      }),
    );
    expect(found).toMatchObject({ code: "compile/import", span: { line: 6, column: 14 } });
  });

  it("may wait in no campaign", async () => {
    const [found] = await diagnosticsOf(
      scratch({ "campaign.ts": campaign(`await Promise.resolve();\n${stage("task(nothing)")}`, "s") }),
    );
    expect(found).toMatchObject({ code: "compile/impure", span: { line: 6, column: 1 } });
  });

  it("of JSON are data", async () => {
    const folder = scratch({
      "data.json": '{ "values": [3, 4] }',
      "campaign.ts": `import data from "./data.json";\n${campaign('export const s = defineStage({ name: "s", matrix: [axis.list("v", data.values)] }, { outputs: { o: json(({ v }) => `${v}`) } }, { run: task(nothing) });', "s")}`,
    });
    expect((await compileIn(folder)).ir.stages[0]!.axes).toEqual([{ name: "v", values: [3, 4] }]);
  });

  it("listings may depend on one another", async () => {
    const body = `const one = listing("one", { root: "in", pattern: "{box}/index.txt" });
const two = one.entries.map((entry) => listing(entry.box, { root: \`in/\${entry.box}\`, pattern: "{n:int}.h5" }));
export const s = defineStage({ name: "s", matrix: [axis.list("n", two.flatMap((l) => l.entries.map((entry) => entry.n)))] }, { outputs: { o: json(({ n }) => \`\${n}\`) } }, { run: task(nothing) });`;
    const folder = scratch({
      "in/a/index.txt": "",
      "in/b/index.txt": "",
      "in/a/1.h5": "",
      "in/b/2.h5": "",
      "in/b/notes.txt": "",
      "campaign.ts": campaign(body, "s"),
    });
    const { ir } = await compileIn(folder);
    expect(ir.stages[0]!.axes[0]!.values).toEqual([1, 2]);
    expect(ir.listings.map(({ name, count }) => [name, count])).toEqual([
      ["one", 2],
      ["a", 1],
      ["b", 1],
    ]);
  });
});
