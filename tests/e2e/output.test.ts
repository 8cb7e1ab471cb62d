// What people and programs read: filters, lists, JSON, colours, explanations, help, and words for a wrong command line.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, json, pad, task, type FanInElement, type JobContext } from "cmc";
const redshift = axis.list("redshift", [0.5, 1.4]);
const realization = axis.range("realization", { start: 3000, count: 4 });
const field = axis.list("field", ["north", "south pole"]);

function populate(ctx: JobContext<{ amplitude: number }, {}, "catalog", { redshift: number; realization: number }>): void {
  ctx.metric("galaxies", 100 * ctx.params.amplitude);
  ctx.log("galaxies made");
  ctx.writeText(ctx.outputs.catalog, JSON.stringify(ctx.point));
}
export const mock = defineStage({ name: "mock", matrix: [redshift, realization], description: "Mock catalogues" }, {
  outputs: { catalog: json(({ redshift, realization }) => \`catalogs/r\${pad(realization, 4)}_z\${redshift}.json\`) },
}, { run: task(populate, { params: { amplitude: 2 } }), resources: { walltime: "2m", memory: "200 MB", cpus: 1 }, retry: { attempts: 3 } });

export const measure = defineStage({ name: "measure", matrix: [field, redshift] }, {
  inputs: { catalogs: mock.outputs.catalog.all("realization") },
  outputs: { spectrum: file(({ field, redshift }) => \`spectra/\${field}/z\${redshift}.txt\`) },
}, { run: command(({ inputs, outputs, point }) => ["sh", "-c", 'cat "$@" > "$0"; test "$FIELD" != "south pole"', outputs.spectrum, inputs.catalogs.each], { env: { FIELD: "x" } }), resources: { walltime: "1m", cpus: 1 } });

export default defineCampaign({ name: "shown", version: "v2.1", description: "Shown to people", stages: [mock, measure], outputs: { base: "runs" } });
`;

const COMMANDS = ["check", "build", "plan", "apply", "status", "explain", "show", "logs", "retry", "block", "release", "forget", "cancel", "rebuild", "force-unlock", "doctor", "history", "diff"]; // prettier-ignore

describe("what is printed", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const out = async (...args: string[]) => {
    const done = await rig.cmc(args);
    expect({ args, code: done.code, err: done.err }).toEqual({ args, code: 0, err: "" });
    return done.out;
  };
  afterAll(rig.dispose);
  beforeAll(async () => {
    await out("apply", "--auto-approve", "--target", "mock", "--limit", "6");
  });

  describe("plan", () => {
    it("says that it is partial when it is narrowed", async () => {
      const text = await out("plan", "--limit", "1");
      expect(text).toContain("note: Partial plan, narrowed by --limit 1: 5 jobs are left out.\n");
      expect(text).toContain("mock  6 unchanged\n");
      expect(text).toContain("Plan: 1 new,");
    });

    it("-v lists every job with its reason", async () => {
      const lines = (await out("plan", "-v")).split("\n");
      expect(lines.filter((line) => /^ {4}mock\[.*\] {2}completed$/.test(line))).toHaveLength(6);
      expect(lines).toContain("  + mock[realization=3003,redshift=1.4]  new");
      expect(lines).toContain('  + measure[field="south pole",redshift=1.4]  new');
    });

    it("filters by stage, point and reason, alone and together", async () => {
      const keys = async (...args: string[]) => (await out("plan", "--list", "-v", ...args)).trim().split("\n").filter(Boolean); // prettier-ignore
      expect(await keys("--stage", "measure")).toHaveLength(4);
      expect(await keys("--where", "realization=3001..3002,redshift=1.4")).toEqual([
        "mock[realization=3001,redshift=1.4]",
        "mock[realization=3002,redshift=1.4]",
      ]);
      expect(await keys("--where", "redshift=0.5|1.4,realization=3000")).toHaveLength(2);
      expect(await keys("--where", 'field="south pole"')).toHaveLength(2);
      expect(await keys("--where", "field=south pole")).toHaveLength(2);
      expect(await keys("--reason", "completed")).toHaveLength(6);
      expect(
        await keys("--reason", "completed,new", "--stage", "mock,measure", "--where", "redshift=0.5"),
      ).toHaveLength(6);
      expect(await keys("--stage", "measure", "--where", "realization=3000")).toEqual([]);
      expect((await out("plan", "--list")).trim().split("\n")).toHaveLength(6);
      expect(await out("plan", "--stage", "mock", "--reason", "completed")).toContain("No changes among these jobs.\n");
      expect((await out("plan", "--stage", "mock")).split("\n")[0]).toBe("shown v2.1  12 jobs  only --stage mock");
    });

    it.each([
      [["--stage", "mok"], "--stage: there is no stage 'mok'", "Did you mean mock? The stages: mock, measure."],
      [
        ["--where", "redshfit=1"],
        "--where: there is no axis 'redshfit'",
        "Did you mean redshift? The axes: redshift, realization, field.",
      ],
      [
        ["--where", "redshift"],
        "--where: 'redshift' is not AXIS=VALUE",
        "Write --where realization=3000..3099,redshift=1.4.",
      ],
      [["--reason", "newish"], "--reason: there is no reason 'newish'", "The reasons: new, params_changed,"],
    ])("refuses %j with exit 3, naming what there is", async (args, message, remedy) => {
      const done = await rig.cmc(["plan", ...args]);
      expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
      expect(done.err.startsWith(`error cli/bad-filter: ${message}\n  ${args[0]}:1:1\n  1 | ${args[1]}\n`)).toBe(true);
      expect(done.err).toContain(`\n  remedy: ${remedy}`);
    });

    it.each([
      [["--replace", "mok"], "--replace mok: no such job or stage"],
      [
        ["--replace", "mock[realization=1,redshift=0.5]"],
        "--replace mock[realization=1,redshift=0.5]: no such job or stage",
      ],
      [
        ["--target", "measure,mock[realization=3000..3001,redshift=0.6]"],
        "--target mock[realization=3000..3001,redshift=0.6]: no such job or stage",
      ],
    ])("refuses %j", async (args, message) => {
      const done = await rig.cmc(["plan", ...args]);
      expect({ code: done.code, first: done.err.split("\n")[0] }).toEqual({
        code: 3,
        first: `error cli/unknown-job: ${message}`,
      });
    });

    it("--replace takes jobs and stages; axes in any order", async () => {
      const text = await out("plan", "--replace", "mock[realization=3000,redshift=0.5],measure");
      expect(text).toContain("-/+ 1  requested  mock[realization=3000,redshift=0.5]\n");
      expect(text).toContain("Plan: 6 new, 1 rerun,");
    });

    it("ends quietly when its reader goes away", () => {
      const cmc = join(REPOSITORY, "dist/cmc.mjs");
      const { stdout, stderr } = spawnSync("sh", ["-c", `"$0" "$1" plan --list -v | head -n 1`, process.execPath, cmc], {
        cwd: rig.dir, encoding: "utf8", env: { PATH: process.env["PATH"], CMC_CACHE_DIR: join(rig.dir, ".cache") },
      }); // prettier-ignore
      expect({ stdout, stderr }).toEqual({ stdout: "mock[realization=3000,redshift=0.5]\n", stderr: "" });
    });
  });

  describe("colour", () => {
    const ESC = "\u001b[";
    it("is absent off a terminal, forced by FORCE_COLOR, and never there under NO_COLOR", async () => {
      const text = async (env: Readonly<Record<string, string>>) => (await rig.cmc(["plan"], env)).out;
      const plain = await text({ NO_COLOR: "" });
      expect(plain).not.toContain(ESC);
      const coloured = await text({ NO_COLOR: "", FORCE_COLOR: "1" });
      expect(coloured).toContain(`${ESC}32m`);
      // eslint-disable-next-line no-control-regex -- colour codes begin with ESC
      expect(coloured.replace(/\u001b\[[0-9;]*m/g, "")).toBe(plain);
      expect(await text({ NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(plain);
      expect(await text({ NO_COLOR: "", FORCE_COLOR: "0" })).toBe(plain);
      const error = await rig.cmc(["plan", "--stage", "x"], { NO_COLOR: "", FORCE_COLOR: "1" });
      expect(error.err).toContain(`${ESC}31merror cli/bad-filter${ESC}39m: `);
    });
  });

  describe("JSON", () => {
    const reads: readonly (readonly [readonly string[], readonly string[]])[] = [
      [["check"], ["campaign", "stage"]],
      [["plan"], ["group", "summary"]],
      [["plan", "-v"], ["group", "change", "summary"]],
      [["plan", "--list"], ["key"]],
      [["plan", "--stage", "mock"], ["group", "change", "summary"]],
      [["status"], ["status", "stage", "failure", "gate"]],
      [["explain", "mock[realization=3000,redshift=0.5]"], ["job", "attempt"]],
      [["show", "measure[field=north,redshift=0.5]"], ["job"]],
      [["logs", "mock[realization=3000,redshift=0.5]"], ["log"]],
      [["retry", "--because", "x", "--dry-run"], ["retry", "verb"]],
      [["block", "--all", "--because", "x", "--dry-run"], ["block", "verb"]],
      [["release", "--because", "x", "--dry-run"], ["release", "verb"]],
      [["forget", "--all", "--because", "x", "--dry-run"], ["forget", "verb"]],
      [["cancel"], ["cancel"]],
      [["build", "--out", "elsewhere"], ["bundle"]],
      [["doctor", "."], ["finding"]],
      [["rebuild"], ["rebuilt"]],
      [["history"], ["apply"]],
      [["history", "last"], ["apply"]],
      [["diff", "last"], ["sides", "summary"]],
      [["plan", "--stage", "nope"], ["diagnostic"]],
      [["plan", "nowhere"], ["diagnostic"]],
      [["force-unlock", "abc"], ["diagnostic"]],
      [["apply"], ["group", "summary", "diagnostic"]],
    ]; // prettier-ignore
    it.each(reads)("of %j is a version line and objects of known types", async (args, types) => {
      const { out: text, err } = await rig.cmc([...args, "--json"]);
      expect(err).toBe("");
      expect(text.endsWith("\n")).toBe(true);
      const [first, ...objects] = text.trimEnd().split("\n").map((line) => JSON.parse(line) as { type: string }); // prettier-ignore
      expect(first).toEqual({ type: "version", format: "1.0", tool: "0.1.0", command: args[0] });
      if (objects.length > 0) expect(types).toEqual(expect.arrayContaining(objects.map(({ type }) => type)));
      if (!["retry", "release", "cancel"].includes(args[0]!))
        expect(objects.map(({ type }) => type)).toContain(types[0]);
    });

    it("of a plan has the counts, reasons and details that the text has", async () => {
      const objects = await rig.json(["plan", "-v"]);
      expect(objects.at(-1)).toMatchObject({
        type: "summary",
        jobs: 12,
        counts: { create: 6, keep: 6 },
        partial: false,
      });
      const change = objects.find(({ key }) => key === "measure[field=north,redshift=1.4]");
      expect(change).toMatchObject({ action: "create", reason: "new" });
      expect(objects.filter(({ type }) => type === "change")).toHaveLength(12);
    });

    it("of an error is the diagnostic with its code and remedy; the exit code is the same", async () => {
      const done = await rig.cmc(["explain", "mock[realization=1,redshift=9]", "--json"]);
      expect(done.code).toBe(3);
      expect(JSON.parse(done.out.split("\n")[1]!)).toEqual({
        type: "diagnostic", code: "cli/unknown-job", severity: "error", message: "the campaign has no job mock[realization=1,redshift=9]",
        remedy: "The values of redshift: 0.5, 1.4. Its keys look like mock[realization=3000,redshift=0.5]; `cmc plan --list -v --stage mock` prints all.",
      }); // prettier-ignore
    });

    it("of apply tells every start and end, and the outcome; it never asks", async () => {
      expect((await rig.cmc(["apply", "--json"])).code).toBe(3);
      const objects = await rig.json(["apply", "--auto-approve", "--limit", "1"]);
      expect(objects.map(({ type }) => type).filter((type) => type !== "group")).toEqual([
        "version",
        "summary",
        "started",
        "finished",
        "outcome",
      ]);
      expect(objects.at(-1)).toMatchObject({
        outcome: "done",
        done: 1,
        failed: 0,
        root: join(rig.dir, "runs/shown_v2.1"),
      });
    });
  });

  describe("one job", () => {
    const key = "mock[realization=3000,redshift=0.5]";
    it("explain says why, what it reads, makes, runs, may use, and what happened to it", async () => {
      const text = await out("explain", "mock[redshift=0.5, realization=3000]");
      expect(text.replace(/20[\dT:-]+Z/g, "TIME").replace(/ {2}\S+ {2}[\d.]+ m?s(, .*)?\n/, "  HOST  DURATION\n"))
        .toBe(`${key}  keep (completed)

outputs
  catalog: catalogs/r3000_z0.5.json  35 B, TIME

runs
  task campaign.ts#populate
  params {"amplitude":2}

resources
  at most 2 m 00 s, 200 MB, 1 cpus
  3 tries

attempts
  #1  ok         TIME  HOST  DURATION

next
  Nothing needs to be done. \`cmc apply --replace '${key}'\` runs it again.
`);
    });

    it("show gives the job as its worker sees it", async () => {
      const text = await out("show", "measure[field=south pole,redshift=0.5]".replace("south pole", '"south pole"'));
      expect(text).toContain('point     {"field":"south pole","redshift":0.5}\n');
      expect(text).toContain("input     catalogs: catalogs/r3000_z0.5.json (mock[realization=3000,redshift=0.5]), ");
      expect(text).toContain(" and 1 more\n");
      expect(text).toContain("output    spectrum: spectra/south pole/z0.5.txt\n");
      expect(text).toMatch(/recipe {4}[0-9a-f]{32}\n/);
    });

    it("logs gives what it printed and nothing else", async () => {
      expect(await out("logs", key)).toBe("galaxies made\n");
    });

    it.each(["explain", "show", "logs"])("%s of a job that does not exist says what keys look like", async (verb) => {
      const done = await rig.cmc([verb, "mock[realization=1]"]);
      expect(done).toMatchObject({ code: 3, out: "" });
      expect(done.err).toBe(
        "error cli/unknown-job: the campaign has no job mock[realization=1]\n" +
          `  remedy: It does not say redshift. Its keys look like ${key}; \`cmc plan --list -v --stage mock\` prints all.\n`,
      );
    });
  });

  describe("help", () => {
    it("lists every command, exit codes and examples", async () => {
      const text = await out("--help");
      for (const command of COMMANDS) expect(text).toMatch(new RegExp(`^  ${command} `, "m"));
      expect(text).toContain("Exit codes: 0 ok,");
      expect(await out("--version")).toBe("0.1.0\n");
    });

    it.each(COMMANDS)("%s --help has a usage line and examples of itself", async (command) => {
      const text = await out(command, "--help");
      expect(text.startsWith(`Usage: cmc ${command} [options]`)).toBe(true);
      expect(text).toMatch(new RegExp(`\nExamples:\n  cmc ${command}`));
      expect(text).not.toContain("(default: [])");
    });

    it.each([
      [["plna"], "unknown command 'plna' (Did you mean plan?)", "cmc --help"],
      [["plan", "--xyz"], "unknown option '--xyz'", "cmc plan --help"],
      [["plan", "--stge", "x"], "unknown option '--stge' (Did you mean --stage?)", "cmc plan --help"],
      [["status", "a", "b"], "too many arguments for 'status'. Expected 1 argument but got 2", "cmc status --help"],
      [
        ["apply", "--limit", "0"],
        "option '--limit <n>' argument '0' is invalid. It must be a whole number above 0",
        "cmc apply --help",
      ],
      [
        ["apply", "--jobs", "two"],
        "option '--jobs <n>' argument 'two' is invalid. It must be a whole number above 0",
        "cmc apply --help",
      ],
      [["explain"], "missing required argument 'job'", "cmc explain --help"],
    ])("a wrong command line %j is refused with exit 3", async (args, message, help) => {
      expect(await rig.cmc(args)).toMatchObject({
        code: 3,
        out: "",
        err: `error cli/usage: ${message}\n  remedy: See \`${help}\`.\n`,
      });
    });

    it("a size or site that is none is refused with exit 3", async () => {
      expect(await rig.cmc(["apply", "--auto-approve", "--memory", "16 gigs"])).toMatchObject({ code: 3, out: "" });
      const site = await rig.cmc(["build", "--site", "perlmuter"]);
      expect({ code: site.code, first: site.err.split("\n")[0] }).toEqual({
        code: 3,
        first: expect.stringContaining("error site/unknown: ") as string,
      });
    });
  });

  describe("a git repository", () => {
    it("plan says that the campaign has uncommitted changes, apply refuses them, and --allow-dirty keeps their digest", async () => {
      const git = (...args: string[]) =>
        spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: rig.dir });
      rig.write(".gitignore", "runs\ngenerated\n.cache\nelsewhere\n");
      git("init", "-q");
      git("add", ".");
      git("commit", "-qm", "first");
      expect(await out("plan")).not.toContain("uncommitted");
      await out("apply", "--auto-approve", "--limit", "1");
      rig.edit("campaign.ts", "Shown to people", "Shown to everybody");
      const notice = "note: The campaign's folder has an uncommitted change; apply asks for --allow-dirty.\n";
      expect(await out("plan")).toContain(notice);
      expect(await out("plan", "-v")).toContain(notice);
      const refused = await rig.cmc(["apply", "--auto-approve"]);
      expect({ code: refused.code, first: refused.err.split("\n")[0] }).toEqual({
        code: 3,
        first: "error apply/dirty: the campaign has uncommitted changes: campaign.ts",
      });
      await out("apply", "--auto-approve", "--allow-dirty");
      const { applies } = JSON.parse(rig.read("runs/shown_v2.1/metadata/provenance.json")) as {
        applies: { git?: { commit: string; dirty: string[]; diffDigest?: string } }[];
      };
      expect(applies[0]!.git).toBeUndefined();
      expect(applies.at(-2)!.git).toMatchObject({
        commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        dirty: [],
      });
      expect(applies.at(-1)!.git).toMatchObject({
        dirty: ["campaign.ts"],
        diffDigest: expect.stringMatching(/^[0-9a-f]{32,}$/) as string,
      });
    });

    it("what cmc writes beside a campaign is no change of it: bundles, results of this and other versions, saved plans", async () => {
      const git = (...args: string[]) =>
        spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: rig.dir, encoding: "utf8" });
      rig.write(".gitignore", ".cache\nelsewhere\n");
      rig.edit("campaign.ts", `version: "v2.1"`, `version: "v2.2"`);
      git("add", ".gitignore", "campaign.ts");
      git("commit", "-qm", "second");
      await out("plan", "-o", "monday.plan");
      await out("apply", "--auto-approve", "--limit", "1");
      const untracked = git("status", "--short").stdout;
      for (const name of ["generated/", "monday.plan", "runs/"]) expect(untracked).toContain(`?? ${name}\n`);
      expect(await out("plan")).not.toContain("uncommitted");
      await out("plan", "-o", "tuesday.plan");
      await out("apply", "--auto-approve");
      const { applies } = JSON.parse(rig.read("runs/shown_v2.2/metadata/provenance.json")) as {
        applies: { git: { changes: number; diffDigest?: string } }[];
      };
      expect(applies.map(({ git }) => git.changes)).toEqual([0, 0]);
      expect(applies.every(({ git }) => git.diffDigest === undefined)).toBe(true);
      rig.write("notes.txt", "mine");
      expect(await out("plan")).toContain("has an uncommitted change;");
    });
  });
});
