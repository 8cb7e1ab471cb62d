// A campaign made to be killed: every kind of job, short, and content that is a function of job and edition, so that half a file,
// or two files of different editions, cannot pass for a whole one. Jobs write down outside the root when they really begin and end.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHdf5 } from "../../src/validators/hdf5/entry.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, dir, echo, file, hdf5, task, variable, type FanInElement, type JobContext } from "cmc";

const boxes = variable("boxes", { type: "number", default: 2 });
/** Another edition is another content of every output. */
const edition = variable("edition", { type: "number", default: 1 });
/** Seconds a probe takes: long where a test has to hit it. */
const pause = variable("pause", { type: "number", default: 0.05 });
const box = axis.range("box", { count: boxes });
const field = axis.list("field", ["a", "b"]);
type Params = { edition: number };
const params = { edition };
const retry = { attempts: 50, backoff: { initial: "0.01s", max: "0.05s" } } as const;

/** The attempt's id is in the path of its staging directory. */
async function note(what: string, key: string, output: string): Promise<void> {
  const { appendFileSync } = await import("node:fs");
  const [root, staged] = output.split("/staging/");
  appendFileSync(root + "/../side", [what, key, staged!.split("/")[0], Date.now()].join(" ") + "\\n");
}

function whole(name: string, of: number): string {
  return "begin " + name + "\\n" + (name + " edition " + of + "\\n").repeat(40) + "end " + name + "\\n";
}

