// A soak of crash consistency: `npm run chaos -- --kills 300 [--seed N] [--boxes N]`. Rounds of tests/helpers/chaos-rounds.ts against
// a copy of dist/, so that a build meanwhile does not change what is tested. Prints a line a round and a summary; exit code 1: a promise was broken.
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundled, installation } from "./bundled.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    boxes: { type: "string", default: "3" },
  },
});

const HELPERS = ["chaos-campaign", "chaos-life", "chaos-rounds", "cli"].map((name) => `tests/helpers/${name}.ts`);
const { CHAOS_FILES, endEverybody, makeRig, soak } = await bundled("chaos", HELPERS);
const installed = installation("chaos");
const rig = makeRig(CHAOS_FILES, installed.cli);
const [seed, kills, boxes] = [Number(values.seed), Number(values.kills), Number(values.boxes)];
console.log(`seed ${seed}, ${kills} kills, ${boxes} boxes, in ${rig.dir}`);

/** `keep`: what a broken promise left on disk is to be looked at. */
function cleanUp(keep) {
  endEverybody(rig);
  if (!keep) rig.dispose();
  rmSync(installed.folder, { recursive: true, force: true });
}
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    cleanUp(false);
    process.exit(1);
  });

const { problems, ...report } = await soak(rig, { seed, kills, boxes, onRound: (line) => console.log(line) });
console.log(JSON.stringify(report, null, 2));
for (const problem of problems) console.error(problem);
cleanUp(problems.length > 0);
process.exitCode = problems.length > 0 ? 1 : 0;
