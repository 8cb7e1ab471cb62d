// What people say of jobs: block, release, forget and retry, with a reason that is kept and shown. Here on this machine; on a cluster in cluster-verbs.test.ts.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig, type Rig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { differences, snapshot } from "../helpers/folder.ts";
import { pipe } from "../helpers/pipe.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

/** Each writes when it was made, so that a rerun makes another file. `flaky` fails until it is mended. */
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 4 });
const make = <T,>(out: T) => ["sh", "-c", 'date +%s.%N > "$1"', "sh", out] as const;
export const halo = defineStage({ name: "halo", matrix: [n] }, { outputs: { out: file(({ n }) => \`halo/\${n}\`) } }, { run: command(({ outputs }) => make(outputs.out)) });
export const mock = defineStage({ name: "mock", matrix: [n] }, { inputs: { halo: halo.outputs.out.each() }, outputs: { out: file(({ n }) => \`mock/\${n}\`) } }, { run: command(({ outputs }) => make(outputs.out)) });
export const flaky = defineStage({ name: "flaky" }, { outputs: { out: file(() => "flaky") } }, {
  run: command(({ outputs }) => ["sh", "-c", 'test -e "$CMC_CAMPAIGN_DIR/mended" && echo x > "$1"', "sh", outputs.out]), retry: { attempts: 1 },
});
export default defineCampaign({ name: "words", version: "v1.0", stages: [halo, mock, flaky], outputs: { base: "runs" } });
`;
const ME = userInfo().username;

function story(): { rig: Rig; root: string; cmc: (...args: string[]) => ReturnType<Rig["cmc"]> } {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  afterAll(rig.dispose);
  return { rig, root: join(rig.dir, "runs/words_v1.0"), cmc: (...args) => rig.cmc(args) };
}
/** Without line breaks. */
const flat = (text: string) => text.replace(/\s+/g, " ").trim();

describe("a scientist blocks jobs whose input is suspect", () => {
  const { rig, root, cmc } = story();
  const database = join(root, "metadata/campaign.db");

  it("must say which, and why", async () => {
    expect(await cmc("block", "--because", "x")).toMatchObject({
      code: 3,
      err: "error cli/usage: block without a selection would mean every job of the campaign\n  remedy: Name jobs, or select them by --stage, --where, --reason or --state; --all means every job.\n",
    });
    expect((await cmc("block", "--all", "--stage", "halo", "--because", "x")).code).toBe(3);
    expect((await cmc("block", "--all")).err).toContain("required option '--because <reason>' not specified");
    expect((await cmc("block", "--all", "--because", " ")).err).toContain("--because says nothing");
    expect(existsSync(root)).toBe(false);
  });

  it("and sees what would be recorded before anything is", async () => {
    const dry = await cmc("block", "--stage", "halo", "--where", "n=1..2", "--because", "wrong seed", "--dry-run");
    expect(dry).toMatchObject({ code: 0, err: "" });
    expect(dry.out).toBe("Would be blocked: 2 jobs, halo[n=1] and 1 other.\n  halo[n=1]\n  halo[n=2]\nNothing begins them until `cmc release`.\nNothing was recorded.\n"); // prettier-ignore
    expect(existsSync(root)).toBe(false);
    const objects = await rig.json(["block", "halo[n=1]", "--because", "wrong seed", "--dry-run"]);
    expect(objects.slice(1)).toEqual([
      { type: "block", key: "halo[n=1]", recorded: false },
      { type: "verb", verb: "block", user: ME, reason: "wrong seed", jobs: 1, recorded: false },
    ]);
  });

  it("nothing runs them, or what needs them; the plan says who, when and why", async () => {
    const blocked = await cmc("block", "--stage", "halo", "--where", "n=1..2", "--because", "wrong seed");
    expect(blocked).toMatchObject({ code: 0, err: "", out: "Blocked: 2 jobs, halo[n=1] and 1 other.\nNothing begins them until `cmc release`.\n" }); // prettier-ignore
    expect(await planLines(rig)).toEqual([
      "halo create new 2", "halo hold held 2", "mock create new 2", "mock block upstream_failed 2", "flaky create new 1",
    ]); // prettier-ignore
    expect(flat((await cmc("plan")).out)).toMatch(new RegExp(`blocked by ${ME} at \\S+Z: wrong seed \\(all; e\\.g\\. halo\\[n=1\\]\\)`)); // prettier-ignore
    expect((await cmc("apply", "--auto-approve")).code).toBe(9);
    expect(existsSync(join(root, "halo/0"))).toBe(true);
    expect(existsSync(join(root, "halo/1"))).toBe(false);
    expect(flat((await cmc("status")).out)).toMatch(/halo \S+ 2\/4 2 held .* mock \S+ 2\/4 2 blocked/);
    expect(await query(database, "SELECT key, held FROM jobs WHERE state = 'held'")).toEqual([1, 2].map((n) => [`halo[n=${n}]`, expect.stringMatching(/^blocked by .*: wrong seed$/)])); // prettier-ignore
  });

  it("blocks that stand are not recorded twice, whether named or selected", async () => {
    const before = snapshot(root);
    expect(await cmc("block", "halo[n=1]", "--because", "again")).toMatchObject({ code: 0, out: "halo[n=1] is blocked already.\n" }); // prettier-ignore
    expect(await cmc("block", "--where", "n=1..2", "--stage", "halo", "--because", "again")).toMatchObject({ code: 0, out: "All of them are blocked already.\n" }); // prettier-ignore
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("retry does not take a block back, and says what does; nor do --replace and --adopt", async () => {
    const { out } = await cmc("retry", "halo[n=1]", "--because", "x");
    expect(out).toBe(`halo[n=1] is blocked by ${ME}: wrong seed; \`cmc release . 'halo[n=1]' --because "..."\` lets it run.\n`); // prettier-ignore
    expect((await cmc("retry", "--stage", "halo", "--because", "x")).out).toBe("No failed or held job is meant.\n");
    expect((await cmc("block", "halo[n=0]", "--because", "its node is suspect")).code).toBe(0);
    expect(await planJobs(rig, ["--stage", "halo"])).toEqual(["halo[n=1] hold held", "halo[n=2] hold held"]);
    expect(await planJobs(rig, ["--stage", "halo", "--replace", "halo[n=0]"])).toContain("halo[n=0] hold held");
  });

  it("explain shows who blocked it, and the next step", async () => {
    const { out } = await cmc("explain", "halo[n=2]");
    expect(out).toMatch(new RegExp(`said\n  \\S+Z  block by ${ME}: wrong seed\n`));
    expect(out).toContain("  `cmc release . 'halo[n=2]' --because \"...\"` lets it run.\n");
  });

  it("release lets them run again; all three words stay on record", async () => {
    const one = await cmc("release", "halo[n=1]", "halo[n=3]", "--because", "the seed was right");
    expect(one).toMatchObject({ code: 0, out: "halo[n=3] is neither blocked nor held.\nReleased: 1 job, halo[n=1].\nThe next apply may run them.\n" }); // prettier-ignore
    expect(await planJobs(rig, ["--stage", "halo"])).toEqual(["halo[n=1] create new", "halo[n=2] hold held"]);
    expect((await cmc("release", "--because", "all of it")).out).toMatch(
      /^Released: 2 jobs, halo\[n=0\] and 1 other\.\n/,
    );
    expect(await cmc("release", "--because", "again")).toMatchObject({
      code: 0,
      out: "No blocked or held job is meant.\n",
    });
    await cmc("apply", "--auto-approve");
    expect(existsSync(join(root, "mock/2"))).toBe(true);
    expect((await rig.json(["explain", "halo[n=1]"]))[1]).toMatchObject({
      said: [{ verb: "block", user: ME, reason: "wrong seed" }, { verb: "release", user: ME, reason: "the seed was right" }],
    }); // prettier-ignore
    const verbs = await query(database, "SELECT verb, key, reason FROM verbs WHERE key = 'halo[n=1]' ORDER BY at");
    expect(verbs).toEqual([["block-requested", "halo[n=1]", "wrong seed"], ["release-requested", "halo[n=1]", "the seed was right"]]); // prettier-ignore
    const first = await query(database, "SELECT * FROM verbs");
    await cmc("rebuild");
    expect(await query(database, "SELECT * FROM verbs")).toEqual(first);
  });

  it("release forgives no failure, and says what does", async () => {
    await cmc("block", "flaky", "--because", "look at it first");
    const { out } = await cmc("release", "flaky", "--because", "looked");
    expect(out).toBe("Released: 1 job, flaky.\nThe next apply may run them.\n1 job has no tries left: `cmc retry` forgives failures.\n"); // prettier-ignore
    expect(await planJobs(rig)).toEqual(["flaky hold attempts_exhausted"]);
    expect((await cmc("release", "flaky", "--because", "x")).out).toContain(
      "is not held: it failed, and `cmc retry . flaky",
    );
    expect((await cmc("retry", "flaky", "--because", "mended", "--dry-run")).out).toBe("Would retry: 1 job, flaky.\nNothing was recorded.\n"); // prettier-ignore
    expect((await cmc("retry", "flaky", "--because", "mended")).out).toBe("Will be retried by the next apply: 1 job, flaky.\n"); // prettier-ignore
    expect(await planJobs(rig)).toEqual(["flaky retry retry_exit"]);
  });

  it("a job that is blocked while an apply is at work may still be run by it, and that is said", async () => {
    rig.write("mended", "");
    rig.edit("campaign.ts", "date +%s.%N", "sleep 2; date +%s.%N");
    const apply = rig.start(["apply", "--auto-approve", "--jobs", "1"]);
    while (!existsSync(join(root, "metadata/lock"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const blocked = await cmc("block", "mock[n=3]", "--because", "too late?");
    expect(blocked.code).toBe(0);
    expect(flat(blocked.out)).toMatch(/^Blocked: 1 job, mock\[n=3\]\. Nothing begins them until `cmc release`\. apply is at work \(pid \d+ on \S+\) and has read its plan before: it may still run them; `cmc cancel` stops it\.$/); // prettier-ignore
    expect(await cmc("forget", "mock[n=3]", "--because", "x")).toMatchObject({ code: 6 });
    expect((await cmc("cancel", "--now")).code).toBe(0);
    expect((await apply.done).code).toBe(8);
    expect(await planJobs(rig, ["mock[n=3]"])).toEqual(["mock[n=3] hold held"]);
  }, 60_000);
});

describe("a scientist forgets results made with a bad library", () => {
  const { rig, root, cmc } = story();
  beforeAll(async () => {
    rig.write("mended", "");
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
  });

  it("must say which", async () => {
    expect((await cmc("forget", "--because", "x")).err).toContain("forget without a selection would mean every job");
  });

  it("and sees what follows, before anything is written", async () => {
    const before = snapshot(root);
    const { code, out } = await cmc("forget", "halo[n=1]", "halo[n=2]", "--because", "bad library", "--dry-run");
    expect(code).toBe(0);
    expect(flat(out)).toBe("Would be forgotten: 2 jobs, halo[n=1] and 1 other. halo[n=1] halo[n=2] Their files stay where they are, and their receipts in the history. The plan shows them as new, and 2 jobs made from them as upstream_changed; `cmc apply` runs them again, `cmc apply --adopt` takes the files that are there. Nothing was recorded."); // prettier-ignore
    const objects = await rig.json(["forget", "halo[n=1]", "--because", "bad library", "--dry-run"]);
    expect(objects[1]).toMatchObject({ type: "forget", key: "halo[n=1]", recorded: false, attempts: [expect.any(String)] }); // prettier-ignore
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("they are new, with their files found; what was made from them runs again after them", async () => {
    const files = snapshot(join(root, "halo"));
    const { out } = await cmc("forget", "halo[n=1]", "halo[n=2]", "--because", "bad library");
    expect(out).toMatch(/^Forgotten: 2 jobs, halo\[n=1\] and 1 other\.\n/);
    expect(differences(files, snapshot(join(root, "halo")))).toEqual([]);
    expect(await planJobs(rig)).toEqual([
      "halo[n=1] create new", "halo[n=2] create new", "mock[n=1] rerun upstream_changed", "mock[n=2] rerun upstream_changed",
    ]); // prettier-ignore
    const plan = (await cmc("plan")).out;
    expect(plan).toContain("e.g. halo[n=1]: there without a receipt: halo/1\n");
    expect(flat(plan)).toContain("2 jobs have output files without a receipt");
    expect((await cmc("status")).out).toMatch(/halo .* 2\/4 {2}2 waiting/);
    expect(await cmc("forget", "halo[n=1]", "--because", "twice")).toMatchObject({ code: 0, out: "halo[n=1] has no result to be forgotten.\n" }); // prettier-ignore
  });

  it("also when the apply that renews them ends in between", async () => {
    await cmc("apply", "--target", "halo", "--auto-approve");
    expect(await planJobs(rig)).toEqual(["mock[n=1] rerun upstream_changed", "mock[n=2] rerun upstream_changed"]);
    expect((await cmc("plan")).out).toContain("upstream halo[n=1] (forget)");
    await cmc("apply", "--auto-approve");
    expect(await planJobs(rig)).toEqual([]);
    const explained = await cmc("explain", "halo[n=1]");
    expect(explained.out).toMatch(/#1 {2}ok .* forgotten\n {2}#2 {2}ok (?!.*forgotten)/);
    expect(explained.out).toContain(`forget by ${ME}: bad library\n`);
  });

  it("files that pass may be adopted instead: a receipt that comes later counts", async () => {
    expect((await cmc("forget", "flaky", "--because", "receipt in doubt")).code).toBe(0);
    await cmc("apply", "--adopt", "--auto-approve");
    expect(await planJobs(rig)).toEqual([]);
    const rows = await query(join(root, "metadata/campaign.db"), "SELECT a.attempt, a.class, a.accepted FROM attempts a JOIN jobs j ON j.id = a.job WHERE j.key = 'flaky' ORDER BY 1"); // prettier-ignore
    expect(rows).toEqual([[1, "ok", 0], [2, "ok", 1]]); // prettier-ignore
  });

  it("the database has the state of now, and the same after a rebuild", async () => {
    await cmc("forget", "mock[n=0]", "--because", "x");
    await cmc("rebuild");
    const database = join(root, "metadata/campaign.db");
    expect(await query(database, "SELECT state FROM jobs WHERE key = 'mock[n=0]'")).toEqual([["new"]]);
    expect(await query(database, "SELECT count(*) FROM outputs o JOIN jobs j ON j.id = o.job WHERE j.key = 'mock[n=0]'")).toEqual([[0]]); // prettier-ignore
    await cmc("apply", "--auto-approve");
  });

  it("of a job that left the campaign nothing is said any more", async () => {
    rig.edit("campaign.ts", "count: 4", "count: 3");
    expect(await planJobs(rig)).toEqual(["halo[n=3] forget forget", "mock[n=3] forget forget"]);
    expect((await cmc("forget", "halo[n=3]", "--because", "was a test")).out).toContain("1 of them left the campaign and is not mentioned any more.\n"); // prettier-ignore
    expect(await planJobs(rig)).toEqual(["mock[n=3] forget forget"]);
    expect((await cmc("plan", "--reason", "forget")).out).toContain("    . 1  forget  mock[n=3]\n");
    const piped = pipe(rig, ["plan", "--list", "--reason", "forget"], ["forget", "-", "--because", "that too"]);
    expect(piped).toMatchObject({ code: 0, err: "" });
    expect(piped.out).toMatch(/^Forgotten: 1 job, mock\[n=3\]\.\n/);
    expect((await cmc("plan")).out).toContain("No changes.");
    expect(existsSync(join(root, "halo/3"))).toBe(true);
  });
});

describe("keys on standard input", () => {
  const { rig, root, cmc } = story();
  beforeAll(async () => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 9 }));

  it("are what another command lists: bare, or as JSON", async () => {
    const bare = pipe(rig, ["plan", "--list", "--state", "failed"], ["retry", "-", "--because", "mended", "--dry-run"]);
    expect(bare).toEqual({ code: 0, err: "", out: "Would retry: 1 job, flaky.\nNothing was recorded.\n" });
    const json = pipe(rig, ["plan", "--list", "--json", "--state", "done", "--stage", "mock"], ["block", "-", "--because", "keep them", "--dry-run"]); // prettier-ignore
    expect(json.out).toMatch(/^Would be blocked: 4 jobs, mock\[n=0\] and 3 others\.\n/);
    expect((await cmc("plan", "--list", "--where", "n=1", "--state", "done")).out).toBe("halo[n=1]\nmock[n=1]\n");
    expect(pipe(rig, ["plan", "--list", "--state", "done"], ["plan", "-"]).out).toContain("only 8 named jobs\n");
  });

  it("that are none mean no job, not all; nothing is recorded", () => {
    const before = snapshot(root);
    for (const verb of ["retry", "block", "release", "forget"]) {
      const { code, out } = pipe(rig, ["plan", "--list", "--stage", "mock", "--reason", "new"], [verb, "-", "--because", "x"]); // prettier-ignore
      expect({ verb, code, out }).toEqual({ verb, code: 0, out: expect.stringMatching(/^No .*job.* is meant\.\n$/) });
    }
    expect(pipe(rig, ["plan", "--list", "--reason", "new"], ["plan", "-"]).out).toContain("No job is meant.");
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("that name no job, or come with an error, are refused whole", () => {
    const before = snapshot(root);
    const unknown = pipe(rig, ["plan", "--list", "--json", "--stage", "mok"], ["forget", "-", "--because", "x"]);
    expect(unknown).toMatchObject({ code: 3, out: "" });
    expect(unknown.err).toContain("error cli/bad-keys: the keys come with an error: --stage: there is no stage 'mok'\n  standard input:2:1\n"); // prettier-ignore
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("a dry run of every verb writes nothing", async () => {
    const before = snapshot(root);
    for (const verb of ["retry", "block", "release", "forget"])
      expect((await cmc(verb, "flaky", "halo[n=0]", "--because", "x", "--dry-run")).code).toBe(0);
    expect(differences(before, snapshot(root))).toEqual([]);
  });
});
