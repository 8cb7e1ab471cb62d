// Where results come from and what changed: a scientist changes a seed and adds a redshift between two applies, and asks a week later.
// history, diff, provenance and the database tell the same, from the journal alone.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Finished, makeRig } from "../helpers/cli.ts";
import { contentOfDatabase, query } from "../helpers/database.ts";
import { differences, snapshot } from "../helpers/folder.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile, listing, pad, task, variable, type JobContext } from "cmc";
import { growth } from "./physics.ts";

const redshift = axis.list("redshift", [0.5, 1.4]);
const seed = axis.range("seed", { count: 3 });
const bias = variable("bias", { type: "number", default: 1 });
const found = listing("boxes", { root: "boxes", pattern: "box{n:int}.txt" });

function populate(ctx: JobContext<{ seed: number; bias: number }, {}, "catalog", { redshift: number; seed: number }>): void {
  ctx.writeText(ctx.outputs.catalog, String(growth(ctx.point.redshift) * ctx.params.seed * ctx.params.bias));
}

export const mock = defineStage({ name: "mock", matrix: [redshift, seed] }, {
  inputs: { box: inputFile(() => found.entries[0]!.path) },
  outputs: { catalog: file(({ redshift, seed }) => \`mocks/z\${redshift}/s\${pad(seed, 2)}.txt\`) },
}, {
  run: task(populate, { params: ({ seed }) => ({ bias, seed: seed === 1 ? 17 : seed }) }),
  resources: { walltime: "10m", memory: "1 GB", cpus: 1 },
});

export const measure = defineStage({ name: "measure", matrix: [redshift, seed] }, {
  inputs: { catalog: mock.outputs.catalog.each() },
  outputs: { spectrum: file(({ redshift, seed }) => \`spectra/z\${redshift}/s\${pad(seed, 2)}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.catalog, outputs.spectrum]) });

export default defineCampaign({ name: "told", version: "v1.0", description: "A campaign with a past", tags: ["test"], stages: [mock, measure], outputs: { base: "runs" } });
`;

const ROOT = "runs/told_v1.0";
const SEEDS_JOBS = ["mock[redshift=0.5,seed=1]", "mock[redshift=1.4,seed=1]"];

interface Change {
  readonly type: string;
  readonly key: string;
  readonly what: string;
  readonly fields: readonly { readonly field: string; readonly details: readonly Record<string, unknown>[] }[];
}

describe("a campaign with a past", () => {
  const rig = makeRig({
    "study/campaign.ts": CAMPAIGN,
    "study/physics.ts": "export const growth = (z: number): number => 1 / (1 + z);\n",
    // Input data are in no commit.
    "study/boxes/box1.txt": "halos\n",
    "package-lock.json": "{}\n",
    ".gitignore": "runs\ngenerated\n.cache\nboxes\n",
  });
  const root = join(rig.dir, "study", ROOT);
  const git = (...args: string[]): string =>
    spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: rig.dir, encoding: "utf8" }).stdout;
  const cmc = async (...args: string[]): Promise<Finished> => {
    const done = await rig.cmc([...args, "study"]);
    expect(done).toMatchObject({ code: 0, err: "" });
    return done;
  };
  const objects = async (...args: string[]) => (await rig.json([...args, "study"])).slice(1);
  const changes = async (...args: string[]) =>
    (await objects("diff", "-v", ...args)).filter(({ type }) => type === "change") as unknown as Change[];
  const runs = async () =>
    (await objects("history")).filter(({ type }) => type === "apply").map(({ run }) => String(run));
  afterAll(rig.dispose);

  beforeAll(async () => {
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-qm", "first");
    git("tag", "v1.0");
    await cmc("apply", "--auto-approve");
    rig.edit("study/campaign.ts", "? 17 :", "? 18 :");
    rig.edit("study/campaign.ts", "[0.5, 1.4]", "[0.5, 1.4, 2]");
    rig.edit("study/physics.ts", "1 / (1 + z)", "1 / (1 + z) // as in the paper\n");
    await cmc("apply", "--auto-approve", "--allow-dirty", "--set", "bias=1");
  });

  it("history lists both applies, newest first, with reasons, commits and results", async () => {
    const [second, first] = await runs();
    const commit = git("rev-parse", "HEAD").slice(0, 8);
    const { out } = await cmc("history");
    const plain = out.replace(/\d{4}-\S+Z/g, "TIME").replace(/\S+@\S+/g, "USER").replace(/after .*/g, "after SOME"); // prettier-ignore
    expect(plain).toBe(`${second}  TIME  USER  local  ${commit} (main, 2 uncommitted changes)  done after SOME
    6 new, 4 rerun (2 params_changed, 2 upstream_changed): 10 of 10 done
${first}  TIME  USER  local  ${commit} (main)  done after SOME
    12 new: 12 of 12 done
`);
    expect((await objects("history", "--limit", "1")).map(({ run }) => run)).toEqual([second]);
    expect((await cmc("history", "--limit", "1")).out).toContain("and 1 earlier; --limit 2 shows all\n");
  });

  it("history of one apply says where it came from, what it planned, and what changed against the one before", async () => {
    const [second, first] = await runs();
    const { out } = await cmc("history", "last");
    expect(out).toContain(`Run ${second} of told v1.0  done`);
    expect(out).toContain("command      cmc apply --auto-approve --allow-dirty --set bias=1 study\n");
    expect(out).toMatch(/^lock file {4}\.\.\/package-lock\.json sha256/m);
    expect(out).toContain("  -/+ 2  params_changed  redshift {0.5, 1.4} x seed 1\n         params.seed: 17 -> 18\n");
    expect(out).toContain(`Against the apply before (${first}):\n`);
    expect(out).toContain("  axis redshift {0.5, 1.4} -> redshift {0.5, 1.4, 2} (+2), in measure, mock\n");
    // A comment is no change of code.
    expect(out).not.toContain("physics.ts was");
    expect((await cmc("history", first!.slice(0, -1))).out).toContain("The first apply of this campaign.");
    expect(await rig.cmc(["history", "nobody", "study"])).toMatchObject({
      code: 3,
      err: "error cli/unknown-run: no apply of this campaign is called nobody\n  remedy: `cmc history` lists the applies.\n",
    });
  });

  it("diff of the two applies names exactly the seed's jobs, what depends on them, and the redshift that was added", async () => {
    const found = await changes("last~1", "last");
    const keys = (what: string, field?: string) =>
      found.filter((one) => one.what === what && one.fields[0]?.field === field).map(({ key }) => key);
    expect(keys("changed", "params")).toEqual(SEEDS_JOBS);
    expect(found.find(({ key }) => key === SEEDS_JOBS[0])!.fields).toEqual([
      { field: "params", details: [{ type: "field", field: "params", path: "params.seed", old: "17", new: "18" }] },
    ]);
    expect(keys("changed", "upstream")).toEqual(SEEDS_JOBS.map((key) => key.replace("mock", "measure")));
    expect(keys("added")).toEqual(
      ["mock", "measure"].flatMap((stage) => [0, 1, 2].map((seed) => `${stage}[redshift=2,seed=${seed}]`)),
    );
    expect((await objects("diff", "last~1", "last")).at(-1)).toEqual({ type: "summary", added: 6, removed: 0, changed: 4, same: 8 }); // prettier-ignore
    const { out } = await cmc("diff", "last~1", "last");
    expect(out).toContain(`mock
  * 2  params    redshift {0.5, 1.4} x seed 1
       params.seed: 17 -> 18 (all; e.g. mock[redshift=0.5,seed=1])
  + 3  added     redshift 2 x seed 0..2
`);
    expect(out).toContain("\nDiff: 6 added, 0 removed, 4 changed, 8 the same.\n");
    expect((await cmc("diff", "last")).out).toContain("No differences. 18 jobs are the same.\n");
  });

  it("jobs an apply had nothing to do for are compared, too: by its manifest and their receipts", async () => {
    rig.edit("study/campaign.ts", `["cp", inputs`, `["cp", "-p", inputs`);
    const found = await changes("last");
    expect(found.map(({ key, fields }) => `${key} ${fields[0]!.field}`)).toEqual(
      [0.5, 1.4, 2].flatMap((z) => [0, 1, 2].map((seed) => `measure[redshift=${z},seed=${seed}] params`)),
    );
    // seed 0 of redshift 0.5 was not run by the last apply.
    expect(found[0]!.fields[0]!.details[0]).toMatchObject({ path: "params.argv[1]", new: '"-p"' });
    rig.edit("study/campaign.ts", `["cp", "-p", inputs`, `["cp", inputs`);
  });

  it("diff of a git revision compares what was committed with what is here, and leaves no trace", async () => {
    const before = snapshot(rig.dir, [".cache"]);
    const away = readdirSync(tmpdir()).filter((name) => name.startsWith("cmc-revision-")).length;
    for (const name of ["v1.0", git("rev-parse", "HEAD").slice(0, 10)]) {
      const summary = (await objects("diff", name)).at(-1);
      expect({ name, ...summary }).toEqual({ name, type: "summary", added: 6, removed: 0, changed: 4, same: 8 });
    }
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("cmc-revision-")).length).toBe(away);
    git("commit", "-qam", "second");
    expect((await objects("diff", "HEAD~1", "HEAD")).at(-1)).toMatchObject({ added: 6, changed: 4, same: 8 });
    expect((await cmc("diff", "HEAD")).out).toContain("No differences.");
    expect((await objects("diff", "HEAD", "last~1")).at(-1)).toMatchObject({ added: 0, removed: 6, changed: 4 });
  });

  it("a revision that does not compile is refused with its own message, in terms of the revision", async () => {
    rig.edit("study/campaign.ts", "seed: seed === 1", "sed: seed === 1");
    git("commit", "-qam", "broken");
    rig.edit("study/campaign.ts", "sed: seed === 1", "seed: seed === 1");
    const { code, err } = await rig.cmc(["diff", "HEAD", "study"]);
    expect(code).toBe(3);
    expect(err).toMatch(/^error cli\/revision: at HEAD, /);
    expect(err).toContain("HEAD:study/campaign.ts:");
    expect(err).not.toContain("cmc-revision-");
    git("commit", "-qam", "mended");
    expect(await rig.cmc(["diff", "nowhere", "study"])).toMatchObject({
      code: 3,
      err: "error cli/unknown-version: nowhere is no apply of this campaign, no bundle folder and no git revision\n  remedy: `cmc history` lists the applies, `git log` the revisions.\n",
    });
  });

  it("an apply whose bundle is gone is refused, and the remedy names its commit; the bundle's folder is a version itself", async () => {
    const [last] = await objects("history", "last");
    const { bundleDir, git: from } = last!["facts"] as { bundleDir: string; git: { commit: string } };
    expect((await objects("diff", bundleDir)).at(-1)).toMatchObject({ added: 0, changed: 0, same: 18 });
    renameSync(bundleDir, `${bundleDir}.away`);
    const { code, err } = await rig.cmc(["diff", "last~1", "last", "study"]);
    expect(code).toBe(3);
    expect(err).toBe(
      `error cli/bundle-gone: ${bundleDir}, which run ${String(last!["run"])} applied, is no longer there\n` +
        `  remedy: Compare with its commit: \`cmc diff ${from.commit.slice(0, 12)}\`, which lacks the uncommitted changes it was applied with.\n`,
    );
    renameSync(`${bundleDir}.away`, bundleDir);
  });

  it("campaign_config.yaml is read back in the shape of a production", () => {
    const config = parse(rig.read(join("study", ROOT, "metadata/campaign_config.yaml"))) as Record<string, object>;
    const stages = { redshift: [0.5, 1.4, 2], seed: { start: 0, count: 3, step: 1 } };
    expect(config).toMatchObject({
      production: { name: "told", version: "v1.0", description: "A campaign with a past", tags: ["test"] },
      science: { redshifts: [0.5, 1.4, 2], variables: { bias: 1 }, stages: { mock: stages, measure: stages } },
      execution: { batch_size: 100, stages: { mock: { run: "campaign.ts#populate", timeout_hours: 0.166666666667 } } },
      resources: { site: "local", stages: { mock: { cpus_per_task: 1, memory_gb: 1 } } },
      outputs: { base_path: root, stages: { mock: { catalog: "file" } } },
    });
    expect(rig.read(join("study", ROOT, "metadata/campaign_config.yaml"))).toContain("redshifts: [0.5, 1.4, 2]\n");
  });

  it("the database has a row an apply, and what each planned", async () => {
    const file = join(root, "metadata/campaign.db");
    const rows = await query(file, "SELECT outcome, site, git_branch, git_changes, diff_digest IS NULL, length(lock_file_digest), to_run, new, rerun, unchanged, done, failed, variables FROM applies ORDER BY started_at"); // prettier-ignore
    expect(rows).toEqual([
      ["done", "local", "main", 0, 1, 64, 12, 12, 0, 0, 12, 0, '{"bias":1}'],
      ["done", "local", "main", 2, 0, 64, 10, 6, 4, 8, 10, 0, '{"bias":1}'],
    ]);
    const planned = "SELECT p.stage, p.action, p.reason, p.jobs FROM planned p JOIN applies a USING (run) WHERE a.rerun > 0 AND p.action <> 'keep' ORDER BY 1, 2";
    expect(await query(file, planned)).toEqual([
      ["measure", "create", "new", 3],
      ["measure", "rerun", "upstream_changed", 2],
      ["mock", "create", "new", 3],
      ["mock", "rerun", "params_changed", 2],
    ]);
    expect(await query(file, "SELECT outcome, jobs FROM runs ORDER BY started_at")).toEqual([["done", 12], ["done", 10]]); // prettier-ignore
  }); // prettier-ignore

  it("database and provenance are views: deleted, damaged or edited, rebuild gives the same content", async () => {
    const [database, provenance] = ["campaign.db", "provenance.json"].map((name) => join(root, "metadata", name));
    const before = await contentOfDatabase(database!);
    const told = rig.read(join("study", ROOT, "metadata/provenance.json"));
    expect((JSON.parse(told) as { applies: unknown[] }).applies).toHaveLength(2);
    const damages: readonly (() => void)[] = [
      () => [database, provenance].forEach((file) => rmSync(file!)),
      () => rig.write(join("study", ROOT, "metadata/provenance.json"), "not JSON"),
      () => rig.edit(join("study", ROOT, "metadata/provenance.json"), '"local"', '"elsewhere"'),
    ];
    for (const damage of damages) {
      damage();
      await cmc("rebuild");
      expect(await contentOfDatabase(database!)).toEqual(before);
      expect(rig.read(join("study", ROOT, "metadata/provenance.json"))).toBe(told);
    }
    // The next apply writes it whole as well.
    rmSync(provenance!);
    await cmc("apply", "--auto-approve", "--replace", "measure[redshift=2,seed=0]");
    const { applies } = JSON.parse(rig.read(join("study", ROOT, "metadata/provenance.json"))) as typeof rows;
    const rows = JSON.parse(told) as { applies: Record<string, unknown>[] };
    expect(applies.slice(0, 2)).toEqual(rows.applies);
    expect(applies[2]).toMatchObject({ options: { replace: ["measure[redshift=2,seed=0]"] }, git: { dirty: [] } });
  });
});

