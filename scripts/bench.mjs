// `npm run bench`: what cmc costs, as ratios to ninja, xargs and bare Node, measured in turns in this run. Exit code 1 when a bound is broken.
//   --quick       fewer jobs and runs, to try it; nothing is judged
//   --only a,b    only these claims: start, million, rate, warm, cold, change, looks
//   --runs N      pairs a claim (default 9)
//   --markdown    the table of docs/benchmarks.md instead of lines
//   --keep        leaves the trees where they are and says where
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import * as claims from "./bench/claims.mjs";
import { looks } from "./bench/looks.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    runs: { type: "string" },
    markdown: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const runs = Number(options.runs ?? (options.quick ? 3 : 9));
const size = options.quick
  ? { small: 200, large: 500, million: 5_000, commands: 300, tasks: 1_000 }
  : { small: 2_000, large: 5_000, million: 50_000, commands: 2_000, tasks: 10_000 };
const ninja = spawnSync("ninja", ["--version"], { encoding: "utf8" });
const hasNinja = ninja.status === 0;

/** Realizations -> applied production, made when the first claim asks for it. */
const made = new Map();
function production(folder, realizations) {
  if (!made.has(realizations)) {
    console.error(`applying ${realizations * 20} jobs ...`);
    made.set(realizations, new claims.Production(folder, realizations, hasNinja).apply());
  }
  return made.get(realizations);
}

/** In this order: what is cheap to prepare comes first. */
const CLAIMS = {
  start: (folder) => claims.startUp(folder, runs * 2, 2),
  million: (folder) => claims.million(folder, size.million, Math.min(runs, 3), { memory: 2, cold: 20, warm: 5 }),
  rate: (folder) => [
    ...claims.throughput(folder, "commands", size.commands, Math.min(runs, 5)),
    ...claims.throughput(folder, "tasks", size.tasks, Math.min(runs, 5)),
  ],
  warm: (folder) => [
    ...claims.warmPlan(production(folder, size.small), runs, 1),
    ...claims.warmPlan(production(folder, size.large), runs, 1),
  ],
  cold: (folder) => [
    ...claims.coldPlan(
      new claims.Production(join(folder, "new"), size.small, hasNinja).write(),
      "nothing done",
      runs,
      8,
    ),
    ...claims.coldPlan(production(folder, size.small), "all done", runs, 8),
  ],
  change: (folder) => [
    ...claims.changedOutputs(production(folder, size.small), runs),
    ...claims.changedParameters(production(folder, size.small), runs),
  ],
  looks: (folder) => looks(production(folder, size.large), Math.min(runs, 5), 2),
};

/** Wall time decides; CPU time of the process tree is printed beside it. */
const broken = (line) => line.bound !== undefined && !options.quick && line.wall.median > line.bound;
const verdict = (line) => (line.bound === undefined || options.quick ? "" : broken(line) ? "FAIL" : "PASS");
const digits = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const range = (spread) => (spread ? `${digits(spread.median)} [${digits(spread.min)}-${digits(spread.max)}]` : "");
const bound = (line) => (line.bound === undefined ? "" : `<= ${digits(line.bound)}`);

function print(line) {
  const { name, against, wall, cpu, note = "" } = line;
  if (options.markdown)
    return console.log(`| ${[name, against, range(wall), range(cpu), bound(line), verdict(line), note].join(" | ")} |`);
  const ratios = `wall ${range(wall)}${cpu ? `  cpu ${range(cpu)}` : ""}`;
  console.log(
    `${`${name} / ${against}`.padEnd(62)} ${ratios.padEnd(52)} ${bound(line).padEnd(8)} ${verdict(line).padEnd(5)} ${note}`.trimEnd(),
  );
}

const wanted = options.only?.split(",") ?? Object.keys(CLAIMS);
for (const name of wanted)
  if (!CLAIMS[name]) throw new Error(`no claim ${name}; there are ${Object.keys(CLAIMS).join(", ")}`);
if (!(await build({ quiet: true }))) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), "cmc-bench-"));
try {
  console.log(
    `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0].model}, ${Math.round(totalmem() / 1e9)} GB, ${new Date().toISOString().slice(0, 10)}, ${hasNinja ? `ninja ${ninja.stdout.trim()}` : "no ninja: comparisons with it are skipped"}`,
  );
  if (options.markdown)
    console.log("\n| what | against | wall | CPU | bound | | note |\n|---|---|---|---|---|---|---|");
  for (const name of Object.keys(CLAIMS).filter((claim) => wanted.includes(claim)))
    for (const line of CLAIMS[name](folder)) {
      print(line);
      if (broken(line)) process.exitCode = 1;
    }
} finally {
  if (options.keep) console.error(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
