// compile() on whole campaigns: what comes out, what is fingerprinted, and what is remembered.
import { appendFileSync, mkdirSync, readdirSync, rmSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keyOf, jobLine, recipeOf, stageNamed } from "../../../src/expand/table.ts";
import { campaign, compileIn, diagnosticsOf, scratch, write } from "./scratch.ts";

const TASKS = {
  "tasks/work.ts": `import type { JobContext } from "cmc";
import { scale } from "../lib/scale.ts";
export async function work(ctx: JobContext<{ k: number }>) { ctx.metric("m", scale(ctx.params.k)); }
export async function other(ctx: JobContext<any>) { ctx.log("other"); }
`,
  "lib/scale.ts": `import { factor } from "./factor.ts";
export function scale(x: number): number { return x * factor; }
export const unrelated = 1;
`,
  "lib/factor.ts": "export const factor = 2;\n",
};
const STAGES = `import { work, other } from "./tasks/work.ts";
const offset = 3;
export const one = defineStage({ name: "one", matrix: [a, b] }, { inputs: { i: inputFile(({ a }) => \`in/\${a}\`) }, outputs: { o: json(({ a, b }) => \`one/\${a}\${b}\`) } }, { run: task(work, { params: { k: 1 } }), resources: { walltime: "10m", memory: "1 GB" } });
export const two = defineStage({ name: "two", matrix: [a] }, { inputs: { all: one.outputs.o.all("b") }, outputs: { o: json(({ a }) => \`two/\${a}\`) } }, { run: task(other, { params: {} }) });
export const three = defineStage({ name: "three" }, { inputs: { i: two.outputs.o.all("a") }, outputs: { o: json(() => "three") } }, { run: task((ctx) => { ctx.metric("n", ctx.inputs.i.length + offset); }), gates: { g: { metric: "n", max: 9 } } });
`;
const FILES = { ...TASKS, "campaign.ts": campaign(STAGES, "one, two, three") };

async function fingerprints(folder: string, more = {}) {
  const { ir } = await compileIn(folder, more);
  return Object.fromEntries(ir.stages.map((stage) => [stage.name, stage.code.digest]));
}