describe("what happens between applies", () => {
  const FLAKY = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 3 });
export const flaky = defineStage({ name: "flaky", matrix: [n] }, { outputs: { out: file(({ n }) => \`out/\${n}.txt\`) } }, {
  run: command(({ point, outputs }) => ["sh", "-c", 'test "$1" != 1 -o -e "$CMC_CAMPAIGN_DIR/mended" && echo "$1" > "$2"', "sh", point.n, outputs.out]),
});
export default defineCampaign({ name: "flaky", version: "v1.0", stages: [flaky], outputs: { base: "runs" } });
`;
  const rig = makeRig({ "campaign.ts": FLAKY });
  afterAll(rig.dispose);

  it("a retry and its reason stand between a run with failures and the one that mended them", async () => {
    expect((await rig.cmc(["history"])).out).toBe("Never applied.\n");
    await rig.cmc(["apply", "--auto-approve"]);
    await rig.cmc(["retry", "--because", "the library was broken"]);
    rig.write("mended", "");
    await rig.cmc(["apply", "--auto-approve"]);
    const [, mended, word, broken] = await rig.json(["history"]);
    expect(mended).toMatchObject({ type: "apply", outcome: "done", jobs: 1, done: 1, failed: 0 });
    expect(word).toMatchObject({ type: "verb", verb: "retry", jobs: 1, example: "flaky[n=1]", reason: "the library was broken" }); // prettier-ignore
    expect(broken).toMatchObject({ type: "apply", outcome: "failures", jobs: 3, done: 2, failed: 1 });
    const { out } = await rig.cmc(["history"]);
    expect(out).toContain("1 retry (retry_exit): 1 of 1 done\n");
    expect(out).toMatch(/^ {2}retry {2}\S+Z {2}\S+ 1 job, flaky\[n=1\]: "the library was broken"$/m);
    expect(out).toMatch(/no commit {2}with failures after .*\n {4}3 new: 2 of 3 done, 1 failed\n/);
  });

  it("a run that was killed is called unfinished, with what it had done", async () => {
    rig.edit("campaign.ts", "count: 3", "count: 40");
    const killed = await rig.cmc(["apply", "--auto-approve"], { CMC_FAULT: "apply/started" });
    expect(killed.signal).toBe("SIGKILL");
    const [, entry] = await rig.json(["history"]);
    expect(entry).toMatchObject({ outcome: "unfinished", jobs: 37, done: 0, failed: 0 });
    expect(existsSync(join(rig.dir, "runs/flaky_v1.0/metadata/provenance.json"))).toBe(true);
  });
});

describe("a change that a policy excuses", () => {
  const EXCUSED = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
export const kept = defineStage({ name: "kept", matrix: [n] }, { outputs: { out: file(({ n }) => \`out/\${n}.txt\`) } }, {
  run: command(({ point, outputs }) => ["sh", "-c", '. "$CMC_CAMPAIGN_DIR/make.sh"', "sh", point.n, outputs.out], { code: ["make.sh"] }),
  onChange: { code: "ignore" },
});
export default defineCampaign({ name: "excused", version: "v1.0", stages: [kept], outputs: { base: "runs" } });
`;
  const rig = makeRig({ "campaign.ts": EXCUSED, "make.sh": `echo "$1" > "$2"\n`, ".gitignore": "runs\ngenerated\n.cache\n" }); // prettier-ignore
  const git = (...args: string[]) => spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: rig.dir }); // prettier-ignore
  afterAll(rig.dispose);

  it("is a difference of two revisions, and none of two applies that kept the results", async () => {
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    await rig.cmc(["apply", "--auto-approve"]);
    rig.edit("make.sh", "echo", "printf '%s\\n'");
    rig.edit("campaign.ts", "count: 2", "count: 3");
    git("commit", "-qam", "second");
    await rig.cmc(["apply", "--auto-approve"]);
    const groups = async (...args: string[]) =>
      (await rig.json(["diff", ...args])).flatMap(({ type, what, field, count }) => type === "group" ? [`${String(field ?? what)} ${String(count)}`] : []); // prettier-ignore
    expect(await groups("HEAD~1", "HEAD")).toEqual(["code 2", "added 1"]);
    expect(await groups("last~1", "last")).toEqual(["added 1"]);
    expect(await groups("last")).toEqual([]);
    expect((await rig.cmc(["history", "last"])).out).toContain("  code: make.sh was changed, in kept\n");
  });
});
