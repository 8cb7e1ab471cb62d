// Jobs that fail, each in its own way: the class, the words, what is left on disk, the next command; and the neighbours finish.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, makeRig, type Rig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { filesIn } from "../helpers/folder.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";
import { processesWith } from "../helpers/processes.ts";

/** Nobody else on this machine sleeps for so long. */
const SLEEP = `98765.${process.pid}`;

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, echo, file, hdf5, json, task, type FanInElement, type Hdf5Writer, type JobContext } from "cmc";

const kind = axis.list("kind", ["good", "exit", "signal", "timeout", "child", "absent", "small", "refused", "symlink"]);
const FIXED = process_fixed();
function process_fixed(): boolean { return false; }

// Commands: the script's first argument says how to end.
export const run = defineStage({ name: "run", matrix: [kind] }, {
  outputs: { out: file(({ kind }) => \`run/\${kind}.txt\`, { size: { min: "5 B" }, check: ["grep", "-q", "kind"] }) },
}, {
  run: command(({ point, outputs }) => ["sh", "job.sh", point.kind, outputs.out].map((a, i) => (i === 1 ? "JOB_SH" : a))),
  resources: { walltime: "1s" },
});

// The neighbour of each: goes on where its upstream is done.
export const after = defineStage({ name: "after", matrix: [kind] }, {
  inputs: { src: run.outputs.out.each() },
  outputs: { out: file(({ kind }) => \`after/\${kind}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.src, outputs.out]) });

const spoil = axis.list("spoil", ["none", "truncated", "dtype", "shape", "nan", "echo", "attribute", "missing", "text"]);
async function write(ctx: JobContext<{ redshift: number }, {}, "h5", { spoil: string }>): Promise<void> {
  const { spoil } = ctx.point;
  const path = ctx.outputs.h5;
  if (spoil === "text") return ctx.writeText(path, "this is no HDF5 file\\n");
  const h5 = await ctx.hdf5();
  h5.create(path, (f: Hdf5Writer) => {
    const count = spoil === "shape" ? 3 : 4;
    const values = Array.from({ length: count * 3 }, (_, i) => (spoil === "nan" && i === 5 ? NaN : i));
    if (spoil !== "missing") f.dataset("galaxies/pos", spoil === "dtype" ? { dtype: "f8", shape: [count, 3], data: Float64Array.from(values) } : { dtype: "f4", shape: [count, 3], data: Float32Array.from(values) });
    f.dataset("galaxies/mass", { dtype: "f4", shape: [4], data: Float32Array.from([1, 2, 3, 4]) });
    f.attribute("/", "z", spoil === "echo" ? 1.1 : ctx.params.redshift, "f8");
    if (spoil !== "attribute") f.attribute("/", "spoil", spoil, "str");
  });
  if (spoil === "truncated") await truncate(path);
}
async function truncate(path: string): Promise<void> {
  const { truncateSync, statSync } = await import("node:fs");
  truncateSync(path, statSync(path).size - 60);
}
export const catalog = defineStage({ name: "catalog", matrix: [spoil] }, {
  outputs: { h5: hdf5(({ spoil }) => \`catalog/\${spoil}.h5\`, {
    datasets: { "galaxies/pos": { dtype: "f4", shape: ["n", 3], finite: true }, "galaxies/mass": { shape: ["n"] } },
    attributes: { z: echo("params.redshift"), spoil: echo("spoil") },
  }) },
}, { run: task(write, { params: { redshift: 0.5 } }) });

// Records with gates and a schema.
const case_ = axis.list("case", ["good", "schema", "syntax", "gate", "warn", "nan", "throws"]);
function record(ctx: JobContext<{}, {}, "out", { case: string }>): void {
  const { case: what } = ctx.point;
  if (what === "throws") throw new Error("the covariance is singular");
  ctx.metric("chi2", what === "gate" ? 99 : what === "nan" ? NaN : 1, { unit: "1" });
  ctx.metric("purity", what === "warn" ? 0.2 : 0.9);
  ctx.log("made " + what);
  ctx.writeText(ctx.outputs.out, what === "syntax" ? '{"n": ' : JSON.stringify({ n: what === "schema" ? "three" : 3 }));
}
export const records = defineStage({ name: "record", matrix: [case_] }, {
  outputs: { out: json(({ case: what }) => \`record/\${what}.json\`, { schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } }) },
}, {
  run: task(record),
  gates: { fit: { metric: "chi2", max: 2 }, pure: { metric: "purity", min: 0.5, level: "warn" } },
});

function join(ctx: JobContext<{}, { parts: readonly FanInElement[] }, "out">): void {
  ctx.writeText(ctx.outputs.out, "joined " + ctx.inputs.parts.length + "\\n");
}
export const joined = defineStage({ name: "joined" }, {
  inputs: { parts: records.outputs.out.all("case") }, outputs: { out: file(() => "joined.txt") },
}, { run: task(join) });

export default defineCampaign({ name: "failing", version: "v1.0", stages: [run, after, catalog, records, joined], outputs: { base: "runs" } });
`;

const JOB = `
echo "kind $1 begins"
case "$1" in
  good) echo "kind good" > "$2" ;;
  exit) echo "kind exit" > "$2"; echo "cannot read the halo catalogue" >&2; exit 7 ;;
  signal) kill -SEGV $$ ;;
  timeout) echo "kind timeout" > "$2"; sleep ${SLEEP} & sleep ${SLEEP} ;;
  child) echo "kind child" > "$2"; sleep ${SLEEP} & ;;
  absent) ;;
  small) echo x > "$2" ;;
  refused) echo "nothing of the sort" > "$2" ;;
  symlink) echo "kind symlink" > elsewhere; ln -s "$PWD/elsewhere" "$2" ;;
esac
`;

/** key -> class and message, from `cmc status --json`. */
async function failuresOf(
  rig: Rig,
): Promise<ReadonlyMap<string, { readonly class: string; readonly message: string }>> {
  const objects = await rig.json(["status"]);
  return new Map(
    objects
      .filter(({ type }) => type === "failure")
      .map((f) => [String(f["key"]), { class: String(f["class"]), message: String(f["message"]) }]),
  );
}

describe("a campaign in which much goes wrong", () => {
  const rig = makeRig({ "job.sh": JOB });
  rig.write("campaign.ts", CAMPAIGN.replace('"JOB_SH"', JSON.stringify(join(rig.dir, "job.sh"))));
  const root = join(rig.dir, "runs", "failing_v1.0");
  let applied: Finished;
  afterAll(rig.dispose);
  beforeAll(async () => {
    applied = await rig.cmc(["apply", "--auto-approve"]);
  });

  it("ends with exit code 9 and says how many, and what to do next", () => {
    expect(applied.code).toBe(9);
    expect(applied.err).toBe("");
    expect(applied.out).toMatch(
      /\nApplied with failures\. 7 done \(1 with warnings\), 20 failed, 8 blocked in [\d.]+ s/,
    );
    expect(applied.out).toContain("\nFinished jobs are kept.\nNext: `cmc status` lists failures, `cmc explain ");
  });

  it.each([
    ["run[kind=exit]", "exit", "sh exited with 7: cannot read the halo catalogue"],
    ["run[kind=signal]", "signal", "ended by SIGSEGV"],
    ["run[kind=timeout]", "timeout", "killed after 1 s (walltime)"],
    ["run[kind=absent]", "validation", "out: output out was not written"],
    ["run[kind=small]", "validation", "out: 2 bytes is less than the least size 5 (and 1 more)"],
    ["run[kind=refused]", "validation", "out: refused by grep -q kind: grep exited with 1"],
    ["run[kind=symlink]", "validation", "out: output out is a symbolic link; write the file itself"],
    ["catalog[spoil=truncated]", "validation", /^h5: .*truncated/],
    ["catalog[spoil=dtype]", "validation", "h5: galaxies/pos is f8, must be f4"],
    ["catalog[spoil=shape]", "validation", "h5: galaxies/pos has shape [3, 3], but n = 4 by galaxies/mass"],
    ["catalog[spoil=nan]", "validation", "h5: galaxies/pos: 1 of 12 values are not finite; all must be"],
    ["catalog[spoil=echo]", "validation", /^h5: .*z.* 1\.1.* 0\.5/],
    ["catalog[spoil=attribute]", "validation", /^h5: .*spoil/],
    ["catalog[spoil=missing]", "validation", /^h5: .*galaxies\/pos/],
    ["catalog[spoil=text]", "validation", /^h5: .*HDF5/],
    ["record[case=schema]", "validation", /^out: .*n.*integer/],
    ["record[case=syntax]", "validation", /^out: .*JSON/],
    ["record[case=gate]", "validation", "gate fit: chi2 = 99 is greater than 2"],
    ["record[case=nan]", "validation", "gate fit: chi2 = NaN is not finite"],
    ["record[case=throws]", "exit", /^Error: the covariance is singular/],
  ])("%s fails as %s", async (key, how, message) => {
    const failure = (await failuresOf(rig)).get(key);
    expect(failure?.class).toBe(how);
    if (typeof message === "string") expect(failure?.message).toBe(message);
    else expect(failure?.message).toMatch(message);
  });

  it("leaves nothing half-made: only outputs of done jobs are published, staging is empty, nobody still runs", () => {
    const published = filesIn(root).filter((path) => !/^(metadata|journal|logs)\//.test(path));
    expect(published).toEqual([
      "after/child.txt", "after/good.txt", "catalog/none.h5", "record/good.json", "record/warn.json", "run/child.txt", "run/good.txt",
    ]); // prettier-ignore
    expect(readdirSync(join(root, "staging"))).toEqual([]);
    expect(processesWith(SLEEP)).toEqual([]);
  });

  it("blocks what comes after a failure and runs the neighbours", async () => {
    const jobs = await planJobs(rig, ["--stage", "after"]);
    expect(jobs).toEqual(
      ["exit", "signal", "timeout", "absent", "small", "refused", "symlink"].map(
        (kind) => `after[kind=${kind}] block upstream_failed`,
      ),
    );
    expect(await planJobs(rig, ["--stage", "joined"])).toEqual(["joined block upstream_failed"]);
    expect(existsSync(join(root, "joined.txt"))).toBe(false);
  });

  it("holds what has no tries left: apply again runs nothing and exits 9, plan says so", async () => {
    expect(await planLines(rig)).toContain("run hold attempts_exhausted 7");
    const again = await rig.cmc(["apply", "--auto-approve"]);
    expect(again.code).toBe(9);
    expect(again.out).toContain("Plan: 0 new, 0 rerun, 0 retry, 0 adopt, 28 blocked, 7 unchanged.\n");
    expect((await rig.cmc(["plan", "--detailed-exitcode"])).code).toBe(0);
    expect((await rig.cmc(["status", "--check"])).code).toBe(9);
  });

  it("a warning gate lets the job be done and is shown by apply and status", async () => {
    expect(applied.out).toContain("warn record[case=warn]: gate pure: purity = 0.2 is less than 0.5\n");
    expect((await rig.cmc(["status"])).out).toContain(
      "warn pure of record[case=warn]: purity = 0.2 is less than 0.5\n",
    );
  });

  it("explains a failure with its log, and what to do", async () => {
    const { out } = await rig.cmc(["explain", "run[kind=exit]"]);
    expect(out).toContain("run[kind=exit]  ! hold (attempts_exhausted)\n");
    expect(out).toContain("attempt 1, exit: sh exited with 7: cannot read the halo catalogue\n");
    expect(out).toContain("      | kind exit begins\n      | cannot read the halo catalogue\n");
    expect(out).toContain("`cmc logs 'run[kind=exit]'` shows what it printed.\n");
    expect((await rig.cmc(["logs", "run[kind=exit]"])).out).toBe("kind exit begins\ncannot read the halo catalogue\n");
  });

  it("keeps every failed check and gate in the manifest", async () => {
    const database = join(root, "metadata", "campaign.db");
    expect(await query(database, "SELECT gate, level, state FROM gate_failures ORDER BY key, gate")).toEqual([
      ["fit", "fail", "failed"],
      ["fit", "fail", "failed"],
      ["pure", "warn", "done"],
    ]);
    const checks = await query(
      database,
      "SELECT c.check_name FROM failed_checks c JOIN jobs j ON j.id = c.job WHERE j.key = 'run[kind=small]' ORDER BY 1",
    );
    expect(checks).toEqual([["command"], ["size/min"]]);
  });

  it("runs held jobs again after the cause is corrected in their code", async () => {
    rig.edit("campaign.ts", `if (what === "throws") throw`, `if (what === "never") throw`);
    expect(await planJobs(rig, ["--reason", "new,retry_exit,code_changed"])).toContain(
      "record[case=throws] create new",
    );
  });

  it("retry --because lets named jobs be tried again, and is kept in the journal", async () => {
    rig.edit("campaign.ts", `if (what === "never") throw`, `if (what === "throws") throw`);
    rig.edit("job.sh", "exit 7", "exit 0");
    const dry = await rig.cmc(["retry", ".", "run[kind=exit]", "--because", "disk was full", "--dry-run"]);
    expect(dry.out).toBe("Would retry: 1 job, run[kind=exit].\nNothing was recorded.\n");
    expect(await planJobs(rig, ["--where", "kind=exit"])).toContain("run[kind=exit] hold attempts_exhausted");
    const { code, out } = await rig.cmc(["retry", "run[kind=exit]", "--because", "disk was full"]);
    expect({ code, out }).toEqual({ code: 0, out: "Will be retried by the next apply: 1 job, run[kind=exit].\n" });
    expect(await planJobs(rig, ["--where", "kind=exit"])).toEqual([
      "run[kind=exit] retry retry_exit",
      "after[kind=exit] create new",
    ]);
    const applied = await rig.cmc(["apply", "--auto-approve"]);
    expect(applied.out).toMatch(/\nApplied\. 2 done in/);
    expect(rig.read("runs/failing_v1.0/after/exit.txt")).toBe("kind exit\n");
    const verbs = await query(join(root, "metadata", "campaign.db"), "SELECT verb, key, reason FROM verbs");
    expect(verbs).toEqual([["retry-requested", "run[kind=exit]", "disk was full"]]);
  });

  it("retry without jobs means all that are held; with a filter, those of the filter", async () => {
    const filtered = await rig.cmc(["retry", "--stage", "record", "--because", "x", "--dry-run"]);
    expect(filtered.out).toMatch(
      /^Would retry: 5 jobs, record\[case=schema\] and 4 others\.\n( {2}record\[\S+\]\n){5}Nothing was recorded\.\n$/,
    );
    const all = await rig.cmc(["retry", "--because", "x", "--dry-run"]);
    expect(all.out).toMatch(/^Would retry: 19 jobs, /);
    expect(await rig.cmc(["retry", "--stage", "joined", "--because", "x"])).toMatchObject({
      code: 0,
      out: "No failed or held job is meant.\n",
    });
  });

  it("retry of a job that did not fail says how to run it again", async () => {
    const { code, out } = await rig.cmc(["retry", "run[kind=good]", "--because", "curiosity"]);
    expect({ code, out }).toEqual({
      code: 0,
      out: "run[kind=good] has no failed attempt; `cmc apply --replace 'run[kind=good]'` runs it again.\n",
    });
  });

  it("retry needs a reason", async () => {
    expect(await rig.cmc(["retry", "run[kind=signal]"])).toMatchObject({
      code: 3,
      out: "",
      err: "error cli/usage: required option '--because <reason>' not specified\n  remedy: See `cmc retry --help`.\n",
    });
  });
});