describe("compile", () => {
  it("gives the IR and every job", async () => {
    const folder = scratch(FILES);
    const compiled = await compileIn(folder);
    const table = compiled.table();
    expect(compiled.root).toBe(join(folder, "runs/test_v1.0"));
    expect(table.count).toBe(7);
    expect(table.stages.map((stage) => stage.stage.run)).toEqual([
      { kind: "task", entry: "tasks/work.ts#work" },
      { kind: "task", entry: "tasks/work.ts#other" },
      { kind: "task", entry: "campaign.ts#three" },
    ]);
    expect(table.stages[0]!.stage.code.sources.map((source) => source.path)).toEqual([
      "lib/factor.ts",
      "lib/scale.ts",
      "tasks/work.ts",
    ]);
    expect(table.stages[0]!.stage.definedAt).toEqual({ file: "campaign.ts", line: 8 });
    const two = stageNamed(table, "two")!;
    expect(jobLine(table, two, 1)).toMatchObject({
      key: "two[a=2]",
      outputs: { o: "two/2" },
      params: {},
      inputs: {
        all: {
          kind: "edge",
          elements: [
            { key: "one[a=2,b=x]", path: "one/2x", point: { a: 2, b: "x" } },
            { key: "one[a=2,b=y]", path: "one/2y" },
          ],
        },
      },
    });
    for (const field of Object.values(recipeOf(two, 0))) expect(field).toMatch(/^[0-9a-f]{32}$/);
  });

  it("fills in what a checkpoint does not say, and no recipe knows of it", async () => {
    const stage = (more: string) =>
      `export const s = defineStage({ name: "s" }, { outputs: { o: file(() => "o") } }, { run: command(() => ["true"])${more} });`;
    const compiled = async (more: string) => {
      const { ir, table } = await compileIn(scratch({ "campaign.ts": campaign(stage(more), "s") }));
      return [ir.stages[0]!.checkpoint, recipeOf(table().stages[0]!, 0)] as const;
    };
    const [absent, recipe] = await compiled("");
    expect(absent).toBeUndefined();
    expect(await compiled(", checkpoint: {}")).toEqual([{ signal: "USR1", before: 120, exit: 85 }, recipe]);
    const all = ', checkpoint: { signal: "INT", before: "30s", exit: 3 }';
    expect(await compiled(all)).toEqual([{ signal: "INT", before: 30, exit: 3 }, recipe]);
  });

  it("finds a module by its folder or its path, and says when there is none", async () => {
    const folder = scratch(FILES);
    expect((await compileIn(folder, { file: "campaign.ts" })).digest).toBe((await compileIn(folder)).digest);
    expect(await diagnosticsOf(folder, { file: "gone" })).toMatchObject([
      { code: "compile/not-found", message: "gone does not exist" },
    ]);
    expect(await diagnosticsOf(folder, { file: "lib" })).toMatchObject([
      { code: "compile/not-found", message: "lib holds no campaign.ts" },
    ]);
  });

  it("does not evaluate task modules", async () => {
    const folder = scratch({
      ...FILES,
      "lib/factor.ts":
        'import { hostname } from "node:os";\nthrow new Error("evaluated " + hostname());\nexport const factor = 2;\n',
    });
    expect((await compileIn(folder)).table().count).toBe(7);
  });

  it("makes modules that run on their own", async () => {
    const folder = scratch(FILES);
    const modules = await (await compileIn(folder)).stageModules();
    expect([...modules.keys()]).toEqual(["one", "three", "two"]);
    const path = join(folder, "one.mjs");
    writeFileSync(path, modules.get("one")!);
    const { default: work } = (await import(path)) as { default: (context: unknown) => Promise<void> };
    const seen: unknown[] = [];
    await work({ params: { k: 21 }, metric: (...given: unknown[]) => seen.push(given) });
    expect(seen).toEqual([["m", 42]]);
  });

  it("bundles an optional import inside try, as vega has it, and pure helpers of cmc", async () => {
    const body = `import { seedFrom as seed } from "cmc";
export const s = defineStage({ name: "s" }, { outputs: { o: json(() => "o") } }, { run: task(async (ctx) => {
  let canvas = "none";
  // @ts-ignore
  try { await import("canvas"); canvas = "there"; } catch { canvas = "caught"; }
  ctx.log(canvas + pad(seed("x") % 10, 3));
}) });`;
    const folder = scratch({ "campaign.ts": campaign(body, "s") });
    const modules = await (await compileIn(folder)).stageModules();
    writeFileSync(join(folder, "s.mjs"), modules.get("s")!);
    const { default: run } = (await import(join(folder, "s.mjs"))) as { default: (context: unknown) => Promise<void> };
    const seen: string[] = [];
    await run({ log: (text: string) => seen.push(text) });
    expect(seen[0]).toMatch(/^caught00\d$/);
  });

  it("warns of a listing that no job reads", async () => {
    const folder = scratch({
      "in/x.h5": "",
      "campaign.ts": campaign(
        'const l = listing("l", { root: "in", pattern: "{name}.h5" });\nexport const s = defineStage({ name: "s", matrix: [l.axis("name")] }, { outputs: { o: json(({ name }) => name) } }, { run: task(nothing) });',
        "s",
      ),
    });
    const { warnings, ir } = await compileIn(folder);
    expect(warnings).toMatchObject([
      { code: "compile/listing-unused", severity: "warning", span: { line: 6, column: 11 } },
    ]);
    expect(ir.listings).toMatchObject([{ name: "l", pattern: "{name}.h5", count: 1 }]);
  });
});

