// Results drift behind our back: folders are lost and restored, bits flip, strangers leave files. cmc verify says which; what it is told to write down, the plan follows.
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OutputFact } from "../../src/state/receipt.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import { makeRig } from "../helpers/cli.ts";
import { contentOfDatabase, query } from "../helpers/database.ts";
import { differences, snapshot } from "../helpers/folder.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";
import { processesWith, until } from "../helpers/processes.ts";

/** Six catalogues in three folders, and a folder of files each; a summary without a digest. */
const campaign = (outputs: string) => `
import { axis, command, defineCampaign, defineStage, dir, file, json } from "cmc";
const z = axis.list("z", [0.5, 1.1, 2]);
const n = axis.range("n", { count: 2 });
export const mock = defineStage({ name: "mock", matrix: [z, n] }, {
  outputs: { catalog: file(({ z, n }) => \`mocks/z\${z}/\${n}.txt\`), maps: dir(({ z, n }) => \`maps/z\${z}_\${n}\`) },
}, { run: command(({ point, outputs }) => ["sh", "-c", 'echo "catalogue $1 $2" > "$3"; mkdir "$4/sub"; echo $1 > "$4/sub/z"; echo $2 > "$4/n"', "sh", point.z, point.n, outputs.catalog, outputs.maps]) });
export const summary = defineStage({ name: "summary" }, {
  inputs: { mocks: mock.outputs.catalog.all("z", "n") }, outputs: { table: json(() => "summary.json", { digest: false }) },
}, { run: command(({ outputs }) => ["sh", "-c", 'echo "{}" > "$1"', "sh", outputs.table]) });
export default defineCampaign({ name: "drift", version: "v1.0", stages: [mock, summary], outputs: { base: "runs"${outputs} } });
`;
const DIGESTS = campaign(", digests: true");

const rig = makeRig({ "campaign.ts": DIGESTS });
const root = join(rig.dir, "runs", "drift_v1.0");
const pristine = join(rig.dir, "pristine");
const at = (path: string) => join(root, path);
afterAll(rig.dispose);
beforeAll(async () => {
  expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
  spawnSync("cp", ["-a", root, pristine]);
});
beforeEach(() => {
  rmSync(root, { recursive: true });
  spawnSync("cp", ["-a", pristine, root]);
  rig.write("campaign.ts", DIGESTS);
});

/** Turns a bit and puts the time back: what a failing disk does. */
function flip(path: string, byte = 0): void {
  const { mtime, atime } = statSync(at(path));
  // Nanoseconds are lost by utimes: `touch -r` keeps them.
  spawnSync("touch", ["-r", at(path), join(rig.dir, "time")]);
  const bytes = readFileSync(at(path));
  const file = openSync(at(path), "r+");
  writeSync(file, Buffer.of(bytes[byte]! ^ 1), 0, 1, byte);
  closeSync(file);
  utimesSync(at(path), atime, mtime);
  spawnSync("touch", ["-r", join(rig.dir, "time"), at(path)]);
}

const sha = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");
const verdictOf = (objects: readonly Record<string, unknown>[]) => objects.find(({ type }) => type === "verified")!;
const readOf = (objects: readonly Record<string, unknown>[]) => objects.find(({ type }) => type === "read")!;
const verify = (...args: string[]) => rig.json(["verify", ...args]);
const stage = async (name: string) => (await verify()).find((object) => object["stage"] === name)!;
const KEY = "mock[n=1,z=1.1]";
const PATH = "mocks/z1.1/1.txt";

