// The scripts of pools and workers, run for real with a stand-in worker: scratch folder, streams and their slices, signals.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeBundle } from "../../../src/apply/bundle.ts";
import { renderBundle } from "../../../src/render/render-bundle.ts";
import { loadSite } from "../../../src/site/load.ts";
import { until } from "../../helpers/processes.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

/** Tells what it was given, then waits for a signal: TERM ends it with 8, USR1 with 0. */
const WORKER = `import { appendFileSync, existsSync, writeFileSync } from "node:fs";
const options = Object.fromEntries(process.argv.slice(2).join("\\n").split(/^--/m).filter(Boolean).map((pair) => pair.trimEnd().split("\\n")));
const { CMC_SCRATCH: scratch, XDG_CACHE_HOME: cache, CMC_NODELIST: nodes } = process.env;
for (const [signal, code] of [["SIGTERM", 8], ["SIGUSR1", 0]]) process.on(signal, () => process.exit(code));
const began = { ...options, scratch, cache: cache !== undefined && existsSync(cache), nodes, pid: process.pid };
appendFileSync(options.root + "/began", JSON.stringify(began) + "\\n");
setTimeout(() => process.exit(3), 20_000);
`;

let dir: string;
let root: string;
let children: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cmc scripts '"));
  root = join(dir, "root");
  children = [];
  for (const folder of [root, join(dir, "node"), join(dir, "bin")]) mkdirSync(folder);
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

async function bundleFor(site: string): Promise<string> {
  writeFileSync(join(dir, "site.yaml"), `extends: slurm-generic\n${site}`);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const stages = SAMPLE_IR.stages.map((stage) => ({ ...stage, mode: "pool" as const, resources: {} }));
  const bundle = await renderBundle({
    plan: samplePlan(sampleTable({ ...SAMPLE_IR, stages })),
    campaignDigest: "c".repeat(64),
    site: await loadSite("site.yaml", dir),
    manifest: bytes(""),
    worker: bytes(WORKER),
    stageModules: new Map(),
  });
  writeBundle(bundle, join(dir, "bundle"));
  return join(dir, "bundle");
}

/** As SLURM starts a batch script; srun stands in by running the command after its options. */
function batch(script: string, ...args: readonly string[]): { child: ChildProcess; ended: Promise<number | null> } {
  const srun = `#!/bin/bash\necho "$@" >>"${root}/srun"\nwhile [ "\${1#-}" != "$1" ]; do shift; done\nexec "$@"\n`;
  writeFileSync(join(dir, "bin/srun"), srun, { mode: 0o755 });
  writeFileSync(join(dir, "bin/scontrol"), "#!/bin/sh\nprintf 'n%s\\n' 1 2 3 4\n", { mode: 0o755 });
  const slurm = {
    SLURM_JOB_ID: "7",
    SLURM_JOB_NODELIST: "n[1-4]",
    SLURM_CPUS_ON_NODE: "16",
    SLURM_MEM_PER_NODE: "1000",
  };
  const env = { ...process.env, ...slurm, SLURM_NTASKS: "99", PATH: `${join(dir, "bin")}:${process.env["PATH"]}`, TMPDIR: join(dir, "node") }; // prettier-ignore
  const child = spawn("bash", [script, ...args], { env, stdio: ["ignore", "inherit", "inherit"] });
  children.push(child);
  return { child, ended: new Promise((resolve) => child.on("exit", resolve)) };
}

/** Whole ones: the last may be in the middle of being written. */
const lines = (file: string) =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8").split("\n").slice(0, -1) : [];
const began = () => lines("began").map((line) => JSON.parse(line) as Record<string, string>);
const endWorkers = () => began().forEach(({ pid }) => process.kill(Number(pid), "SIGUSR1"));
const pool = (bundle: string, lane: string) =>
  batch(join(bundle, "slurm/pool.sbatch"), bundle, root, join(dir, "campaign"), "run-1", join(root, "pool"), lane);

describe("worker.sh", () => {
  it.each([
    ["SIGTERM", 8],
    ["SIGUSR1", 0],
  ] as const)("makes a scratch folder with caches, passes %s on, and removes it", async (signal, code) => {
    const bundle = await bundleFor("scratch: $TMPDIR\ncaches: [XDG_CACHE_HOME]\n");
    const array = [bundle, root, join(dir, "campaign"), "run-1", join(bundle, "slurm/mock.tasks"), "4", "tok"];
    const { child, ended } = batch(join(bundle, "slurm/mock.sbatch"), ...array);
    await until("the worker runs", () => began().length === 1);
    expect(began()[0]).toMatchObject({ name: "s7-4", task: "4", token: "tok", cache: true, nodes: "n[1-4]" });
    expect(readdirSync(join(dir, "node"))).toHaveLength(1);
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(readdirSync(join(dir, "node"))).toEqual([]);
  });
});

describe("pool.sbatch", () => {
  it("runs its streams side by side and passes signals on", async () => {
    const bundle = await bundleFor("pool: { streams: 3, idle: 30s }\n");
    const { child, ended } = pool(bundle, "main");
    await until("three workers run", () => began().length === 3);
    expect(began().map(({ name }) => name).sort()).toEqual(["p7-0", "p7-1", "p7-2"]); // prettier-ignore
    expect(began()[0]).toMatchObject({ run: "run-1", pool: join(root, "pool"), idle: "30" });
    expect(Number(began()[0]!["until"])).toBeGreaterThan(Date.now() / 1000 + 3500);
    child.kill("SIGTERM");
    expect(await ended).toBe(8);
  });

  it("leaves signals to SLURM where srun would pass them on to jobs, or kill", async () => {
    const bundle = await bundleFor("launcher: [srun]\npool: { streams: 1 }\n");
    const { child, ended } = pool(bundle, "main");
    await until("it runs", () => began().length === 1);
    child.kill("SIGUSR1");
    child.kill("SIGTERM");
    process.kill(Number(began()[0]!["pid"]), "SIGTERM");
    expect(await ended).toBe(8);
  });

  it("gives each stream its share of a node, by srun", async () => {
    const bundle = await bundleFor(
      "launcher: [srun, --export=ALL]\npool: { nodes: 4, streams: 8 }\nlanes: [{ name: a }]\n",
    );
    const { ended } = pool(bundle, "a");
    await until("all run", () => began().length === 8);
    const of = (node: string) => lines("srun").filter((line) => line.includes(`--nodelist=${node} `));
    expect(["n1", "n2", "n3", "n4"].map((node) => of(node).length)).toEqual([2, 2, 2, 2]);
    expect(of("n1")[0]).toContain(
      "--export=ALL --exact --cpus-per-task=8 --mem=500M --nodes=1 --ntasks=1 --nodelist=n1 ",
    );
    endWorkers();
    expect(await ended).toBe(0);
  });

  it("gives each stream its nodes where it has several", async () => {
    const bundle = await bundleFor("launcher: [srun]\npool: { nodes: 4, streams: 2 }\n");
    const { ended } = pool(bundle, "main");
    await until("both run", () => began().length === 2);
    expect(began().map(({ nodes }) => nodes).sort()).toEqual(["n1,n2", "n3,n4"]); // prettier-ignore
    expect(lines("srun").every((line) => line.startsWith("--overlap --nodes=1 --ntasks=1"))).toBe(true);
    endWorkers();
    expect(await ended).toBe(0);
  });

  it("knows its lanes only", async () => {
    expect(await pool(await bundleFor("lanes: [{ name: a }]\n"), "b").ended).toBe(64);
  });
});