describe("variables", () => {
  const body = `const root = variable("root", { type: "path", default: "data" });
const n = variable("n", { type: "number", default: 1 });
export const s = defineStage({ name: "s" }, { inputs: { i: inputFile(() => \`\${root}/x\`) }, outputs: { o: json(() => "o") } }, { run: task(async (ctx: JobContext<any>) => {}, { params: { n, where: root } }) });`;
  const files = {
    "campaign.ts": campaign(body, "s"),
    "vars.yaml": "n: 3\nroot: /from/file\n",
    "typo.yaml": "n: 3\n\nrooot: x\n",
  };

  it("come from the command line, then the environment, then the file, then the default", async () => {
    const folder = scratch(files);
    const n = async (more: object) => (await compileIn(folder, more)).ir.variables.n;
    expect(await n({})).toBe(1);
    expect(await n({ varsFile: "vars.yaml" })).toBe(3);
    expect(await n({ varsFile: "vars.yaml", env: { CMC_VAR_N: "4" } })).toBe(4);
    expect(await n({ varsFile: "vars.yaml", env: { CMC_VAR_N: "4" }, set: { n: "5" } })).toBe(5);
  });

  it("of type path are absolute: given ones from the working directory, defaults from the campaign's folder", async () => {
    const folder = scratch(files);
    const root = async (more: object) => (await compileIn(folder, { cwd: tmpdir(), ...more })).ir.variables.root;
    expect(await root({})).toBe(join(folder, "data"));
    expect(await root({ set: { root: "../in" } })).toBe(join(tmpdir(), "../in"));
  });

  it("in a file that nothing declares are refused where they stand", async () => {
    expect(await diagnosticsOf(scratch(files), { varsFile: "typo.yaml" })).toMatchObject([
      {
        code: "cli/unknown-set",
        span: { file: "typo.yaml", line: 3, column: 1, length: 5 },
        remedy: "Did you mean root? The variables: n, root.",
      },
    ]);
    expect(await diagnosticsOf(scratch(files), { varsFile: "gone.yaml" })).toMatchObject([
      { code: "compile/not-found" },
    ]);
  });

  it("that say where the inputs lie are in no recipe", async () => {
    const folder = scratch(files);
    const recipe = async (root: string) => recipeOf((await compileIn(folder, { set: { root } })).table().stages[0]!, 0);
    expect(await recipe("/here/in")).toEqual(await recipe("/there/quite/other"));
  });
});

describe("code fingerprints", () => {
  const original = () => fingerprints(scratch(FILES));

  it.each([
    ["a comment", "lib/scale.ts", "export function", "/** Scales. */ export function"],
    ["a comment in an expression", "lib/scale.ts", "x * factor", "x * /* by */ factor"],
    ["formatting", "lib/scale.ts", "{ return x * factor; }", "{\n\n  return (\n x * factor)\n}"],
    ["a type", "lib/scale.ts", "x: number", "x: number & {}"],
    ["quotes", "tasks/work.ts", '"m"', "'m'"],
    ["a number's spelling", "lib/factor.ts", "= 2;", "= 2.0;"],
    ["an export nobody uses", "lib/scale.ts", "unrelated = 1", "unrelated = 2"],
    ["resources", "campaign.ts", '"10m"', '"20m"'],
    ["a gate", "campaign.ts", "max: 9", "max: 10"],
    ["an axis", "campaign.ts", "[1, 2]", "[1, 2, 3]"],
    ["parameters", "campaign.ts", "k: 1", "k: 2"],
  ])("do not move with %s", async (_, file, from, to) => {
    const text = FILES[file as keyof typeof FILES];
    expect(text).toContain(from);
    expect(await fingerprints(scratch({ ...FILES, [file]: text.replace(from, to) }))).toEqual(await original());
  });

  it.each([
    ["a helper of a helper", "lib/factor.ts", "= 2;", "= 3;", ["one"]],
    ["a helper", "lib/scale.ts", "x * factor", "x + factor", ["one"]],
    ["a task", "tasks/work.ts", 'log("other")', 'log("another")', ["two"]],
    ["a constant beside an inline task", "campaign.ts", "offset = 3", "offset = 4", ["three"]],
    ["an inline task", "campaign.ts", "length + offset", "length - offset", ["three"]],
  ])("move with %s, for exactly the stages that reach it", async (_, file, from, to, moved) => {
    const text = FILES[file as keyof typeof FILES];
    expect(text).toContain(from);
    const [before, after] = [
      await original(),
      await fingerprints(scratch({ ...FILES, [file]: text.replace(from, to) })),
    ];
    expect(Object.keys(before).filter((name) => before[name] !== after[name])).toEqual(moved);
  });

  it("name the source that moved", async () => {
    const sources = async (files: Record<string, string>) =>
      (await compileIn(scratch(files))).ir.stages.find((stage) => stage.name === "one")!.code.sources;
    const [before, after] = [
      await sources(FILES),
      await sources({ ...FILES, "lib/factor.ts": "export const factor = 5;\n" }),
    ];
    expect(before.filter((source, i) => source.digest !== after[i]!.digest).map((source) => source.path)).toEqual([
      "lib/factor.ts",
    ]);
  });

  it("of a command are its files", async () => {
    const files = {
      "run.py": "print(1)\n",
      "campaign.ts": campaign(
        'export const s = defineStage({ name: "s" }, { outputs: { o: json(() => "o") } }, { run: command(({ outputs }) => ["python", "run.py", outputs.o], { code: ["run.py"] }) });',
        "s",
      ),
    };
    const folder = scratch(files);
    const before = await fingerprints(folder);
    write(folder, { "run.py": "print(2)\n" });
    expect(await fingerprints(folder)).not.toEqual(before);
  });
});