describe("a listing", () => {
  it("of what nobody has touched is clean, exit 0", async () => {
    const { code, out, err } = await rig.cmc(["verify"]);
    expect({ code, out, err }).toEqual({
      code: 0,
      err: "",
      out: `drift v1.0  7 of 7 results are as the receipts say  ${root}\n\n  mock          6 of 6\n  summary       1 of 1\n`,
    });
  });

  it("loses a directory: verify says which, exit 9, and touches nothing; the plan reruns them, apply restores", async () => {
    rmSync(at("mocks/z0.5"), { recursive: true });
    const before = snapshot(rig.dir, [".cache"]);
    const { code, out } = await rig.cmc(["verify"]);
    expect(code).toBe(9);
    expect(out).toContain("  mock          4 of 6  2 missing\n");
    expect(out).toContain(
      "Not as their receipts say\n  mocks/z0.5/0.txt is not there\n  mocks/z0.5/1.txt is not there\n",
    );
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
    expect(await planLines(rig)).toEqual(["mock rerun output_missing 2"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(await rig.cmc(["verify", "--deep"])).toMatchObject({ code: 0 });
    expect(rig.read("runs/drift_v1.0/mocks/z0.5/1.txt")).toBe("catalogue 0.5 1\n");
  });

  it("restores the directory from a backup with its times: nothing to do", async () => {
    spawnSync("mv", [at("mocks/z0.5"), join(rig.dir, "lost")]);
    expect((await rig.cmc(["verify"])).code).toBe(9);
    spawnSync("cp", ["-a", join(rig.dir, "lost"), at("mocks/z0.5")]);
    rmSync(join(rig.dir, "lost"), { recursive: true });
    expect((await rig.cmc(["verify"])).code).toBe(0);
    expect(await planLines(rig)).toEqual([]);
  });

  it("tells sizes, times and files inside folders apart; a stranger's file in an output folder changes the output", async () => {
    writeFileSync(at("mocks/z0.5/0.txt"), "short");
    utimesSync(at("mocks/z0.5/1.txt"), 1_000_000_000, 1_000_000_000);
    writeFileSync(at("maps/z2_0/mine"), "");
    rmSync(at("maps/z2_1/n"));
    expect(await stage("mock")).toMatchObject({ results: 6, ok: 2, size: 1, mtime: 1, files: 2 });
    const { out } = await rig.cmc(["verify", "-v"]);
    expect(out).toMatch(/mocks\/z0.5\/0.txt has 5 bytes?, had 16|mocks\/z0.5\/0.txt has 5 B, had 16 B/);
    expect(out).toContain("mocks/z0.5/1.txt was written at 2001-09-09T01:46:40Z, not at ");
    expect(out).toContain("maps/z2_0 has 3 files, had 2\n");
    expect(out).toContain("maps/z2_1 has 1 file, had 2\n");
    expect(out).not.toContain("Foreign");
  });

  it("can be narrowed by stage and point; strangers are not looked for then", async () => {
    rmSync(at("mocks"), { recursive: true });
    writeFileSync(at("stranger"), "");
    const objects = await verify("--stage", "mock", "--where", "z=2,n=0");
    expect(verdictOf(objects)).toMatchObject({ results: 1, missing: 1 });
    expect(objects.filter(({ type }) => type === "finding")).toMatchObject([{ key: "mock[n=0,z=2]" }]);
    expect(objects.some(({ type }) => type === "strays")).toBe(false);
    expect((await rig.cmc(["verify", "--stage", "summary"])).code).toBe(0);
    const named = await rig.cmc(["verify", "mock[z=2,n=0]", "summary"]);
    expect(named.out).toContain("1 of 2 results of 2 named jobs are as the receipts say");
    expect(await rig.cmc(["verify", "--stage", "mocks"])).toMatchObject({ code: 3 });
  });

  it("lists foreign files and what jobs left behind, and leaves them alone", async () => {
    mkdirSync(at("notes"));
    writeFileSync(at("notes/today.txt"), "remember");
    writeFileSync(at("notes/yesterday.txt"), "forgotten");
    writeFileSync(at("mocks/z2/0.txt.bak"), "");
    rig.edit("campaign.ts", '"z", [0.5, 1.1, 2]', '"z", [0.5, 1.1]');
    const before = snapshot(root);
    const { code, out } = await rig.cmc(["verify"]);
    expect(code).toBe(0);
    expect(out).toContain("Foreign files: no result accounts for them; cmc leaves them alone (3 files, 17 B)\n");
    expect(out).toMatch(/ {2}notes\/ {2}2 files, 17 B: \w+\.txt \.\.\.\n/);
    expect(out).toContain("  mocks/z2/  1 file, 0 B: 0.txt.bak\n");
    expect(out).toContain("Left behind by jobs that are no longer in the campaign (6 files, ");
    const all = await rig.cmc(["verify", "--foreign"]);
    expect(all.out).toContain("  notes/today.txt\n");
    expect(all.out).toContain("  maps/z2_1/sub/z  mock[n=1,z=2]\n");
    const objects = (await verify("--foreign")).filter(({ type }) => type === "stray");
    expect(objects.map(({ kind }) => kind).sort()).toEqual([...Array<string>(3).fill("foreign"), ...Array<string>(6).fill("left-behind")]); // prettier-ignore
    expect(differences(before, snapshot(root))).toEqual([]);
  });

  it("refuses options that would do nothing, and a campaign that was never applied", async () => {
    for (const [option, ...args] of [["--record", "x"], ["--restart"], ["--jobs", "2"]])
      expect(await rig.cmc(["verify", option!, ...args])).toMatchObject({ code: 3, out: "" });
    const { code, err } = await rig.cmc(["verify", "--base", "elsewhere"]);
    expect(code).toBe(1);
    expect(err).toContain("state/no-journal");
    expect(existsSync(join(rig.dir, "elsewhere"))).toBe(false);
  });
});

describe("contents", () => {
  it("one bit flipped, the time put back: the plan sees nothing, --deep does, --write makes it rerun exactly that job", async () => {
    flip(PATH);
    expect(await planLines(rig)).toEqual([]);
    expect((await rig.cmc(["verify"])).code).toBe(0);
    const before = snapshot(root, ["metadata/verify.ndjson"]);
    const deep = await rig.cmc(["verify", "--deep"]);
    expect(deep.code).toBe(9);
    // A cache; the folder has a new name in it.
    expect(differences(before, snapshot(root, ["metadata/verify.ndjson"]))).toEqual(["~ metadata"]);
    expect(deep.out).toContain("  mock          5 of 6  1 of other content\n");
    expect(deep.out).toMatch(/ {2}mocks\/z1.1\/1.txt has other content: [0-9a-f]{12} -> [0-9a-f]{12}\n/);
    expect(deep.out).toContain("Contents: 12 outputs read and compared");
    expect(deep.out).toContain("1 result without recorded digests");
    expect(deep.out).toContain("`cmc verify --write` records what was found");
    expect(await planLines(rig)).toEqual([]);

    // What --deep found is looked at once more, and nothing else is.
    const written = await verify("--write");
    expect(readOf(written)).toMatchObject({ hashed: 1 });
    expect(written.find(({ type }) => type === "recorded")).toMatchObject({ doubted: 1 });
    expect(await planJobs(rig)).toEqual([`${KEY} rerun output_invalid`]);
    expect((await rig.cmc(["plan", "-v"])).out).toMatch(/mocks\/z1.1\/1.txt has other content: [0-9a-f]{12} -> /);
    expect(await stage("mock")).toMatchObject({ ok: 5, content: 1 });
    expect((await rig.cmc(["explain", KEY])).out).toMatch(/verify .*mocks\/z1.1\/1.txt: content/);
    const status = (await rig.cmc(["status"])).out;
    expect(status).toMatch(/^drift v1.0 {2}\d+ of \d+ jobs done/);
    expect(status).toMatch(/\n {2}mock .* 5\/6 {2}1 waiting/);
    expect(status).toMatch(/\nDoubted\n {2}1: its result is not what its receipt says, as \S+ found \(cmc verify\)\n/);
    expect((await rig.cmc(["plan", "--list", "--state", "waiting"])).out).toBe(`${KEY}\n`);
    expect((await rig.cmc(["rebuild"])).code).toBe(0);
    const stale = "SELECT key FROM jobs WHERE state = 'stale'";
    expect(await query(at("metadata/campaign.db"), stale)).toEqual([[KEY]]);
    // Nothing new to say.
    expect((await verify("--write")).find(({ type }) => type === "recorded")).toMatchObject({ doubted: 0 });

    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(await rig.cmc(["verify", "--deep"])).toMatchObject({ code: 0 });
    expect(await planLines(rig)).toEqual([]);
    expect(rig.read(`runs/drift_v1.0/${PATH}`)).toBe("catalogue 1.1 1\n");
    expect((await rig.cmc(["status"])).out).toContain("Everything is done.");
  });

  it("a bit in a folder's file is found as well; put right, the doubt is withdrawn", async () => {
    flip("maps/z2_0/sub/z");
    expect((await rig.cmc(["verify", "--deep", "--write"])).code).toBe(9);
    expect(await planJobs(rig)).toEqual(["mock[n=0,z=2] rerun output_invalid"]);
    flip("maps/z2_0/sub/z");
    const { out } = await rig.cmc(["verify", "--write"]);
    expect(out).toContain("Recorded: 1 result no longer doubted.\n");
    expect(await planLines(rig)).toEqual([]);
    expect((await rig.cmc(["verify"])).code).toBe(0);
  });

  it("restored without their times: --deep proves what they are, --write keeps them; others run again", async () => {
    const copy = join(rig.dir, "copy");
    cpSync(at("mocks"), copy, { recursive: true });
    rmSync(at("mocks"), { recursive: true });
    cpSync(copy, at("mocks"), { recursive: true });
    rmSync(copy, { recursive: true });
    flip(PATH);
    expect(await planLines(rig)).toEqual(["mock rerun output_changed 6"]);
    const { out } = await rig.cmc(["verify", "--deep"]);
    expect(out).toContain("`cmc verify --write` records that 5 results have the content recorded");
    expect((await verify("--write")).find(({ type }) => type === "recorded")).toMatchObject({
      restored: 5,
      doubted: 0,
    });
    expect(await planJobs(rig)).toEqual([`${KEY} rerun output_changed`]);
    expect(await stage("mock")).toMatchObject({ ok: 5, mtime: 1 });
    utimesSync(at("mocks/z0.5/0.txt"), 1, 1);
    expect(await planLines(rig)).toEqual(["mock rerun output_changed 2"]);
  });

  it("that cannot be read prove nothing; a root that cannot be written can be verified, too", async () => {
    const as = process.getuid?.() === 0 ? 65534 : undefined;
    for (const folder of [rig.dir, root]) chmodSync(folder, 0o755);
    rmSync(join(rig.dir, ".cache"), { recursive: true, force: true });
    chmodSync(at(PATH), 0);
    chmodSync(at("metadata"), 0o555);
    const { code, out } = await rig.cmc(["verify", "--deep", "--write"], {}, as);
    chmodSync(at("metadata"), 0o755);
    chmodSync(at(PATH), 0o644);
    expect(code).toBe(9);
    expect(out).toContain("5 of 6  1 unreadable\n");
    expect(out).toContain(`${PATH} cannot be read: EACCES`);
    expect(out).toContain("If it is interrupted it cannot be gone on with: EACCES");
    expect(await planLines(rig)).toEqual([]);
  });
});

describe("an interrupted verification", () => {
  const deep = ["verify", "--deep", "--jobs", "1"];
  const file = () => join(root, "metadata", "verify.ndjson");
  const lines = () => readFileSync(file(), "utf8").trim().split("\n").filter((line) => line.endsWith('"}') && line.includes('"d":')).map((line) => JSON.parse(line) as { a: string; o: string }); // prettier-ignore

  it("goes on after kill -9 where it was: no output is read twice; --restart begins anew", async () => {
    const killed = await rig.cmc(deep, { CMC_FAULT: "verify/hashed:5" });
    expect(killed).toMatchObject({ signal: "SIGKILL", err: "fault point verify/hashed\n" });
    expect(lines()).toHaveLength(5);
    // Torn by a power cut, on top.
    writeFileSync(file(), readFileSync(file()).subarray(0, -20));
    expect(await rig.cmc(deep, { CMC_FAULT: "verify/hashed:3" })).toMatchObject({ signal: "SIGKILL" });
    // What has been read is not read again: this would be noticed.
    const first = lines()[0]!;
    const job = [...readJournals(root).fold().state.jobs.values()].find((one) => one.accepted?.attemptId === first.a)!;
    flip(job.receipt!.outputs.find(({ name }) => name === first.o)!.path);
    const { code, out } = await rig.cmc(deep);
    expect(code).toBe(0);
    expect(out).toContain("Contents: 5 outputs read and compared");
    expect(out).toContain("; 7 had been read by the verification that was interrupted (--restart begins anew).");
    const read = lines().map(({ a, o }) => `${a} ${o}`);
    expect([read.length, new Set(read).size]).toEqual([12, 12]);
    // Finished: the next one reads everything.
    expect(await rig.cmc(deep)).toMatchObject({ code: 9 });
  });

  it("begins anew with --restart", async () => {
    await rig.cmc(deep, { CMC_FAULT: "verify/hashed:5" });
    expect(readOf(await verify("--deep", "--restart"))).toMatchObject({ hashed: 12, taken: 0 });
  });

  it("by Ctrl-C ends at once, also in the middle of a large file: exit 8, how far it was, no event; the next one goes on", async () => {
    // A hole of 40 GB takes no room and half a minute to read.
    rig.write("large/campaign.ts", campaign("").replace("echo \"catalogue $1 $2\" > \"$3\"", "[ $1$2 = 0.51 ] && truncate -s 40G \"$3\" || echo $1 > \"$3\"").replace("drift", "large")); // prettier-ignore
    expect(await rig.cmc(["apply", "large", "--auto-approve"])).toMatchObject({ code: 0 });
    const log = join(rig.dir, "large", "runs", "large_v1.0", "metadata", "verify.ndjson");
    const record = ["verify", "large", "--deep", "--record", "x", "--jobs", "1", "--stage", "mock"];
    const before = snapshot(join(rig.dir, "large"), ["runs/large_v1.0/metadata", "runs/large_v1.0/mocks"]);
    const { child, done } = rig.start(record);
    await until("the first job's outputs are read", () => existsSync(log) && readFileSync(log, "utf8").split("\n").length > 3); // prettier-ignore
    child.kill("SIGINT");
    const { code, out } = await done;
    expect(code).toBe(8);
    expect(out).toMatch(/Interrupted: 2 outputs read \(\d+ B\), 10 left; the same command goes on from there\.\n$/);
    expect(differences(before, snapshot(join(rig.dir, "large"), ["runs/large_v1.0/metadata", "runs/large_v1.0/mocks"]))).toEqual([]); // prettier-ignore
    const rest = await rig.json(["verify", "large", "--deep", "--record", "x", "--where", "n=0"]);
    expect(readOf(rest)).toMatchObject({ hashed: 4, taken: 2 });
  });

  it("leaves the doubts whole when it is killed after they were written", async () => {
    flip(PATH);
    const killed = await rig.cmc(["verify", "--deep", "--write"], { CMC_FAULT: "verify/recorded" });
    expect(killed).toMatchObject({ signal: "SIGKILL" });
    expect(await planJobs(rig)).toEqual([`${KEY} rerun output_invalid`]);
    // The lock of the dead is taken over, what was read counts, and what was said is not said again.
    const again = await verify("--deep", "--write");
    expect([readOf(again), again.find(({ type }) => type === "recorded")]).toMatchObject([{ hashed: 0, taken: 12 }, { doubted: 0 }]); // prettier-ignore
  });
});

describe("digests", () => {
  const outputs = (): readonly OutputFact[] =>
    [...readJournals(root).fold().state.jobs.values()].flatMap((job) => job.receipt!.outputs);

  it("are recorded in receipts where the campaign asks for them, as a phase of their own, and are no reason to rerun", async () => {
    const [catalog] = outputs().filter(({ path }) => path === PATH);
    expect(catalog!.sha256).toBe(sha("catalogue 1.1 1\n"));
    const maps = outputs().find(({ path }) => path === "maps/z2_1")!;
    expect(maps.sha256).toBe(sha(`n\0${sha("1\n")}\nsub/z\0${sha("2\n")}\n`));
    expect(outputs().find(({ name }) => name === "table")!.sha256).toBeUndefined();
    expect(await query(at("metadata/campaign.db"), "SELECT DISTINCT phase FROM phases WHERE phase = 'digest'")).toEqual([["digest"]]); // prettier-ignore
    rig.write("campaign.ts", campaign(""));
    expect(await planLines(rig)).toEqual([]);
    expect(await rig.cmc(["apply", "--replace", "mock", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(outputs().filter(({ sha256 }) => sha256 !== undefined)).toEqual([]);
    rig.write("campaign.ts", DIGESTS);
    expect(await planLines(rig)).toEqual([]);
    const { code, out } = await rig.cmc(["verify", "--deep"]);
    expect(code).toBe(0);
    expect(out).toContain("7 results without recorded digests");
  });

  it("of adopted outputs are recorded, too", async () => {
    for (const folder of ["journal", "metadata", "logs", "staging"]) rmSync(at(folder), { recursive: true, force: true }); // prettier-ignore
    expect(await rig.cmc(["apply", "--adopt", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(outputs().find(({ path }) => path === PATH)).toMatchObject({ sha256: sha("catalogue 1.1 1\n") });
  });

  it("can be recorded later, for a reason: trust on first use, in the journal and the database", async () => {
    const { code, out } = await rig.cmc(["verify", "--deep", "--record", "fresh from the cluster"]);
    expect(code).toBe(0);
    expect(out).toContain("Recorded: digests of 1 result, as they are now.\n");
    flip("summary.json");
    const [found] = (await verify("--deep")).filter(({ type }) => type === "finding");
    expect(found).toMatchObject({ key: "summary", what: "content", old: sha("{}\n").slice(0, 12) });
    // A second recording does not overwrite the first.
    expect((await rig.cmc(["verify", "--deep", "--record", "again"])).code).toBe(9);
    expect(await rig.cmc(["rebuild"])).toMatchObject({ code: 0 });
    const database = at("metadata/campaign.db");
    expect(await query(database, "SELECT sha256 FROM outputs WHERE name = 'table'")).toEqual([[sha("{}\n")]]);
    expect(await query(database, "SELECT verb, reason FROM verbs")).toEqual([
      ["digests-recorded", "fresh from the cluster"],
    ]);
    const before = await contentOfDatabase(database);
    rmSync(database);
    await rig.cmc(["rebuild"]);
    expect(await contentOfDatabase(database)).toEqual(before);
  });
});

describe("a stage that is renamed", () => {
  it("takes its digests and restored times along; before the apply its results are looked for under their old name", async () => {
    await rig.cmc(["verify", "--deep", "--record", "fresh", "--stage", "summary"]);
    utimesSync(at("summary.json"), 1_000_000_000, 1_000_000_000);
    await rig.cmc(["verify", "--deep", "--write", "--stage", "summary"]);
    expect(await planLines(rig)).toEqual([]);
    const renamed = DIGESTS.replace('name: "summary" }', 'name: "report" }')
      .replace("defineStage, dir", "defineStage, dir, moved")
      .replace("export default", 'moved({ from: { stage: "summary" }, to: { stage: "report" } });\nexport default');
    rig.write("campaign.ts", renamed);
    const before = await verify();
    expect(verdictOf(before)).toMatchObject({ results: 7, ok: 7 });
    expect(before.some(({ type }) => type === "strays")).toBe(false);
    expect(await planLines(rig)).toEqual(["report move moved 1"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(await planLines(rig)).toEqual([]);
    expect(readOf(await verify("--deep"))).toMatchObject({ hashed: 13, undigested: 0 });
  });
});

describe("--validate", () => {
  it("runs validators again: what no longer passes is doubted, with the validator's words", async () => {
    // `[}` has as many bytes as `{}`.
    const bytes = readFileSync(at("summary.json"));
    spawnSync("touch", ["-r", at("summary.json"), join(rig.dir, "time")]);
    writeFileSync(at("summary.json"), Buffer.concat([Buffer.from("["), bytes.subarray(1)]));
    spawnSync("touch", ["-r", join(rig.dir, "time"), at("summary.json")]);
    expect((await rig.cmc(["verify", "--deep"])).code).toBe(0);
    const { code, out } = await rig.cmc(["verify", "--validate", "--write"]);
    expect(code).toBe(9);
    expect(out).toMatch(/ {2}summary.json is no longer valid: is not JSON: /);
    expect(await planJobs(rig)).toEqual(["summary rerun output_invalid"]);
    expect((await rig.cmc(["explain", "summary"])).out).toContain("summary.json is no longer valid: is not JSON");
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(await rig.cmc(["verify", "--validate"])).toMatchObject({ code: 0 });
  });
});

describe("while a run is in progress", () => {
  const WAITING = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 3 });
export const wait = defineStage({ name: "wait", matrix: [n] }, { outputs: { out: file(({ n }) => \`out/\${n}.txt\`) } }, {
  run: command(({ outputs, point }) => ["sh", "-c", 'while [ $1 = 1 ] && [ -e "$CMC_CAMPAIGN_DIR/stop" ]; do sleep 0.05; done; echo $1 > "$2"', "wait", point.n, outputs.out]),
});
export default defineCampaign({ name: "busy", version: "v1.0", stages: [wait], outputs: { base: "runs" } });
`;
  afterEach(() => rmSync(join(rig.dir, "stop"), { force: true }));

  it("judges what is finished, says that a run goes on, and does not write beside it", async () => {
    rig.write("busy/campaign.ts", WAITING);
    expect(await rig.cmc(["apply", "busy", "--auto-approve"])).toMatchObject({ code: 0 });
    const busy = join(rig.dir, "busy", "runs", "busy_v1.0");
    rmSync(join(busy, "out"), { recursive: true });
    mkdirSync(join(busy, "out"));
    rig.write("busy/stop", "");
    const { done } = rig.start(["apply", "busy", "--auto-approve", "--jobs", "1"]);
    const state = () => readJournals(busy).fold().state;
    await until("the second job runs", () => [...state().jobs.values()].some(({ open, key }) => open && key === "wait[n=1]")); // prettier-ignore
    const objects = await rig.json(["verify", "busy"]);
    // Made again, at work, not begun yet.
    expect(verdictOf(objects)).toMatchObject({ live: true, ok: 1, busy: 1, missing: 1 });
    expect((await rig.cmc(["verify", "busy"])).out).toContain("A run is in progress: 1 result at work was not judged.");
    const { code, err } = await rig.cmc(["verify", "busy", "--write"]);
    expect(code).toBe(6);
    expect(err).toContain("runs `apply` since");
    rmSync(join(rig.dir, "busy", "stop"));
    expect(await done).toMatchObject({ code: 0 });
    await until("all processes have ended", () => processesWith(busy).length === 0);
    expect(await rig.cmc(["verify", "busy"])).toMatchObject({ code: 0 });
  });
});
