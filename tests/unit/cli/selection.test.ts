// Selections: which jobs the words of the command line mean, and what is said where they mean none.
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type SelectionOptions, readSelection, selects } from "../../../src/cli/selection.ts";
import { keysIn } from "../../../src/cli/selection/keys.ts";
import { PLAIN } from "../../../src/diagnostics/palette.ts";
import { DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { formatDiagnostic } from "../../../src/diagnostics/print.ts";
import { JobFinder } from "../../../src/expand/find-job.ts";
import { keyOfRow } from "../../../src/expand/table.ts";
import { JOB_STATES } from "../../../src/insight/job-states.ts";
import { acquireLock } from "../../../src/state/lock.ts";
import { buildTable } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";
import { temporaryRoot } from "../state/support.ts";

const table = buildTable([
  { name: "mock", axes: { z: [1.4, 2, 0.5], box: ["a b", "n", "1.5"] }, filter: ({ z, box }) => z !== 2 || box !== "n", outputs: { out: ({ z, box }) => `m/${z}/${box}` }, retry: { attempts: 1 } },
  { name: "sum", axes: { z: [1.4, 2, 0.5] }, inputs: { from: { all: "mock.out", over: ["box"] } }, outputs: { out: ({ z }) => `s/${z}` } },
  { name: "end", outputs: { out: () => "end" } },
]); // prettier-ignore
const input = (text = "") => ({ readInput: () => Promise.resolve(text) });

async function keysOf(world: World, keys: readonly string[], options: SelectionOptions = {}, stdin = ""): Promise<string[]> {
  const selection = await readSelection(input(stdin), world.table, keys, options);
  const takes = selects(selection!, { plan: world.plan(), state: world.state() }, { root: "/nowhere", now: 0 });
  const all = selection!.named ?? Array.from({ length: world.table.count }, (_, row) => row);
  return all.filter(takes).map((row) => keyOfRow(world.table, row));
} // prettier-ignore

async function refused(keys: readonly string[], options: SelectionOptions = {}, stdin = ""): Promise<string> {
  const error: unknown = await readSelection(input(stdin), table, keys, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof DiagnosticError)) throw new Error(`it was not refused: ${String(error)}`);
  return error.diagnostics.map((one) => formatDiagnostic(one, PLAIN)).join("\n");
}

describe("a key", () => {
  const finder = new JobFinder(table);

  it("finds its row, every one of them, by scan and by index", () => {
    for (let row = 0; row < table.count; row++) expect(finder.find(keyOfRow(table, row))).toBe(row);
    for (let row = 0; row < table.count; row++) expect(finder.find(keyOfRow(table, row))).toBe(row);
  });

  it.each([
    ["mock[z=2.0, box=1.5]", 'mock[box="1.5",z=2]'],
    ['  mock[ box = "a b" , z = 1.4 ]', 'mock[box="a b",z=1.4]'],
    // A shell has eaten the quotes.
    ["mock[box=a b,z=1.4]", 'mock[box="a b",z=1.4]'],
    ["end[]", "end"],
  ])("may be written as %s", (text, key) => {
    expect(keyOfRow(table, finder.row(text)!)).toBe(key);
  });

  it.each([
    ["mock[z=2,box=n", "syntax"],
    ["mock[z=2,z=2]", "syntax"],
    ["mok[z=2]", "stage"],
    ["mock", "axes"],
    ["mock[z=2]", "axes"],
    ["mock[z=2,box=n,y=1]", "axes"],
    ["mock[z=2.5,box=n]", "value"],
    ["mock[z=2,box=n]", "hole"],
  ])("%s names no job: %s", (text, what) => {
    expect(finder.find(text)).toMatchObject({ what });
  });

  it("is found where no number can hold all coordinates", () => {
    const values = Array.from({ length: 1500 }, (_, i) => i);
    const axes = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, values]));
    const names = Object.keys(axes);
    const wide = buildTable([{ name: "w", axes: { a: values }, outputs: {} }]);
    const [stage] = wide.stages;
    const ir = { ...stage!.stage, axes: names.map((name) => ({ ...stage!.stage.axes[0]!, name })) };
    const zipped = { ...wide, stages: [{ ...stage!, stage: ir, coords: names.map(() => stage!.coords[0]!) }] };
    const many = new JobFinder(zipped);
    for (const i of [0, 1, 700, 1499, 3, 4, 5, 6, 7, 8, 9, 1498])
      expect(many.find(`w[${names.map((name) => `${name}=${i}`).join(",")}]`)).toBe(i);
    expect(many.find("w[a=1,b=1,c=1,d=1,e=1,f=2]")).toMatchObject({ what: "hole" });
  });
});

