// The bundle: the same twice, complete, and enough to run every job on a machine that has Node and nothing else.
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/ir/canonical.ts";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { filesIn } from "../helpers/folder.ts";
import { planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, hdf5, echo, task, type FanInElement, type JobContext } from "cmc";
import { square } from "./physics.ts";
const n = axis.range("n", { count: 5 });

async function make(ctx: JobContext<{ offset: number }, {}, "h5", { n: number }>): Promise<void> {
  const h5 = await ctx.hdf5();
  h5.create(ctx.outputs.h5, (file) => {
    file.dataset("v", { dtype: "f8", shape: [1], data: Float64Array.of(square(ctx.point.n) + ctx.params.offset) });
    file.attribute("/", "n", ctx.point.n, "i4");
  });
}
export const made = defineStage({ name: "make", matrix: [n] }, {
  outputs: { h5: hdf5(({ n }) => \`make/\${n}.h5\`, { attributes: { n: echo("n") }, datasets: { v: { shape: [1] } } }) },
}, { run: task(make, { params: { offset: 1 } }), batchSize: 3 });

export const copied = defineStage({ name: "copy", matrix: [n] }, {
  inputs: { src: made.outputs.h5.each() }, outputs: { out: file(({ n }) => \`copy/\${n}.h5\`) },
}, { run: command(({ inputs, outputs, point }) => ["sh", "-c", 'test "$3" != 3 || test -e "$CMC_CAMPAIGN_DIR/fixed" || exit 5; cp "$1" "$2"', "sh", inputs.src, outputs.out, point.n]) });

async function add(ctx: JobContext<{}, { parts: readonly FanInElement[] }, "out">): Promise<void> {
  const h5 = await ctx.hdf5();
  const values = ctx.inputs.parts.map(({ path }) => h5.open(path, (file) => file.numbers("v")[0]!));
  ctx.writeText(ctx.outputs.out, values.join("+") + "\\n");
}
export const total = defineStage({ name: "total" }, {
  inputs: { parts: copied.outputs.out.all("n") }, outputs: { out: file(() => "total.txt") },
}, { run: task(add) });

export default defineCampaign({ name: "packed", version: "v1.0", stages: [made, copied, total], outputs: { base: "runs" } });
`;

describe("a bundle", () => {
  const rig = makeRig({
    "campaign.ts": CAMPAIGN,
    "physics.ts": "export const square = (n: number): number => n * n;\n",
  });
  // Where nothing else of the project is: no node_modules above, no cmc, no TypeScript.
  const away = realpathSync(mkdtempSync(join(tmpdir(), "cmc-bundle-")));
  const bundle = join(away, "bundle");
  const root = join(rig.dir, "runs", "packed_v1.0");
  let built: string;
  afterAll(() => {
    rig.dispose();
    rmSync(away, { recursive: true, force: true });
  });

  beforeAll(async () => {
    const { code, out } = await rig.cmc(["build"]);
    expect(code).toBe(0);
    built = out.split("\n")[0]!;
    expect(out).toBe(`${built}\n11 jobs in 4 batches.\n`);
    cpSync(built, bundle, { recursive: true });
  });

  /** As an array task runs it: by hand, with an environment that has nothing in it but PATH. */
  function work(...args: readonly string[]): { code: number | null; out: string; err: string } {
    const all = [
      join(bundle, "worker.mjs"),
      "--bundle",
      bundle,
      "--root",
      root,
      "--campaign-dir",
      rig.dir,
      "--run",
      "by-hand",
      ...args,
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, {
      cwd: away,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    return { code: status, out: stdout, err: stderr };
  }

  it("has every file its index names, with that digest, and its own digest as its name", () => {
    const index = JSON.parse(readFileSync(join(built, "bundle.json"), "utf8")) as {
      files: Record<string, { bytes: number; sha256: string }>;
    };
    expect(Object.keys(index.files).sort()).toEqual(filesIn(built).filter((path) => path !== "bundle.json"));
    for (const [path, { bytes, sha256: digest }] of Object.entries(index.files)) {
      const content = readFileSync(join(built, path));
      expect([path, content.byteLength, sha256(content)]).toEqual([path, bytes, digest]);
    }
    const lines = Object.keys(index.files).sort().map((path) => `${path}\0${index.files[path]!.sha256}\n`); // prettier-ignore
    expect(basename(built)).toBe(sha256(lines.join("")));
  });

  it("is the same, byte for byte, a second time, elsewhere, from a moved checkout and without a cache", async () => {
    const again = await rig.cmc(["build"]);
    expect(again.out).toBe(`${built}\n11 jobs in 4 batches (unchanged).\n`);
    const other = makeRig({ "campaign.ts": CAMPAIGN, "physics.ts": rig.read("physics.ts") });
    try {
      const { out } = await other.cmc(["build", "--out", "here", "--base", root.replace(/\/packed_v1.0$/, "")], {
        TZ: "Asia/Tokyo",
        LC_ALL: "tr_TR.UTF-8",
      });
      const second = out.split("\n")[0]!;
      expect(filesIn(second)).toEqual(filesIn(built));
      for (const path of filesIn(built))
        expect([path, readFileSync(join(second, path)).equals(readFileSync(join(built, path)))]).toEqual([path, true]);
    } finally {
      other.dispose();
    }
  });

  it("that was damaged is refused, not run", async () => {
    const worker = join(built, "worker.mjs");
    const whole = readFileSync(worker);
    writeFileSync(worker, "process.exit(0)\n");
    const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
    writeFileSync(worker, whole);
    expect(code).toBe(1);
    expect(err).toBe(
      `error apply/bundle: ${built}: worker.mjs missing or changed\n  remedy: Delete the bundle folder and run \`cmc build\` again.\n`,
    );
    expect(existsSync(join(root, "make"))).toBe(false);
  });

  /** A task file of one line. */
  function tasks(line: object): readonly string[] {
    const file = join(away, "tasks");
    writeFileSync(file, `${JSON.stringify(line)}\n`);
    return ["--tasks", file, "--task", "0"];
  }

  /** As the scripts of the bundle have it. */
  const ofStage = (stage: string, task: number) => [
    "--tasks",
    join(bundle, `slurm/${stage}.tasks`),
    "--task",
    `${task}`,
  ];

  it("runs by hand, slice by slice, where there is nothing but Node", async () => {
    const first = tasks({ batch: "make-0001", from: 0, to: 2 });
    expect(work("--name", "a0", ...first)).toEqual({ code: 0, out: "", err: "" });
    expect(filesIn(join(root, "make"))).toEqual(["0.h5", "1.h5"]);
    expect(work("--name", "a1", ...ofStage("make", 0))).toMatchObject({ code: 0 });
    expect(work("--name", "a2", ...ofStage("make", 1))).toMatchObject({ code: 0 });
    expect(filesIn(join(root, "make"))).toHaveLength(5);
    // Jobs that have a receipt of this run are passed over.
    const receipts = readdirSync(join(root, "journal")).flatMap(
      (name) => readFileSync(join(root, "journal", name), "utf8").match(/"attempt-finished"/g) ?? [],
    );
    expect(receipts).toHaveLength(5);
  });

  it("ends with 9 where jobs fail, and goes on where it was left", () => {
    expect(work("--name", "a3", ...ofStage("copy", 0))).toEqual({ code: 9, out: "", err: "" });
    expect(work("--name", "a4", ...ofStage("total", 0))).toMatchObject({ code: 9 });
    rig.write("fixed", "");
    expect(work("--name", "a5", ...ofStage("copy", 0))).toMatchObject({ code: 0 });
    expect(work("--name", "a6", ...ofStage("total", 0))).toMatchObject({ code: 0 });
    expect(rig.read("runs/packed_v1.0/total.txt")).toBe("1+2+5+10+17\n");
  });

  it("leaves receipts that cmc believes: no changes, and a manifest by rebuild", async () => {
    expect(await planLines(rig)).toEqual([]);
    expect((await rig.cmc(["status"])).out).toContain("packed v1.0  11 of 11 jobs done");
    expect((await rig.cmc(["rebuild"])).code).toBe(0);
    expect(await query(join(root, "metadata/campaign.db"), "SELECT stage, done FROM progress")).toEqual([
      ["make", 5],
      ["copy", 5],
      ["total", 1],
    ]);
  });

  it("says what is wrong with its command line, and exits 3", () => {
    expect(work("--tasks", "t", "--task", "0")).toEqual({ code: 3, out: "", err: "cmc worker: --name is missing\n" });
    expect(work("--name", "x/y", "--tasks", "t", "--task", "0")).toMatchObject({
      code: 3,
      err: "cmc worker: --name x/y cannot name a file\n",
    });
    expect(work("--name", "x", "--tasks", "t", "--task", "one")).toMatchObject({
      code: 3,
      err: "cmc worker: --task one is not a whole number\n",
    });
    const unknown = work("--name", "x", "--tasks", "t", "--tsk", "1");
    expect(unknown.code).toBe(3);
    expect(unknown.err).toMatch(/^cmc worker: .*--tsk.*\n$/);
    expect(work("--name", "x", ...tasks({ batch: "make-0009", from: 0, to: 1 }))).toEqual({
      code: 3,
      out: "",
      err: "cmc worker: the bundle has no batch make-0009\n",
    });
  });

  it("stops on SIGTERM as a batch system ends it: exit 8, the attempt is recorded as cancelled", async () => {
    rig.write("slow/campaign.ts", CAMPAIGN_SLOW);
    const slow = (await rig.cmc(["build", "slow"])).out.split("\n")[0]!;
    const slowRoot = join(rig.dir, "slow/runs/slow_v1.0");
    const child = spawn(
      process.execPath,
      [
        join(slow, "worker.mjs"),
        "--bundle",
        slow,
        "--root",
        slowRoot,
        "--campaign-dir",
        join(rig.dir, "slow"),
        "--run",
        "r",
        "--name",
        "a0",
        "--tasks",
        join(slow, "slurm/sleep.tasks"),
        "--task",
        "0",
      ],
      { stdio: "ignore" },
    );
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const { until } = await import("../helpers/processes.ts");
    await until("the job runs", () => existsSync(join(rig.dir, "slow/begun")));
    child.kill("SIGTERM");
    expect(await ended).toBe(8);
    expect(await planLines(rig, ["slow"])).toEqual(["sleep create new 1", "sleep retry retry_cancelled 1"]);
  });
});

const CAMPAIGN_SLOW = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
export const sleep = defineStage({ name: "sleep", matrix: [n] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, {
  run: command(({ outputs }) => ["sh", "-c", 'touch "$CMC_CAMPAIGN_DIR/begun"; sleep 60; echo > "$1"', "sh", outputs.out]),
});
export default defineCampaign({ name: "slow", version: "v1.0", stages: [sleep], outputs: { base: "runs" } });
`;
