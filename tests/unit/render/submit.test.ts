// The generated scripts, run for real: submit.sh against a stand-in sbatch that executes the array script for every index.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeBundle } from "../../../src/apply/bundle.ts";
import { renderBundle } from "../../../src/render/render-bundle.ts";
import { loadSite } from "../../../src/site/load.ts";
import { type FakeSlurm, fakeSlurm } from "../../helpers/fake-sbatch.ts";
import { samplePlan } from "../../helpers/sample-plan.ts";

/** Says what it was asked, and that stdin is closed and NODE_EXTRA_CA_CERTS gone. */
const WORKER = `import { appendFileSync, readFileSync } from "node:fs";
const options = Object.fromEntries(process.argv.slice(2).join("\\n").split(/^--/m).filter(Boolean).map((pair) => pair.trimEnd().split("\\n")));
const slice = JSON.parse(readFileSync(options.tasks, "utf8").split("\\n")[Number(options.task)]);
appendFileSync(options.root + "/worked", JSON.stringify({ ...options, ...slice, stdin: readFileSync(0, "utf8"), ca: process.env.NODE_EXTRA_CA_CERTS, setup: process.env.CMC_SETUP }) + "\\n");
process.exitCode = slice.batch.startsWith("measure") ? 9 : 0;
`;

const SITE = `
extends: slurm-generic
setup: ['export CMC_SETUP="a b"; echo $NOT_SET']
packTo: 20m
limits: { maxArraySize: 2 }
`;

let dir: string;
let root: string;
let bundleDir: string;
let slurm: FakeSlurm;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "cmc submit %A '"));
  root = join(dir, "root");
  slurm = fakeSlurm(dir);
  mkdirSync(join(dir, "campaign"));
  writeFileSync(join(dir, "site.yaml"), SITE);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const site = await loadSite("site.yaml", dir);
  const bundle = await renderBundle({
    plan: samplePlan(),
    campaignDigest: "c".repeat(64),
    site,
    manifest: bytes(""),
    worker: bytes(WORKER),
    stageModules: new Map(),
  });
  bundleDir = join(dir, "bundles", bundle.digest);
  writeBundle(bundle, bundleDir);
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function submit(...options: string[]) {
  const all = ["--root", root, "--campaign-dir", join(dir, "campaign"), ...options];
  const env = {
    ...process.env,
    PATH: `${slurm.bin}:${process.env["PATH"]}`,
    NODE_EXTRA_CA_CERTS: "/dev/null",
    SLURM_BITSTR_LEN: "",
  };
  const { status, stdout, stderr } = spawnSync(join(bundleDir, "submit.sh"), all, {
    env,
    encoding: "utf8",
    input: "not for jobs",
  });
  return { status, stdout, stderr };
}

function worked(): readonly Record<string, string>[] {
  const lines = readFileSync(join(root, "worked"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, string>);
}

function option(call: number, name: string): string | undefined {
  const { options } = slurm.calls()[call]!;
  return options.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
}

describe("submit.sh", () => {
  it("runs every slice once, in stage order, in arrays of at most maxArraySize", () => {
    expect(submit()).toMatchObject({ status: 0, stderr: "" });
    expect(worked().map(({ batch, from, to }) => `${batch} ${from}..${to}`)).toEqual([
      "mock-0000 0..2",
      "mock-0000 2..4",
      "mock-0001 0..2",
      "measure-0000 0..4",
      "measure-0001 0..2",
      "covariance-0000 0..1",
      "covariance-0000 1..2",
    ]);
    expect(slurm.calls().map((_, i) => option(i, "array"))).toEqual(["0-1", "0-0", "0-1", "0-1"]);
    expect(slurm.ended()).toEqual(["100 0 0", "100 1 0", "101 0 0", "102 0 9", "102 1 9", "103 0 0", "103 1 0"]);
  });

  it("chains stages: afterok where all jobs are needed, afterany where some can do without", () => {
    submit();
    expect(slurm.calls().map((_, i) => option(i, "dependency"))).toEqual([
      undefined,
      undefined,
      "afterany:100:101",
      "afterok:102",
    ]);
  });

  it("gives the worker its place, its set-up, an empty stdin and no extra certificates", () => {
    submit();
    expect(worked()[2]).toMatchObject({
      bundle: bundleDir,
      root,
      "campaign-dir": join(dir, "campaign"),
      name: "s101-2",
    });
    for (const line of worked()) {
      expect(line).toMatchObject({ stdin: "", setup: "a b" });
      expect(line["ca"]).toBeUndefined();
    }
  });

  it("names each submission so that it can be found again, and submits nothing twice", () => {
    submit();
    const names = slurm.calls().map((_, i) => option(i, "job-name"));
    expect(new Set(names).size).toBe(4);
    expect(submit().stdout).toBe(
      "mock: submitted before as 100\nmock: submitted before as 101\nmeasure: submitted before as 102\ncovariance: submitted before as 103\n",
    );
    expect(slurm.calls().length).toBe(4);
    expect(submit("--again").status).toBe(0);
    expect(slurm.calls().length).toBe(8);
  });

  it("stops at a refusal and goes on from there", () => {
    slurm.answer("refuse", "Batch job submission failed: Invalid qos specification");
    const refused = submit();
    expect(refused.status).toBe(10);
    expect(refused.stderr).toContain("Invalid qos specification");
    slurm.answer("refuse", "");
    expect(submit().status).toBe(0);
    expect(worked().length).toBe(7);
  });

  it("looks an unanswered submission up instead of sending it again", () => {
    slurm.answer("lost", "1");
    expect(submit().status).toBe(10);
    slurm.answer("lost", "");
    expect(submit()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("mock: submitted before as 100\n") as string,
    });
    expect(worked().length).toBe(7);
  });

  it("sends nothing for a submission whose fate is unknown", () => {
    slurm.answer("lost", "1");
    submit();
    rmSync(join(slurm.bin, "queue"));
    slurm.answer("lost", "");
    const unknown = submit();
    expect(unknown.status).toBe(10);
    expect(unknown.stderr).toContain("was not answered and is not in the queue");
    expect(slurm.calls().length).toBe(1);
  });

  it("refuses without a root, a damaged bundle, and prints only with --dry-run", () => {
    const bare = spawnSync(join(bundleDir, "submit.sh"), [], { encoding: "utf8" });
    expect(bare).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("--root and --campaign-dir must be given") as string,
    });
    expect(
      submit("--dry-run")
        .stdout.split("\n")
        .filter((line) => line.startsWith("sbatch ")).length,
    ).toBe(4);
    expect(submit("--dry-run").stdout).toContain("--dependency=afterany:ID-OF-mock-0:ID-OF-mock-2");
    expect(slurm.calls()).toEqual([]);
    writeFileSync(join(bundleDir, "worker.mjs"), "changed");
    expect(submit()).toMatchObject({ status: 1, stderr: expect.stringContaining("worker.mjs: FAILED") as string });
    expect(slurm.calls()).toEqual([]);
  });
});