describe("a selection", () => {
  it("of names keeps their order, and names a job once", async () => {
    const world = new World(table);
    expect(await keysOf(world, ["end", "sum[z=2]", "end"])).toEqual(["end", "sum[z=2]"]);
  });

  it("takes keys from standard input beside others: bare, or the objects of --json", async () => {
    const lines = ['{"type":"version","format":"1.0"}', '{"type":"key","key":"sum[z=2]"}', "", "  end  ", '{"type":"group","count":1}']; // prettier-ignore
    expect(await keysOf(new World(table), ["sum[z=0.5]", "-"], {}, lines.join("\n"))).toEqual(["sum[z=0.5]", "sum[z=2]", "end"]); // prettier-ignore
  });

  it("of nothing on standard input is a selection of nothing, not of all", async () => {
    expect(await keysOf(new World(table), ["-"], {}, "\n")).toEqual([]);
    expect(await readSelection(input(), table, [], {})).toBeUndefined();
  });

  it("by state means what status counts and what the plan shows", async () => {
    const made = new World(table).run();
    made.succeed("mock[box=n,z=1.4]").fail("mock[box=n,z=0.5]", "exit").block("end");
    const state = (names: string) => keysOf(made, [], { state: names });
    expect(await state("done")).toEqual(["mock[box=n,z=1.4]"]);
    expect(await state("failed")).toEqual(["mock[box=n,z=0.5]"]);
    expect(await state("held")).toEqual(["end"]);
    expect(await state("blocked")).toEqual(["sum[z=0.5]"]);
    expect(await state("new,waiting")).toHaveLength(8);
    expect(await keysOf(made, [], { state: "new", stage: "sum", where: "z=1..3" })).toEqual(["sum[z=1.4]", "sum[z=2]"]);
    for (const name of JOB_STATES) await expect(state(name)).resolves.toBeInstanceOf(Array);
  });

  it("by state takes whoever holds the lock at their word: what a dead apply began is not running", async () => {
    const root = temporaryRoot();
    const lock = acquireLock(root, "block", { user: "ada", now: 0 });
    const world = new World(table).run();
    world.start("end");
    const selection = (await readSelection(input(), table, [], { state: "running" }))!;
    const seen = { plan: world.plan(), state: world.state() };
    const row = world.row("end");
    expect(selects(selection, seen, { root, now: 0, live: false })(row)).toBe(false);
    expect(selects(selection, seen, { root, now: 0 })(row)).toBe(true);
    lock.release();
    expect(selects(selection, seen, { root, now: 0 })(row)).toBe(false);
    rmSync(root, { recursive: true });
  });

  it("by reason is that of the plan; a job that left the campaign is in it by that alone", async () => {
    const world = new World(table).run().succeedAll();
    const after = world.edited(
      buildTable([{ name: "sum", axes: { z: [1.4, 2] }, outputs: { out: ({ z }) => `s/${z}` } }]),
    );
    const { forget } = after.plan();
    expect(forget).toHaveLength(10);
    const selection = async (options: SelectionOptions) => readSelection(input(), after.table, [], options);
    expect((await selection({ reason: "forget" }))!.left(forget)).toEqual(forget);
    expect((await selection({ reason: "forget", stage: "sum" }))!.left(forget)).toEqual(["sum[z=0.5]"]);
    expect((await selection({ reason: "forget", where: "z=2" }))!.left(forget)).toEqual([]);
    expect((await selection({ reason: "new" }))!.left(forget)).toEqual([]);
  });
});

