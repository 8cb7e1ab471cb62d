// A soak of crash consistency: `npm run chaos -- --kills 300 [--seed N] [--boxes N]`. Rounds of tests/helpers/chaos-rounds.ts against
// a copy of dist/, so that a build meanwhile does not change what is tested. Prints a line a round and a summary; exit code 1: a promise was broken.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const ROOT = dirname(import.meta.dirname);
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    boxes: { type: "string", default: "3" },
  },
});

/** The helpers are TypeScript; packages stay outside. */
async function helpers() {
  const outfile = join(ROOT, "node_modules", ".cache", "chaos.mjs");
  const contents = ["campaign", "life", "rounds"].map((name) => `export * from "./tests/helpers/chaos-${name}.ts";`);
  await build({
    stdin: {
      contents: [...contents, 'export { makeRig } from "./tests/helpers/cli.ts";'].join("\n"),
      resolveDir: ROOT,
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return import(outfile);
}

/** What an installed cmc consists of. */
function installation() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cmc-chaos-build-")));
  mkdirSync(folder, { recursive: true });
  for (const name of ["dist", "package.json"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const { CHAOS_FILES, endEverybody, makeRig, soak } = await helpers();
const installed = installation();
const rig = makeRig(CHAOS_FILES, join(installed, "dist", "cmc.mjs"));
const [seed, kills, boxes] = [Number(values.seed), Number(values.kills), Number(values.boxes)];
console.log(`seed ${seed}, ${kills} kills, ${boxes} boxes, in ${rig.dir}`);

/** `keep`: what a broken promise left on disk is to be looked at. */
function cleanUp(keep) {
  endEverybody(rig);
  if (!keep) rig.dispose();
  rmSync(installed, { recursive: true, force: true });
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
