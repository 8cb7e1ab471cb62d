// Partial plans and the ramp, told as people use them: the canary and then the rest, an exclusion above a fan-in, a ramp whose gate fails.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig, type Rig } from "../helpers/cli.ts";
import { fakeSlurmPrograms } from "../helpers/fake-slurm.ts";
import { planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, defineCampaign, defineStage, file, task, variable, type FanInElement, type JobContext } from "cmc";
const redshift = axis.list("redshift", [1.4, 2]);
const realization = axis.range("realization", { count: 4 });
const bias = variable("bias", { type: "number", default: 3 });
type None = Readonly<Record<string, never>>;
type Point = { redshift: number; realization: number };

function populate(ctx: JobContext<{ bias: number }, {}, "catalog", Point>): void {
  ctx.metric("chi2", ctx.point.realization === 0 ? ctx.params.bias : 1);
  ctx.writeText(ctx.outputs.catalog, "x");
}
export const mock = defineStage({ name: "mock", matrix: [redshift, realization] }, {
  outputs: { catalog: file(({ redshift, realization }) => \`m/\${redshift}_\${realization}\`) },
}, { run: task(populate, { params: { bias } }), gates: { chi2: { metric: "chi2", max: 2, level: "warn" } } });

function copy(ctx: JobContext<None, { catalog: string }, "spectrum", Point>): void {
  ctx.writeText(ctx.outputs.spectrum, ctx.readText(ctx.inputs.catalog));
}
export const fit = defineStage({ name: "fit", matrix: [redshift, realization] }, {
  inputs: { catalog: mock.outputs.catalog.each() },
  outputs: { spectrum: file(({ redshift, realization }) => \`f/\${redshift}_\${realization}\`) },
}, { run: task(copy) });

function gather(ctx: JobContext<None, { spectra: readonly FanInElement[] }, "matrix", { redshift: number }>): void {
  ctx.writeText(ctx.outputs.matrix, String(ctx.inputs.spectra.length));
}
export const cov = defineStage({ name: "cov", matrix: [redshift] }, {
  inputs: { spectra: fit.outputs.spectrum.JOIN },
  outputs: { matrix: file(({ redshift }) => \`c/\${redshift}\`) },
}, { run: task(gather) });

export default defineCampaign({ name: "part", version: "v1.0", stages: [mock, fit, cov], outputs: { base: "runs" }RAMP });
`;

function rigWith(ramp = "", join = 'all("realization")'): Rig {
  const rig = makeRig({ "campaign.ts": CAMPAIGN.replace("RAMP", ramp).replace("JOIN", join) });
  afterAll(rig.dispose);
  return rig;
}

const apply = (rig: Rig, ...args: string[]) => rig.cmc(["apply", "--auto-approve", ...args]);

describe("a canary, then the rest", () => {
  const rig = rigWith();

  it("runs one job a stage that can be reached, and says what was left out", async () => {
    const plan = await rig.cmc(["plan", "--canary"]);
    expect(plan.out).toContain("note: Partial plan, narrowed by --canary: 16 jobs are left out.\n");
    expect(plan.out.replace(/\s+/g, " ")).toContain("The canary: mock[realization=0,redshift=1.4], fit[realization=0,redshift=1.4]."); // prettier-ignore
    expect(plan.out).toContain("Plan: 2 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 16 left out, 0 unchanged.\n");
    const done = await apply(rig, "--canary");
    expect(done).toMatchObject({ code: 0, err: "" });
    expect(done.out).toContain("16 jobs were left out by --canary: `cmc apply` without it goes on.\n");
  });

  it("a second one plans nothing", async () => {
    const again = await apply(rig, "--canary");
    expect(again.code).toBe(0);
    expect(again.out).toContain("Nothing to do in this part of the plan.\n");
    expect(again.out).toContain("note: The canary is complete: 2 jobs, one a stage that can be reached.\n");
  });

  it("explain answers under the same options", async () => {
    const { out } = await rig.cmc(["explain", "cov[redshift=2]", "--exclude", "fit[realization=3]"]);
    expect(out.split("\n")[0]).toBe("cov[redshift=2]  wait (excluded)");
    expect(out).toContain("why\n  it needs jobs that --exclude leaves out\n");
    expect(out).toContain("    fit[realization=3,redshift=2]  wait (excluded)\n");
    expect(out).toContain("next\n  A plan without --exclude includes it.\n");
  });

  it("the rest takes an apply without the option, and the plan of it is from no cache of the other", async () => {
    expect(await planLines(rig, ["--canary"])).toEqual([]);
    expect(await planLines(rig)).toEqual(["mock create new 7", "fit create new 7", "cov create new 2"]);
    expect(await apply(rig)).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual([]);
  });

  it("--replace takes parts of keys, given twice", async () => {
    expect(await planLines(rig, ["--replace", "mock[redshift=2,realization=0..1]", "--replace", "cov[redshift=1.4]"])).toEqual(["mock rerun requested 2", "fit rerun upstream_changed 2", "cov rerun upstream_changed 1", "cov rerun requested 1"]); // prettier-ignore
    const { code, err } = await rig.cmc(["plan", "--exclude", "cov", "--exclude", "mock[realization=7]"]);
    expect([code, err.split("\n")[0]]).toEqual([3, "error cli/unknown-job: --exclude mock[realization=7]: no such job or stage"]); // prettier-ignore
  });
});

describe("an exclusion above a fan-in", () => {
  it("holds up a fan-in of all, and not a quorum that has its share", async () => {
    const whole = rigWith();
    const args = ["--exclude", "mock[redshift=1.4,realization=3]"];
    expect(await apply(whole, ...args)).toMatchObject({ code: 0, err: "" });
    expect(whole.read("runs/part_v1.0/c/2")).toBe("4");
    expect(await planLines(whole)).toEqual(["mock create new 1", "fit create new 1", "cov create new 1"]);
    const share = rigWith("", 'quorum(0.75, "realization")');
    const done = await apply(share, ...args);
    expect(done).toMatchObject({ code: 0, err: "" });
    expect(done.out).toContain("2 jobs were left out by --exclude");
    expect(share.read("runs/part_v1.0/c/1.4")).toBe("3");
  });

  it("goes without what is stale: other parameters, one job excluded", async () => {
    const rig = rigWith("", 'quorum(0.75, "realization")');
    expect(await apply(rig)).toMatchObject({ code: 0 });
    const set = ["--set", "bias=2.5"];
    expect(await apply(rig, ...set, "--exclude", "mock[realization=0]")).toMatchObject({ code: 0, err: "" });
    expect([rig.read("runs/part_v1.0/c/1.4"), rig.read("runs/part_v1.0/c/2")]).toEqual(["3", "3"]);
    expect(await planLines(rig, [...set, "--target", "fit"])).toEqual(["mock rerun params_changed 2", "fit rerun upstream_changed 2"]); // prettier-ignore
  });
});

describe("a ramp with a gate", () => {
  const rig = rigWith(', ramp: { steps: [1, 3, "all"], gates: ["chi2"] }');
  const ramp = async () => (await rig.json(["plan"])).at(-1)!["ramp"] as Record<string, unknown>;
  const words = async (...args: string[]) => (await rig.cmc(args)).out.replace(/\s+/g, " ");

  it("refuses to release what nobody has seen", async () => {
    const { code, err } = await rig.cmc(["release", "--ramp", "--because", "x"]);
    expect([code, err.split("\n")[0]]).toEqual([3, "error plan/no-ramp: no job of step 1 of the ramp (1 job) has begun"]); // prettier-ignore
    for (const more of [
      ["--because", " "],
      ["--because", "x", "--stage", "mock"],
      ["--because", "x", "mock[realization=0,redshift=2]"],
    ])
      expect((await rig.cmc(["release", "--ramp", ...more])).err).toMatch(/^error cli\/usage: /);
    // Without --ramp it is about jobs.
    expect((await rig.cmc(["release", "--because", "x"])).out).toBe("No blocked or held job is meant.\n");
  });

  it("runs its first step, and stops at the gate that failed, with exit 0", async () => {
    const done = await apply(rig);
    expect(done.code).toBe(0);
    expect(done.out).toContain("\nApplied. 2 done (1 with warnings)");
    expect(done.out).toContain('Step 1 of 3 of the ramp (1 job): 2 of 2 finished, gate chi2 failed (mock[realization=0,redshift=1.4]: chi2 = 3 is greater than 2). Step 2 stays closed; `cmc release --ramp --because "..."` opens it.\n'); // prettier-ignore
    expect(await words("plan")).toContain('16 jobs wait for step 2 of the ramp (3 jobs): 2 of 2 finished, gate chi2 failed (mock[realization=0,redshift=1.4]: chi2 = 3 is greater than 2); `cmc release --ramp --because "..."` opens it.'); // prettier-ignore
    expect(await words("status")).toContain("gate chi2 failed (mock[realization=0,redshift=1.4]: chi2 = 3 is greater than 2). Step 2 stays closed;"); // prettier-ignore
    expect(await rig.json(["status"])).toContainEqual(expect.objectContaining({ type: "ramp", step: 1, waiting: 16 }));
    expect(await ramp()).toMatchObject({ step: 1, steps: 3, closed: [{ why: "gate", gate: "chi2" }] });
    expect((await apply(rig)).out).not.toContain("Applied.");
    expect(await words("explain", "fit[realization=3,redshift=2]")).toContain("waits for step 3 of the ramp (all); step 1 is open: 2 of 2 finished, gate chi2 failed"); // prettier-ignore
  });

  it("goes on by a word with a reason, kept in the journal and shown; a dry run is none", async () => {
    const release = ["release", "--ramp", "--because", "one small box"];
    expect((await rig.cmc([...release, "--dry-run"])).out).toContain("Would open step 2 of the ramp (3 jobs), for which 16 jobs wait."); // prettier-ignore
    expect(await ramp()).toMatchObject({ step: 1 });
    expect(await rig.cmc(release)).toMatchObject({ code: 0, err: "" });
    expect(await ramp()).toMatchObject({ step: 2, released: { reason: "one small box" } });
    expect(await words("plan")).toContain("opened by");
    expect(await planLines(rig)).toEqual(["mock create new 2", "fit create new 2"]);
  });

  it("opens the last step by itself when the second one is fine", async () => {
    const done = await apply(rig);
    expect(done.code).toBe(0);
    expect(done.out).toContain("\nStep 2 of 3 of the ramp is done; `cmc apply` opens the next (all).\n");
    expect(await words("status")).toContain("Step 2 of 3 of the ramp is done; `cmc apply` opens the next (all).");
    const last = await rig.json(["apply", "--auto-approve"]);
    expect(last.at(-1)).toMatchObject({ type: "outcome", outcome: "done", done: 12, ramp: { step: 3, waiting: 0 } });
    expect((await rig.cmc(["plan"])).out).toContain("No changes.");
    expect((await rig.cmc(["release", "--ramp", "--because", "x"])).out).toBe("The last step of the ramp is open; nothing waits for it.\n"); // prettier-ignore
  });

  it("another ramp reruns nothing; other parameters begin it anew, and the old word does not count", async () => {
    rig.edit("campaign.ts", '[1, 3, "all"]', '[2, "all"]');
    expect(await planLines(rig)).toEqual([]);
    rig.edit("campaign.ts", '[2, "all"]', '[1, 3, "all"]');
    expect(await planLines(rig, ["--set", "bias=4"])).toEqual(["mock rerun params_changed 1", "fit rerun upstream_changed 1"]); // prettier-ignore
  });
});

describe("a ramp on a cluster", () => {
  it("hands over the jobs of the open step only, and says that the next takes another apply", async () => {
    const rig = rigWith(', ramp: [1, "all"]');
    rig.write(
      "site.yaml",
      `executor: slurm\nnode: ${process.execPath}\nresources: { walltime: 10m }\npool: { when: never }\n`,
    );
    mkdirSync(join(rig.dir, "fake"));
    const slurm = fakeSlurmPrograms(join(rig.dir, "fake"));
    slurm.always("sbatch", { stdout: "17\n" });
    slurm.always("squeue", {});
    slurm.always("sacct", { stdout: "" });
    const cmc = (...args: string[]) => rig.cmc(args, { PATH: slurm.path });
    const applied = await cmc("apply", "--site", "site.yaml", "--auto-approve");
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.out).toContain("Handed over. submitted 1 jobs in 1 tasks");
    expect(applied.out).toContain(
      "These are jobs of step 1 of 2 of the ramp; the next step takes the next `cmc apply`.\n",
    );
    expect((await cmc("status")).out).toContain("\nStep 1 of 2 of the ramp (1 job): 0 of 2 finished.\n");
    const summary = (await rig.json(["plan"], { PATH: slurm.path })).at(-1);
    // The fit is the run's, and not submitted yet.
    expect(summary).toMatchObject({ counts: { create: 1 }, ramp: { step: 1, begun: 1, finished: 0, waiting: 16 } });
  });
});