describe("what means no job is shown where it was typed", () => {
  it.each<[SelectionOptions, string]>([
    [{ stage: "mock, smu" }, "error cli/bad-filter: --stage: there is no stage 'smu'\n  --stage:1:7\n  1 | mock, smu\n    |       ^^^\n  remedy: Did you mean sum? The stages: mock, sum, end."],
    [{ reason: "code_change" }, "error cli/bad-filter: --reason: there is no reason 'code_change'\n  --reason:1:1\n  1 | code_change\n    | ^^^^^^^^^^^\n  remedy: Did you mean code_changed? The reasons: new, params_changed,"],
    [{ state: "hled" }, "error cli/bad-filter: --state: there is no state 'hled'\n  --state:1:1\n  1 | hled\n    | ^^^^\n  remedy: Did you mean held? The states: done, running,"],
    [{ stage: " , " }, "error cli/bad-filter: --stage names nothing\n"],
    [{ where: "z=2,bax=1" }, "error cli/bad-filter: --where: there is no axis 'bax'\n  --where:1:5\n  1 | z=2,bax=1\n    |     ^^^\n  remedy: Did you mean box? The axes: z, box."],
    [{ where: "z=2|2.1" }, "error cli/bad-filter: --where: no job has z=2.1\n  --where:1:5\n  1 | z=2|2.1\n    |     ^^^\n  remedy: The values of z: 1.4, 2, 0.5."],
    [{ where: "z=7..9" }, "error cli/bad-filter: --where: no job has z=7..9\n  --where:1:3\n"],
    [{ where: "z" }, "error cli/bad-filter: --where: 'z' is not AXIS=VALUE\n  --where:1:1\n"],
    [{ where: "z=" }, "error cli/bad-filter: --where: no job has z=\n"],
    [{ where: "" }, "error cli/bad-filter: --where: '' is not AXIS=VALUE\n"],
  ])("%j", async (options, text) => {
    const said = await refused([], options);
    expect(said.slice(0, text.length)).toBe(text);
  }); // prettier-ignore

  it.each([
    ["mok[z=2]", "Did you mean mock? The stages: mock, sum, end."],
    ["mock", "mock is a stage: --stage mock selects its jobs."],
    ["mock[z=2]", "It does not say box. Its keys look like"],
    ["sum[y=2]", "The axes of sum: z. Its keys look like sum[z=1.4]"],
    ["sum[z=21]", "The values of z: 1.4, 2, 0.5. Its keys look like"],
    ["mock[z=2,box=n]", "The matrix of mock leaves this point out."],
    ["mock[", "A key looks like mock["],
  ])("the key %s", async (key, remedy) => {
    const said = await refused([key]);
    expect(said).toContain(`error cli/unknown-job: the campaign has no job ${key}\n`);
    expect(said.split("remedy: ")[1]!.startsWith(remedy)).toBe(true);
  });

  it("keys on standard input, with their lines; of many the first few", async () => {
    expect(await refused(["-"], {}, "end\n\nmok\n")).toContain("standard input:3:1\n  3 | mok\n    | ^^^\n");
    const many = await refused(["-"], {}, "x\n".repeat(9));
    expect(many.match(/has no job x/g)).toHaveLength(5);
    expect(many).toContain("and 4 more keys");
  });

  it("what comes with an error, or is neither a key nor an object, is refused whole", () => {
    const failed = '{"type":"diagnostic","severity":"error","message":"it broke"}';
    expect(() => keysIn(`end\n${failed}\n`)).toThrow("cli/bad-keys: the keys come with an error: it broke");
    expect(() => keysIn("{nonsense\n")).toThrow("cli/bad-keys");
    expect(keysIn('{"type":"diagnostic","severity":"warning"}\n')).toEqual([]);
  });

  it("names and filters together", async () => {
    expect(await refused(["end"], { stage: "end" })).toContain("cli/usage");
  });
});