async function map(ctx: JobContext<Params, {}, "text" | "index">): Promise<void> {
  await note("start", ctx.key, ctx.outputs.text);
  const text = whole(ctx.key, ctx.params.edition);
  // In two halves, so that a killed worker leaves half a file.
  ctx.writeText(ctx.outputs.text, text.slice(0, 100));
  ctx.writeText(ctx.outputs.index, text.toUpperCase());
  ctx.writeText(ctx.outputs.text, text);
  await note("end", ctx.key, ctx.outputs.text);
}
export const maps = defineStage({ name: "map", matrix: [box] }, {
  outputs: {
    text: file(({ box }) => \`maps/\${box}.txt\`, { check: ["grep", "-q", "^end"] }),
    index: file(({ box }) => \`maps/\${box}.index\`),
  },
}, { run: task(map, { params }), retry });

async function cube(ctx: JobContext<Params, { text: string }, "h5", { box: number }>): Promise<void> {
  await note("start", ctx.key, ctx.outputs.h5);
  const h5 = await ctx.hdf5();
  h5.create(ctx.outputs.h5, (f) => {
    const data = Float64Array.from({ length: 4096 }, (_, i) => ctx.params.edition * 1e6 + ctx.point.box * 1e4 + i);
    f.dataset("values", { dtype: "f8", shape: [data.length], data });
    f.attribute("/", "box", ctx.point.box, "f8");
  });
  await note("end", ctx.key, ctx.outputs.h5);
}
export const cubes = defineStage({ name: "cube", matrix: [box] }, {
  inputs: { text: maps.outputs.text.each() },
  outputs: { h5: hdf5(({ box }) => \`cubes/\${box}.h5\`, { datasets: { values: { dtype: "f8", finite: true } }, attributes: { box: echo("box") } }) },
}, { run: task(cube, { params }), retry });

export const tiles = defineStage({ name: "tile", matrix: [box, field] }, {
  inputs: { text: maps.outputs.text.each() },
  outputs: { folder: dir(({ box, field }) => \`tiles/\${box}\${field}\`, { check: ["test", "-s"] }) },
}, { run: command(({ inputs, outputs }) => ["sh", "-c", '. "$CMC_CAMPAIGN_DIR/jobs.sh"; tile "$1" "$2" "$3"', "tile", edition, inputs.text, outputs.folder], { params }), retry });

export const probes = defineStage({ name: "probe", matrix: [box] }, {
  inputs: { cube: cubes.outputs.h5.each() },
  outputs: { text: file(({ box }) => \`probes/\${box}.txt\`) },
}, { run: command(({ outputs }) => ["sh", "-c", '. "$CMC_CAMPAIGN_DIR/jobs.sh"; probe "$1" "$2" "$3"', "probe", edition, outputs.text, pause], { params }), retry });

async function total(ctx: JobContext<Params, { tiles: readonly FanInElement[] }, "text", { box: number }>): Promise<void> {
  await note("start", ctx.key, ctx.outputs.text);
  const parts = ctx.inputs.tiles.map(({ path }) => ctx.readText(path + "/1.txt")).join("");
  ctx.writeText(ctx.outputs.text, parts + whole(ctx.key, ctx.params.edition));
  await note("end", ctx.key, ctx.outputs.text);
}
export const totals = defineStage({ name: "total", matrix: [box] }, {
  inputs: { tiles: tiles.outputs.folder.all("field") },
  outputs: { text: file(({ box }) => \`totals/\${box}.txt\`) },
}, { run: task(total, { params }), retry });

export const report = defineStage({ name: "report" }, {
  inputs: { totals: totals.outputs.text.all("box"), probes: probes.outputs.text.all("box") },
  outputs: { text: file(() => "report.txt") },
}, { run: command(({ inputs, outputs }) => ["sh", "-c", '. "$CMC_CAMPAIGN_DIR/jobs.sh"; out=$1; shift; report "$out" "$@"', "report", outputs.text, inputs.totals.each, inputs.probes.each], { params }), retry });

export default defineCampaign({ name: "chaos", version: "v1.0", stages: [maps, cubes, tiles, probes, totals, report], outputs: { base: "runs" } });
`;

/** Sourced by the commands. Files grow in two halves with a pause between, as those of real programs do. */
const JOBS = `
note() { printf '%s %s %s %s\\n' "$1" "$CMC_KEY" "$CMC_ATTEMPT_ID" "$(date +%s%3N)" >> "$CMC_ROOT/../side"; }
lines() { i=0; while [ $i -lt 40 ]; do echo "$CMC_KEY edition $1"; i=$((i + 1)); done; }
whole() { { echo "begin $CMC_KEY"; sleep 0.01; lines "$1"; echo "end $CMC_KEY"; } > "$2"; }
tile() { note start; for n in 1 2 3; do whole "$1" "$3/$n.txt"; done; note end; }
# A child that outlives its parent, and one that leaves the process group.
probe() { note start; sleep 300 & setsid sleep 300 & whole "$1" "$2"; sleep "$3"; note end; }
report() { note start; out=$1; shift; cat "$@" > "$out"; note end; }
`;

export const CHAOS_FILES: Readonly<Record<string, string>> = { "campaign.ts": CAMPAIGN, "jobs.sh": JOBS };

export interface ExpectedJob {
  readonly key: string;
  /** Path relative to the root -> content. A folder is named by its files. */
  readonly files: Readonly<Record<string, Buffer>>;
}

/** What every job of one edition must leave behind. */
export async function expectedJobs(boxes: number, edition: number): Promise<readonly ExpectedJob[]> {
  const jobs: ExpectedJob[] = [];
  const add = (key: string, files: Record<string, string | Buffer>) =>
    jobs.push({
      key,
      files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    });
  const whole = (key: string) => `begin ${key}\n${`${key} edition ${edition}\n`.repeat(40)}end ${key}\n`;
  const totals: string[] = [];
  const probes: string[] = [];
  for (let box = 0; box < boxes; box++) {
    const of = (stage: string) => `${stage}[box=${box}]`;
    add(of("map"), { [`maps/${box}.txt`]: whole(of("map")), [`maps/${box}.index`]: whole(of("map")).toUpperCase() });
    add(of("cube"), { [`cubes/${box}.h5`]: await cube(box, edition) });
    const tiles = ["a", "b"].map((field) => `tile[box=${box},field=${field}]`);
    tiles.forEach((key, i) =>
      add(key, Object.fromEntries([1, 2, 3].map((n) => [`tiles/${box}${"ab"[i]!}/${n}.txt`, whole(key)]))),
    );
    add(of("probe"), { [`probes/${box}.txt`]: whole(of("probe")) });
    const total = tiles.map(whole).join("") + whole(of("total"));
    add(of("total"), { [`totals/${box}.txt`]: total });
    totals.push(total);
    probes.push(whole(of("probe")));
  }
  add("report", { "report.txt": [...totals, ...probes].join("") });
  return jobs;
}

/** Equal calls give equal bytes, so the expected file is made as the job makes it. */
async function cube(box: number, edition: number): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "cmc-chaos-"));
  try {
    const path = join(folder, "cube.h5");
    (await loadHdf5()).create(path, (f) => {
      const data = Float64Array.from({ length: 4096 }, (_, i) => edition * 1e6 + box * 1e4 + i);
      f.dataset("values", { dtype: "f8", shape: [data.length], data });
      f.attribute("/", "box", box, "f8");
    });
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
