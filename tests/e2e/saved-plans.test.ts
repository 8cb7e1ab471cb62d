// A plan is saved, looked at, and applied: here, later, or on another machine without the campaign's source. Files that are not whole are refused.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"; // prettier-ignore
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { differences, filesIn, snapshot } from "../helpers/folder.ts";
import { planLines } from "../helpers/plan-lines.ts";

/** A task, of which the source is not needed where it is applied, and a command that needs none. */
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, task, variable, type JobContext } from "cmc";
import { text } from "./text.ts";
const n = axis.range("n", { count: variable("count", { type: "number", default: 3 }) });
function write(ctx: JobContext<{ seed: number }, {}, "out", { n: number }>): void {
  ctx.writeText(ctx.outputs.out, text(ctx.params.seed + ctx.point.n));
}
export const mock = defineStage({ name: "mock", matrix: [n] }, { outputs: { out: file(({ n }) => \`mock/\${n}.txt\`) } },
  { run: task(write, { params: { seed: 17 } }), resources: { walltime: "1m", cpus: 1 } });
export const copy = defineStage({ name: "copy", matrix: [n] }, { inputs: { src: mock.outputs.out.each() }, outputs: { out: file(({ n }) => \`copy/\${n}.txt\`) } },
  { run: command(({ inputs, outputs }) => ["cp", inputs.src, outputs.out]), resources: { walltime: "1m", cpus: 1 } });
export default defineCampaign({ name: "saved", version: "v1.0", stages: [mock, copy], outputs: { base: "../runs" } });
`;
const TEXT = "export const text = (x: number): string => `seed ${x}\\n`;\n";
const SITE = `executor: slurm\nresources: { walltime: 10m }\n`;

const rig = makeRig();
const root = join(rig.dir, "runs/saved_v1.0");
const at = (name: string) => join(rig.dir, name);
afterAll(rig.dispose);
beforeEach(() => {
  for (const name of ["c", "runs", "away", "out.plan"]) rmSync(at(name), { recursive: true, force: true });
  rig.write("c/campaign.ts", CAMPAIGN);
  rig.write("c/text.ts", TEXT);
});

/** The free space of a disk that others use, too, is another one each time. */
const steady = (text: string) =>
  text.replace(/[\d.]+ [kMGTP]?B free/g, "N free").replace(/"space":\{[^}]*\}/g, '"space":{}');

const ok = async (...args: string[]): Promise<string> => {
  const ended = await rig.cmc(args);
  const done = { ...ended, out: steady(ended.out) };
  expect({ args, code: done.code, err: done.err }).toEqual({ args, code: 0, err: "" });
  return done.out;
};
const save = (...args: string[]) => ok("plan", "c", "-o", "out.plan", ...args);
const refused = async (...args: string[]) => {
  const { code, out, err } = await rig.cmc(args);
  return { code, out, first: err.split("\n")[0] };
};

describe("saving and showing", () => {
  it("shows what plan showed, and whence it comes; writes one file and no root", async () => {
    const before = snapshot(rig.dir, [".cache", "out.plan"]);
    const saved = await save();
    expect(differences(before, snapshot(rig.dir, [".cache", "out.plan"]))).toEqual(["~ ."]);
    const plain = await ok("plan", "c");
    expect(saved).toMatch(/\nSaved out\.plan, [\d.]+ kB\. Next: `cmc show out\.plan` prints it, `cmc apply out\.plan` does exactly this, or refuses\.\n$/); // prettier-ignore
    expect(saved.startsWith(plain)).toBe(true);
    const shown = await ok("show", "out.plan");
    expect(shown.startsWith(plain)).toBe(true);
    expect(shown.slice(plain.length).split("\n").map((line) => line.slice(0, 9).trim())).toEqual(["", "saved", "command", "root", "site", "campaign", "plan", ""]); // prettier-ignore
    expect(shown).toContain("command  cmc plan c -o out.plan (in ");
    expect(shown).toContain(`root     ${root}\n`);
    expect(statSync(at("out.plan")).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it("has the filters, lists, JSON and markdown of plan", async () => {
    await save("--limit", "4");
    for (const args of [["-v"], ["--list"], ["--list", "-v"], ["--stage", "copy"], ["--where", "n=1", "-v"], ["--reason", "excluded", "-v"]]) {
      const plan = await ok("plan", "c", "--limit", "4", ...args);
      expect([args, (await ok("show", "out.plan", ...args)).startsWith(plan)]).toEqual([args, true]);
    } // prettier-ignore
    const plan = await rig.json(["plan", "c", "-v", "--limit", "4"]);
    const show = await rig.json(["show", "out.plan", "-v"]);
    expect(steady(JSON.stringify(show.slice(1, -1)))).toBe(steady(JSON.stringify(plan.slice(1))));
    expect(show.at(-1)).toMatchObject({ type: "saved-plan", tool: "0.1.0", root, site: { name: "local", profile: "local" }, options: { limit: 4 }, digests: { bundle: expect.stringMatching(/^[0-9a-f]{64}$/) as string } }); // prettier-ignore
    expect(Object.keys((show.at(-1) as { sources: object }).sources)).toEqual([at("c/campaign.ts"), at("c/text.ts")]);
    const table = await ok("plan", "c", "--limit", "4", "--format", "markdown");
    expect(table).toContain("\n| `+` | `mock` | `new` | 3 | `n 0..2` |  |\n");
    expect((await ok("show", "out.plan", "--format", "markdown")).startsWith(table)).toBe(true);
    expect(await ok("plan", "c", "--format", "json")).toBe(await ok("plan", "c", "--json"));
    const json = await rig.json(["plan", "c", "-o", "out.plan"]);
    expect(json.at(-1)).toMatchObject({ type: "saved", file: at("out.plan"), bytes: statSync(at("out.plan")).size });
  });

  it("shows how its site would carry it out", async () => {
    rig.write("site.yaml", SITE);
    await save("--site", "site.yaml");
    expect(await ok("show", "out.plan")).toContain("\nOn site site:\n  mock  3 jobs in 1 array task of up to 3");
    expect(await ok("show", "out.plan")).toContain(`site     site (${at("site.yaml")})\n`);
  });

  it("keeps `show JOB`, also beside a file of that name", async () => {
    rig.write("mock", "a file\n");
    expect(await ok("show", "mock[n=1]", "c")).toContain("mock/1.txt");
    expect(await refused("show", "mock", "c")).toMatchObject({ code: 3, first: "error cli/unknown-job: the campaign has no job mock" }); // prettier-ignore
    rmSync(at("mock"));
  });

  const REFUSED: readonly (readonly [args: readonly string[], first: string])[] = [
    [["show", "mock[n=1]", "c", "-v", "--stage", "mock"], "error cli/usage: -v, --stage: of a saved plan, not of a job"],
    [["show", "out.plan", "c"], "error cli/usage: out.plan is a saved plan: it holds its campaign"],
    [["show", "out.plan", "--set", "count=2"], "error cli/usage: --set cannot be said of a saved plan (out.plan)"],
    [["apply", "out.plan", "--replace", "mock", "--limit", "1", "--site", "local"], "error cli/usage: --replace, --limit, --site cannot be said of a saved plan (out.plan)"],
    [["apply", "out.plan", "--allow-dirty"], "error cli/usage: --allow-dirty cannot be said of a saved plan (out.plan)"],
    [["plan", "c", "--allow-dirty"], "error cli/usage: --allow-dirty is for -o FILE: to look at a plan nothing has to be committed"],
    [["plan", "c", "--stage", "mock", "-o", "x.plan"], "error cli/usage: -o saves the whole plan, and only some of its jobs would be shown"],
    [["plan", "c", "--list", "--format", "markdown"], "error cli/usage: --list prints bare keys, and --format markdown a table"],
    [["plan", "c", "-o", "c/campaign.ts"], "error cli/usage: -o c/campaign.ts: it is there, and it is no saved plan"],
    [["plan", "c", "-o", "c"], "error cli/usage: -o c: it is there, and it is no saved plan"],
    [["plan", "c", "-o", "nowhere/x"], `error cli/usage: -o nowhere/x: there is no folder ${at("nowhere")}`],
    [["plan", "c", "-o", "runs/saved_v1.0/x"], `error cli/usage: -o runs/saved_v1.0/x: it lies in the campaign root ${root}, which holds results`],
    [["plan", "c", "-o", "link/x"], `error cli/usage: -o link/x: it lies in the campaign root ${root}, which holds results`],
  ]; // prettier-ignore

  it("refuses what cannot be meant, and does nothing", async () => {
    await save();
    mkdirSync(root, { recursive: true });
    symlinkSync(root, at("link"));
    const before = snapshot(rig.dir, [".cache"]);
    for (const [args, first] of REFUSED)
      expect([args, await refused(...args)]).toEqual([args, { code: 3, out: "", first }]);
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
    rmSync(at("link"));
  });

  it("saves nothing of a plan that must not be applied", async () => {
    rig.edit(
      "c/campaign.ts",
      `outputs: { base: "../runs" }`,
      `outputs: { base: "../runs" }, budget: { nodeHours: 0.01 }`,
    );
    const { code, err } = await rig.cmc(["plan", "c", "-o", "out.plan"]);
    expect({ code, first: err.split(":")[0], there: existsSync(at("out.plan")) }).toEqual({ code: 5, first: "error plan/budget", there: false }); // prettier-ignore
  });

  it("killed while it is written, leaves the old file or the new one", async () => {
    const killed = (point: string) => rig.cmc(["plan", "c", "-o", "out.plan", "--limit", "1"], { CMC_FAULT: point });
    expect((await killed("file/written")).signal).toBe("SIGKILL");
    expect(existsSync(at("out.plan"))).toBe(false);
    await save();
    expect((await killed("file/written")).signal).toBe("SIGKILL");
    expect(await ok("show", "out.plan")).toContain("Plan: 6 new");
    expect((await killed("file/replaced")).signal).toBe("SIGKILL");
    expect(await ok("show", "out.plan")).toContain("Plan: 1 new");
    for (const name of filesIn(rig.dir).filter((path) => path.endsWith(".tmp"))) rmSync(at(name));
  });
});

describe("applying", () => {
  it("does it without asking, and says so in provenance; the second time there is nothing left of it", async () => {
    await save();
    const out = await ok("apply", "out.plan");
    expect(out).toMatch(
      /^Applying out\.plan, saved at \S+Z by \S+@\S+\.\nPlan: 6 new, 0 rerun, .*\nCost: .*\n(?:.*\n)*Applied\. 6 done/,
    );
    expect(readFileSync(join(root, "copy/2.txt"), "utf8")).toBe("seed 19\n");
    expect(await planLines(rig, ["c"])).toEqual([]);
    const [apply] = (JSON.parse(readFileSync(join(root, "metadata/provenance.json"), "utf8")) as { applies: { plan: string }[] }).applies; // prettier-ignore
    expect(readFileSync(at("out.plan"), "latin1").split(" ")[3]).toBe(apply!.plan);

    const before = snapshot(root);
    const again = await rig.cmc(["apply", "out.plan"]);
    expect(again).toMatchObject({ code: 4, out: "" });
    expect(again.err).toMatch(/^error plan\/stale: out\.plan was applied already, at \S+Z by \S+@\S+: all 6 jobs completed\n {2}related: 6 jobs completed: mock\[n=0\] and 5 others\n {2}remedy: Nothing of it is left to do; `cmc plan \S+\/c` says what is\.\n$/); // prettier-ignore
    expect(differences(before, snapshot(root))).toEqual(["~ metadata"]);
    await ok("rebuild", "c");
  });

  it("reruns what was asked for once, not twice", async () => {
    await ok("apply", "c", "--auto-approve");
    await save("--replace", "mock");
    await ok("apply", "out.plan");
    expect(await refused("apply", "out.plan")).toMatchObject({ code: 4, first: expect.stringContaining("all 6 jobs completed") as string }); // prettier-ignore
    await save("--replace", "mock");
    await ok("apply", "out.plan");
  });

  it("a plan of nothing does nothing, as often as one likes", async () => {
    await ok("apply", "c", "--auto-approve");
    await save();
    for (let times = 0; times < 2; times++) expect(await ok("apply", "out.plan")).toContain("No changes.");
  });

  it("on another machine: the root elsewhere, the campaign's source nowhere", async () => {
    await ok("apply", "c", "--auto-approve", "--limit", "2");
    await save("--base", "runs");
    mkdirSync(at("away/data"), { recursive: true });
    for (const name of ["c", ".cache", "out.plan"]) renameSync(at(name), at(`away/${name}`));
    renameSync(at("runs/saved_v1.0"), at("away/data/saved_v1.0"));
    const gone = await rig.cmc(["apply", "away/out.plan"]);
    expect({ code: gone.code, err: gone.err }).toEqual({
      code: 4,
      err: `error plan/stale: away/out.plan is of the campaign root ${root}, which is not there\n  remedy: Say where it is on this machine: --base DIR is the folder that it lies in.\n`,
    });
    expect(existsSync(root)).toBe(false);
    const out = await ok("apply", "away/out.plan", "--base", "away/data");
    expect(out).toContain("Applied. 4 done");
    expect(out).toContain(
      "The campaign's source is not here; where it is, `cmc status` and `cmc plan` say what is left.\n",
    );
    expect(readFileSync(at("away/data/saved_v1.0/copy/2.txt"), "utf8")).toBe("seed 19\n");
    expect([existsSync(at("c")), existsSync(root)]).toEqual([false, false]);
    expect(await ok("show", "away/out.plan")).toContain("Plan: 4 new");
    renameSync(at("away/c"), at("c"));
    expect(await planLines(rig, ["c", "--base", "away/data"])).toEqual([]);
  });

  it("refuses where a script that its jobs run is not there", async () => {
    rig.write("c/copy.sh", 'cp "$1" "$2"\n');
    rig.edit("c/campaign.ts", `["cp", inputs.src, outputs.out])`, `["sh", "copy.sh", inputs.src, outputs.out], { code: ["copy.sh"] })`); // prettier-ignore
    await save();
    renameSync(at("c"), at("away"));
    expect(await refused("apply", "out.plan")).toMatchObject({ code: 4, first: expect.stringMatching(/and since then: \S+\/c\/copy\.sh: not there, and jobs would run it$/) as string }); // prettier-ignore
    expect(existsSync(at("runs"))).toBe(false);
  });

  it("with --json: the plan, what happens, the outcome", async () => {
    await save();
    const objects = await rig.json(["apply", "out.plan"]);
    expect(new Set(objects.map(({ type }) => type))).toEqual(new Set(["version", "group", "summary", "started", "finished", "outcome"])); // prettier-ignore
    expect(objects.at(-1)).toMatchObject({ outcome: "done", done: 6 });
  });

  it("two at the same moment: one does it, the other refuses", async () => {
    await save();
    const codes = (await Promise.all([rig.cmc(["apply", "out.plan"]), rig.cmc(["apply", "out.plan"])])).map(({ code }) => code); // prettier-ignore
    expect(codes).toContain(0);
    expect([4, 6]).toContain(codes.find((code) => code !== 0));
    const journals = filesIn(join(root, "journal")).map((file) => readFileSync(join(root, "journal", file), "utf8")).join(""); // prettier-ignore
    expect(journals.split(`"attempt-started"`)).toHaveLength(7);
  });

  it("killed before it began, it is applied as if nothing had been; killed in between, it names what is done", async () => {
    await save();
    for (const point of ["apply/locked", "apply/bundle-written", "apply/started"])
      expect([point, (await rig.cmc(["apply", "out.plan"], { CMC_FAULT: point })).signal]).toEqual([point, "SIGKILL"]);
    expect(await ok("apply", "out.plan")).toContain("Applied. 6 done");

    rmSync(at("runs"), { recursive: true });
    await save();
    const killed = await rig.cmc(["apply", "out.plan"], { CMC_FAULT: "apply/finished" });
    expect(killed.signal).toBe("SIGKILL");
    expect(await refused("apply", "out.plan")).toMatchObject({ code: 4, first: expect.stringContaining("all 6 jobs completed") as string }); // prettier-ignore

    rmSync(at("runs"), { recursive: true });
    rig.write("c/text.ts", `export const text = (x: number): string => { if (x === 18) throw new Error("bad"); return "seed"; };\n`); // prettier-ignore
    await save();
    expect(await rig.cmc(["apply", "out.plan"])).toMatchObject({ code: 9 });
    const some = await rig.cmc(["apply", "out.plan"]);
    expect(some.code).toBe(4);
    expect(some.err).toMatch(/was applied already, .*: 4 of 6 jobs completed, 1 job failed, 1 more job is planned otherwise because of it\n/); // prettier-ignore
    expect(some.err).toMatch(/remedy: Nothing was done\. Make it again with `cmc plan c -o out\.plan`, look at it, and apply that\.\n$/); // prettier-ignore
  });
});

describe("a file that is not what it should be", () => {
  it("cut off, damaged, longer, of another kind, unreadable: refused, nothing done", async () => {
    await save();
    const whole = readFileSync(at("out.plan"));
    const middle = Buffer.from(whole);
    middle[whole.length >> 1]! ^= 1;
    const cases: readonly (readonly [Buffer, number, RegExp])[] = [
      [whole.subarray(0, 600), 3, /^error plan\/file: x\.plan is cut off: \d+ of \d+ bytes follow its first line$/],
      [middle, 3, /^error plan\/file: x\.plan is damaged: its content does not match the checksum in its first line$/],
      [Buffer.concat([whole, whole]), 3, /^error plan\/file: x\.plan goes on behind its end, \d+ bytes after its first line$/], // prettier-ignore
      [Buffer.from("{}\n"), 3, /^error plan\/file: x\.plan is (neither a campaign module nor a|no) saved plan$/],
      [Buffer.from("cmc-plan 99 7.0.0 x\n"), 1, /^error plan\/file-version: x\.plan was saved by cmc 7\.0\.0, in a form that cmc 0\.1\.0 does not know$/], // prettier-ignore
    ];
    for (const [bytes, code, first] of cases) {
      writeFileSync(at("x.plan"), bytes);
      for (const verb of ["apply", "show"])
        expect(await refused(verb, "x.plan")).toEqual({ code, out: "", first: expect.stringMatching(first) as string });
    }
    expect(existsSync(at("runs"))).toBe(false);
  });
});

describe("a campaign with uncommitted changes", () => {
  it("is saved only with --allow-dirty, and the plan says so; apply does not ask again", async () => {
    const git = (...args: string[]) => spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: at("c") }); // prettier-ignore
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    // A plan that lies beside the campaign is no change of it.
    for (let times = 0; times < 2; times++) await ok("plan", "c", "-o", "c/beside.plan");
    rmSync(at("c/beside.plan"));
    rig.write("c/notes.txt", "untracked\n");
    expect(await refused("plan", "c", "-o", "out.plan")).toEqual({ code: 3, out: "", first: "error apply/dirty: the campaign has uncommitted changes: notes.txt" }); // prettier-ignore
    expect(existsSync(at("out.plan"))).toBe(false);
    await save("--allow-dirty");
    expect(await ok("show", "out.plan")).toMatch(/campaign \S+\/c, commit [0-9a-f]{12} on \S+, with an\s+uncommitted\s+change:\s+notes\.txt\n/); // prettier-ignore
    rig.write("c/more.txt", "also untracked, and no file of the plan\n");
    await ok("apply", "out.plan");
    const { applies } = JSON.parse(readFileSync(join(root, "metadata/provenance.json"), "utf8")) as { applies: { git: object }[] }; // prettier-ignore
    expect(applies[0]!.git).toMatchObject({ dirty: ["notes.txt"], diffDigest: expect.any(String) as string });
  });
});

it.skipIf(process.getuid?.() !== 0)(
  "a file that may not be read, or a folder that may not be written, is said so",
  async () => {
    await save();
    chmodSync(rig.dir, 0o755);
    chmodSync(at("out.plan"), 0o600);
    const read = await rig.cmc(["apply", at("out.plan")], { CMC_CACHE_DIR: "/nowhere" }, 65534);
    expect({ code: read.code, first: read.err.split("\n")[0] }).toEqual({ code: 3, first: `error plan/file: ${at("out.plan")} cannot be read: permission denied` }); // prettier-ignore
    const write = await rig.cmc(["plan", "c", "-o", "mine.plan"], { CMC_CACHE_DIR: "/nowhere" }, 65534);
    expect({ code: write.code, first: write.err.split("\n")[0] }).toEqual({ code: 1, first: `error state/unwritable: Cannot write ${at("mine.plan")}: permission denied` }); // prettier-ignore
  },
);
