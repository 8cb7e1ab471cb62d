// What is measured: synthetic campaigns in git repositories of their own, the same graph as a build.ninja, and changes to their outputs.
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Catalogs of n realizations x 20 redshifts, a reduction a redshift, one final job. `shift`: changes the parameters of 1% of the catalogs. */
const PRODUCTION = `import { axis, defineCampaign, defineStage, file, pad, task, variable } from "cmc";
const n = variable("n", { type: "number", default: 2000 });
const shift = variable("shift", { type: "number", default: -1 });
const realization = axis.range("realization", { count: n });
const redshift = axis.range("redshift", { start: 0.5, count: 20, step: 0.1 });
const seed = (realization: number) => realization + (realization % 100 === shift ? 100_017 : 17);
export const mock = defineStage(
  { name: "mock", matrix: [realization, redshift] },
  { outputs: { catalog: file(({ realization, redshift }) => \`catalogs/r\${pad(realization, 4)}/mock_z\${redshift.toFixed(3)}.hdf5\`) } },
  { run: task((ctx) => ctx.writeText(ctx.outputs.catalog, "x"), { params: ({ realization }) => ({ seed: seed(realization), lgmp: 12.5 }) }), batchSize: 500 },
);
export const reduce = defineStage(
  { name: "reduce", matrix: [redshift] },
  { inputs: { mocks: mock.outputs.catalog.all("realization") }, outputs: { o: file(({ redshift }) => \`reduced/z\${redshift.toFixed(3)}\`) } },
  { run: task((ctx) => ctx.writeText(ctx.outputs.o, String(ctx.inputs.mocks.length))) },
);
export const final = defineStage(
  { name: "final" },
  { inputs: { reduced: reduce.outputs.o.all("redshift") }, outputs: { o: file(() => "final.txt") } },
  { run: task((ctx) => ctx.writeText(ctx.outputs.o, "done")) },
);
export default defineCampaign({ name: "bench", version: "v1.0", stages: [mock, reduce, final], outputs: { base: "runs" } });
`;

/** n jobs that make an empty file, or one of a byte. */
const trivial = (run, name) => `import { axis, defineCampaign, defineStage, file, variable, ${name} } from "cmc";
const job = axis.range("job", { count: variable("n", { type: "number", default: 2000 }) });
export const run = defineStage({ name: "run", matrix: [job] }, { outputs: { o: file(({ job }) => \`out/\${job}\`) } }, { run: ${run} });
export default defineCampaign({ name: "trivial", version: "v1.0", stages: [run], outputs: { base: "runs" } });
`;
const SOURCES = {
  production: PRODUCTION,
  commands: trivial('command(({ outputs }) => ["touch", outputs.o])', "command"),
  tasks: trivial('task((ctx) => ctx.writeText(ctx.outputs.o, "x"))', "task"),
};

export const REDSHIFTS = Array.from({ length: 20 }, (_, i) => (0.5 + 0.1 * i).toFixed(3));
const name = (realization) => `r${String(realization).padStart(4, "0")}`;
export const catalogs = (realizations) =>
  Array.from({ length: realizations }, (_, r) => REDSHIFTS.map((z) => `catalogs/${name(r)}/mock_z${z}.hdf5`)).flat();

/** A committed campaign, as people have it: `cmc plan` asks git for uncommitted changes. */
export function writeCampaign(folder, kind) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "campaign.ts"), SOURCES[kind]);
  writeFileSync(join(folder, ".gitignore"), "runs/\ngenerated/\n");
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    [...who, "commit", "-qm", "bench"],
  ])
    spawnSync("git", args, { cwd: folder });
}

/** The production graph for ninja. Commands are shell builtins; parameters are part of them, as they are part of our recipes. */
export function writeNinja(folder, realizations, { file = "build.ninja", shift = -1 } = {}) {
  const mocks = Array.from({ length: realizations }, (_, r) => {
    const seed = r + (r % 100 === shift ? 100_017 : 17);
    return REDSHIFTS.map((z) => `build catalogs/${name(r)}/mock_z${z}.hdf5: mock\n seed = ${seed}\n lgmp = 12.5\n`);
  });
  const reductions = REDSHIFTS.map((z) => {
    const inputs = Array.from({ length: realizations }, (_, r) => `catalogs/${name(r)}/mock_z${z}.hdf5`);
    return `build reduced/z${z}: reduce ${inputs.join(" ")}\n`;
  });
  const text = [
    "rule mock\n command = echo seed=$seed lgmp=$lgmp > $out\nrule reduce\n command = echo done > $out\n",
    ...mocks.flat(),
    ...reductions,
    `build final.txt: reduce ${REDSHIFTS.map((z) => `reduced/z${z}`).join(" ")}\n`,
  ];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text.join(""));
}

/** One catalog in a hundred out of the way while \`run\` runs; they come back as they were, times included. */
export function withoutSome(folder, paths, nth, run) {
  const gone = paths.filter((_, i) => i % 100 === nth % 100);
  const aside = (path) => join(dirname(folder), "aside", path.replaceAll("/", "-"));
  mkdirSync(join(dirname(folder), "aside"), { recursive: true });
  for (const path of gone) renameSync(join(folder, path), aside(path));
  try {
    return run();
  } finally {
    for (const path of gone) renameSync(aside(path), join(folder, path));
  }
}

/** A Node process that does the least a plan has to: lists the folders and looks for every name. */
export const BARE = `const { readdirSync } = require("fs");
const [root, realizations, ...redshifts] = process.argv.slice(1);
let found = 0;
for (let r = 0; r < Number(realizations); r++) {
  const names = new Set(readdirSync(root + "/catalogs/r" + String(r).padStart(4, "0")));
  for (const z of redshifts) if (names.has("mock_z" + z + ".hdf5")) found += 1;
}
const names = new Set(readdirSync(root + "/reduced"));
for (const z of redshifts) if (names.has("z" + z)) found += 1;
if (readdirSync(root).includes("final.txt")) found += 1;
console.log(found);`;
