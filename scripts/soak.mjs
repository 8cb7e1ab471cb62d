// 40,000 jobs through a real SLURM under random faults, driven by `cmc tick` alone:
//   npm run soak [-- --jobs N] [--seed S] [--pool] [--no-accounting] [--pause MS] [--calm] [--keep]
// Prints what happened; exit code 1: a promise was broken. The parts are in soak/; what is promised is in docs/reliability.md.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startCluster } from "../tests/cluster/cluster/start.mjs";
import { bundled, installation } from "./bundled.mjs";
import { countCalls } from "./soak/calls.mjs";
import { campaignFiles, drawFates, expected, REDSHIFTS } from "./soak/campaign.mjs";
import { problemsOf } from "./soak/check.mjs";
import { Faults } from "./soak/faults.mjs";
import { generator } from "./soak/random.mjs";
import { report } from "./soak/report.mjs";
import { Ticks } from "./soak/ticks.mjs";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "40000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    /** Milliseconds between faults, on average. */
    pause: { type: "string", default: "3000" },
    pool: { type: "boolean", default: false },
    "no-accounting": { type: "boolean", default: false },
    /** No faults, every tick left alone. */
    calm: { type: "boolean", default: false },
    /** Leaves the campaign and the cluster's folder to be looked at. */
    keep: { type: "boolean", default: false },
  },
});
const TOOLS = [
  "tests/helpers/cli.ts",
  "tests/helpers/database.ts",
  "tests/helpers/executions.ts",
  "tests/helpers/processes.ts",
  "src/state/duplicates.ts",
  "src/state/read-journal.ts",
];
/** Waits of production are longer than this run. */
const SHORT = { CMC_HEARTBEAT_MS: "2000", CMC_POLL_MS: "500", CMC_PATIENCE_MS: "30000" };

const { jobs, seed, pool, calm, keep, pause, "no-accounting": without } = values;
const accounting = !without;
const realizations = Math.max(10, Math.round(Number(jobs) / REDSHIFTS));
const random = generator(Number(seed));
const fates = drawFates(random, realizations);
const perTask = realizations >= 500 ? 150 : Math.max(5, Math.round(realizations / 2));
const tools = await bundled("soak", TOOLS);
const installed = installation("soak");
const rig = tools.makeRig(campaignFiles({ realizations, fates, perTask, pool }), installed.cli);
console.log(`seed ${seed}, ${realizations} x ${REDSHIFTS} jobs, ${perTask} a task, in ${rig.dir}`);
const cluster = await startCluster({
  nodes: 4,
  cpus: 4,
  accounting,
  extraConf: ["MessageTimeout=8", "SlurmdTimeout=10", "ReturnToService=1"],
});

let ended = false;
async function cleanUp(left) {
  if (ended) return;
  ended = true;
  await cluster.stop({ keep: left });
  if (!left) rig.dispose();
  rmSync(installed.folder, { recursive: true, force: true });
}
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    console.error(`${signal}: given up`);
    void cleanUp(false).then(() => process.exit(1));
  });

const base = join(rig.dir, "runs");
const root = join(base, "soak_v1.0");
mkdirSync(join(base, "failed"), { recursive: true });
const calls = countCalls(rig.dir, cluster.env.PATH);
const start = (args, env) =>
  rig.start(args, { SLURM_CONF: cluster.env.SLURM_CONF, PATH: calls.path, ...SHORT, ...env });

const begin = performance.now();
const applied = await start(["apply", "--site", "site.yaml", "--auto-approve", "--allow-dirty"]).done;
if (applied.code !== 0) throw new Error(`apply ends with ${applied.code}: ${applied.err}${applied.out}`);
const ticks = new Ticks(start, root, random, { gentle: calm });
const faults = new Faults(cluster, root, generator(Number(seed) + 1), { pool, accounting, pause: Number(pause) });
const injecting = calm ? undefined : faults.run();
let told = 0;
await ticks.drive(900, (line) => {
  if (performance.now() - told < 20_000) return;
  told = performance.now();
  console.log(`${String(Math.round((told - begin) / 1000)).padStart(6)} s  ${line}`);
});
const seconds = (performance.now() - begin) / 1000;
await faults.stop();
await injecting;
const scheduler = calls.counts();
const found = await problemsOf({ tools, start, cluster, root, ...expected(realizations, fates) });
const problems = [...ticks.problems, ...faults.problems, ...found];
console.log(report({ seconds, jobs: realizations * REDSHIFTS + REDSHIFTS + 1, ticks, faults, scheduler, state: tools.readJournals(root).fold().state })); // prettier-ignore
for (const problem of problems.slice(0, 50)) console.error(problem);
if (problems.length > 50) console.error(`... ${problems.length} in all`);
if (keep) console.log(`kept: ${rig.dir}, ${cluster.dir}`);
await cleanUp(keep);
process.exitCode = problems.length > 0 ? 1 : 0;
