// The campaign of the soak: mocks that are trivial but real, one reduction a redshift, one report. Which mocks fail is drawn by the seed and
// written into the campaign; content is a function of the job, so what must lie there in the end is known to the byte.
import { int } from "./random.mjs";

export const REDSHIFTS = 20;

/** `once`: fails until it has failed once; `never`: always. 1 % and 0.1 %, at least one of each. By redshift and realization. */
export function drawFates(random, realizations) {
  const fates = new Map();
  const jobs = realizations * REDSHIFTS;
  const draw = (fate, count) => {
    for (const end = fates.size + Math.max(1, Math.round(count)); fates.size < end;) {
      const place = `${int(random, 0, REDSHIFTS - 1)} ${int(random, 0, realizations - 1)}`;
      if (!fates.has(place)) fates.set(place, fate);
    }
  };
  draw("once", jobs / 100);
  draw("never", jobs / 1000);
  return fates;
}

/** The campaign's folder: path -> text. `perTask`: mocks an array task. */
export function campaignFiles({ realizations, fates, perTask, pool }) {
  return { "campaign.ts": campaign(realizations, fates), "job.sh": JOB, "site.yaml": site(perTask, pool) };
}

const campaign = (realizations, fates) => `
import { axis, command, defineCampaign, defineStage, file, task, type FanInElement, type JobContext } from "cmc";

const redshift = axis.range("redshift", { count: ${REDSHIFTS} });
const realization = axis.range("realization", { count: ${realizations} });
const fates: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries(fates))};
const retry = { attempts: 6, backoff: { initial: "1s", factor: 2, max: "8s" } } as const;

export const mock = defineStage({ name: "mock", matrix: [redshift, realization] }, {
  outputs: { text: file(({ redshift, realization }) => \`mocks/\${redshift}/\${realization}.txt\`) },
}, {
  run: command(({ point, outputs }) => ["bash", "job.sh", fates[point.redshift + " " + point.realization] ?? "well", point.realization, outputs.text], { code: ["job.sh"] }),
  resources: { walltime: "10s" }, retry,
});

async function reduction(ctx: JobContext<{}, { mocks: readonly FanInElement[] }, "text">): Promise<void> {
  const { appendFileSync } = await import("node:fs");
  const [root, staged] = ctx.outputs.text.split("/staging/");
  const note = (what: string) => appendFileSync(root + "/../side", [what, ctx.key, staged!.split("/")[0], Date.now()].join(" ") + "\\n");
  note("start");
  ctx.writeText(ctx.outputs.text, ctx.inputs.mocks.map(({ path }) => ctx.readText(path).split("\\n")[0] + "\\n").join(""));
  note("end");
}
export const reduce = defineStage({ name: "reduce", matrix: [redshift] }, {
  inputs: { mocks: mock.outputs.text.quorum(0.9, "realization") },
  outputs: { text: file(({ redshift }) => \`reduced/\${redshift}.txt\`) },
}, { run: task(reduction), resources: { walltime: "2m" }, retry });

export const report = defineStage({ name: "report" }, {
  inputs: { reduced: reduce.outputs.text.all("redshift") },
  outputs: { text: file(() => "report.txt") },
}, { run: command(({ inputs, outputs }) => ["bash", "job.sh", "report", 0, outputs.text, inputs.reduced.each], { code: ["job.sh"] }), resources: { walltime: "2m" }, retry });

export default defineCampaign({
  name: "soak", version: "v1.0", stages: [mock, reduce, report], outputs: { base: "runs" }, execution: { batchSize: 1000 },
});
`;

/** FATE NUMBER OUTPUT [INPUT...]: builtins only, a fork costs more than the job. One job in fifty takes a second. */
const JOB = `
note() { local t=\${EPOCHREALTIME/[.,]/}; printf '%s %s %s %s\\n' "$1" "$CMC_KEY" "$CMC_ATTEMPT_ID" "\${t%???}" >> "$CMC_ROOT/../side"; }
fate=$1 number=$2 out=$3
shift 3
note start
[ $((number % 50)) -ne 7 ] || sleep 1
if [ "$fate" = never ] || { [ "$fate" = once ] && [ ! -e "$CMC_ROOT/../failed/$CMC_KEY" ]; }; then
  : > "$CMC_ROOT/../failed/$CMC_KEY"
  note end
  exit 3
fi
if [ "$fate" = report ]; then
  for input; do
    while read -r line; do printf '%s\\n' "$line" >> "$out"; done < "$input"
  done
else
  printf '%s\\n' "$CMC_KEY" > "$out"
  for line in 1 2 3 4 5 6 7 8 9; do printf '%s line %s\\n' "$CMC_KEY" "$line" >> "$out"; done
fi
note end
`;

const site = (perTask, pool) => `
executor: slurm
node: ${process.execPath}
resources: { walltime: 10s, cpus: 1, memory: 200 MB }
packTo: ${perTask * 10}s
pool: { when: ${pool ? "always" : "never"}, nodes: 1, streams: 2, walltime: 5m, maxAllocations: 8, idle: 20s }
limits:
  maxArraySize: 1001
  submitTimeout: 15s
  visibility: 2s
  # Nodes are taken down on purpose, again and again.
  nodeFailures: 100000
`;

/** What must lie there in the end: path -> text; and the keys of those that never succeed. */
export function expected(realizations, fates) {
  const files = new Map();
  const failing = new Set();
  let report = "";
  for (let z = 0; z < REDSHIFTS; z++) {
    let reduced = "";
    for (let r = 0; r < realizations; r++) {
      const key = `mock[realization=${r},redshift=${z}]`;
      if (fates.get(`${z} ${r}`) === "never") {
        failing.add(key);
        continue;
      }
      const lines = Array.from({ length: 9 }, (_, i) => `${key} line ${i + 1}\n`);
      files.set(key, { path: `mocks/${z}/${r}.txt`, text: `${key}\n${lines.join("")}` });
      reduced += `${key}\n`;
    }
    files.set(`reduce[redshift=${z}]`, { path: `reduced/${z}.txt`, text: reduced });
    report += reduced;
  }
  files.set("report", { path: "report.txt", text: report });
  return { files, failing };
}