describe("the cache", () => {
  const LISTED = {
    ...FILES,
    "in/1.h5": "",
    "campaign.ts": campaign(
      `${STAGES}\nconst l = listing("l", { root: "in", pattern: "{n:int}.h5" });\nexport const four = defineStage({ name: "four", matrix: [l.axis("n")] }, { inputs: { f: inputFiles(({ n }) => l.paths({ n })) }, outputs: { o: json(({ n }) => \`four/\${n}\`) } }, { run: command(({ point, inputs }) => ["cat", point.n, inputs.f.each], { code: ["cat.sh"] }), environment: { conda: lockFile("env.lock") }, resources: ({ n }) => ({ memory: \`\${n} GB\` }) });`,
      "one, two, three, four",
    ),
    "cat.sh": "cat\n",
    "env.lock": "numpy 1.26\n",
  };
  const cached = async () => {
    const folder = scratch(LISTED);
    const cacheDir = scratch({});
    const again = (more = {}) => compileIn(folder, { cacheDir, ...more });
    return { folder, cacheDir, again, first: await again() };
  };

  it("gives the same again", async () => {
    const { first, again } = await cached();
    const second = await again();
    expect([first.fromCache, second.fromCache]).toEqual([false, true]);
    expect(second.ir).toEqual(first.ir);
    expect(second.digest).toBe(first.digest);
    const lines = (compiled: typeof first) =>
      compiled
        .table()
        .stages.flatMap((stage) => Array.from({ length: stage.count }, (_, i) => jobLine(compiled.table(), stage, i)));
    expect(lines(second)).toEqual(lines(first));
    expect([...(await second.stageModules())]).toEqual([...(await first.stageModules())]);
  });

  it.each<[string, (folder: string) => void, object?]>([
    ["a helper changes", (folder) => appendFileSync(join(folder, "lib/factor.ts"), "// more\n")],
    [
      "a file that is imported for its types only changes",
      (folder) => appendFileSync(join(folder, "tasks/work.ts"), "// more\n"),
    ],
    ["a listed folder gains a file", (folder) => writeFileSync(join(folder, "in/2.h5"), "")],
    ["a command's code changes", (folder) => appendFileSync(join(folder, "cat.sh"), "#\n")],
    ["a lock file changes", (folder) => appendFileSync(join(folder, "env.lock"), "#\n")],
    ["a new file shadows an import", (folder) => writeFileSync(join(folder, "lib/scale.js"), "")],
    ["a node_modules appears", (folder) => mkdirSync(join(folder, "node_modules"))],
    ["a variable of the environment changes", () => undefined, { env: { CMC_VAR_X: "1" } }],
  ])("looks again when %s", async (_, change, more) => {
    const { folder, again } = await cached();
    change(folder);
    expect((await again(more)).fromCache).toBe(false);
    expect((await again(more)).fromCache).toBe(true);
  });

  it("does not mind touched files and other folders' contents", async () => {
    const { folder, again } = await cached();
    utimesSync(join(folder, "lib/factor.ts"), 1, 1);
    writeFileSync(join(folder, "notes.txt"), "x");
    expect((await again()).fromCache).toBe(true);
  });

  it("compiles again when the record or the table is damaged or gone", async () => {
    for (const damage of [(path: string) => writeFileSync(path, "{"), (path: string) => rmSync(path)])
      for (const suffix of [".json", ".table"]) {
        const { cacheDir, again } = await cached();
        const folder = join(cacheDir, "compile");
        damage(
          join(
            folder,
            readdirSync(folder).find((name) => name.endsWith(suffix))!,
          ),
        );
        expect((await again()).fromCache).toBe(false);
      }
  });

  it("is bounded", async () => {
    const { cacheDir, again } = await cached();
    for (let i = 0; i < 60; i++) writeFileSync(join(cacheDir, "compile", `old${i}.json`), "{}");
    for (let i = 0; i < 60; i++) utimesSync(join(cacheDir, "compile", `old${i}.json`), 1, 1);
    await again({ env: { CMC_VAR_X: "1" } });
    expect(readdirSync(join(cacheDir, "compile")).length).toBeLessThanOrEqual(40);
  });

  it("keeps recipes when the whole campaign moves", async () => {
    const { folder, first } = await cached();
    const elsewhere = join(scratch({}), "moved");
    renameSync(folder, elsewhere);
    const moved = await compileIn(elsewhere);
    const recipes = (compiled: typeof first) =>
      compiled
        .table()
        .stages.flatMap((stage) =>
          Array.from({ length: stage.count }, (_, i) => [keyOf(stage, i), recipeOf(stage, i).digest]),
        );
    expect(recipes(moved)).toEqual(recipes(first));
    expect(moved.digest).toBe(first.digest);
  });
});

describe("task code beside declarations", () => {
  it("does not contain them, and may use an axis", async () => {
    const shared = (value: string) => ({
      "shared.ts": `import { axis, variable } from "cmc";\nexport const r = axis.list("r", [${value}]).where(() => true);\nexport const v = variable("v", { default: "x" });\nexport function twice(n: number) { return 2 * n; }\n`,
      "campaign.ts": campaign(
        'import { r, v, twice } from "./shared.ts";\nexport const s = defineStage({ name: "s", matrix: [r] }, { outputs: { o: json(({ r }) => `${r}${v}`) } }, { run: task((ctx) => ctx.log(String(twice(2)))) });\nexport const t = defineStage({ name: "t" }, { outputs: { o: json(() => "t") } }, { run: task((ctx) => ctx.log(String(a.values.length))) });',
        "s, t",
      ),
    });
    const [before, after] = [await fingerprints(scratch(shared("1"))), await fingerprints(scratch(shared("1, 2")))];
    expect(after).toEqual(before);
    const modules = await (await compileIn(scratch(shared("1")))).stageModules();
    const folder = scratch({ "t.mjs": modules.get("t")! });
    const { default: run } = (await import(join(folder, "t.mjs"))) as { default: (context: unknown) => void };
    const seen: string[] = [];
    run({ log: (text: string) => seen.push(text) });
    expect(seen).toEqual(["2"]);
  });
});

describe("stages in modules of their own", () => {
  it("may have their tasks, and what tasks need of Node, beside them", async () => {
    const folder = scratch({
      "stages/first.ts": `import { readFileSync } from "node:fs";
import * as path from "node:path";
import { axis, defineStage, json, task, type JobContext } from "cmc";
class Base { size(file: string) { return readFileSync(file).length; } }
class Reader extends Base {}
export async function read(ctx: JobContext<any>) { ctx.metric("size", new Reader().size(path.join("/", "etc/hostname"))); }
export const first = defineStage({ name: "first", matrix: [axis.list("a", [1])] }, { outputs: { o: json(({ a }) => \`\${a}\`) } }, { run: task(read, { params: {} }) });
`,
      "campaign.ts": campaign('import { first } from "./stages/first.ts";', "first"),
    });
    const compiled = await compileIn(folder);
    expect(compiled.ir.stages[0]).toMatchObject({
      run: { entry: "stages/first.ts#read" },
      definedAt: { file: "stages/first.ts", line: 7 },
    });
    const modules = scratch({ "first.mjs": (await compiled.stageModules()).get("first")! });
    const { default: run } = (await import(join(modules, "first.mjs"))) as {
      default: (context: unknown) => Promise<void>;
    };
    const seen: unknown[] = [];
    await run({ metric: (...given: unknown[]) => seen.push(given) });
    expect(seen).toHaveLength(1);
  });
});
