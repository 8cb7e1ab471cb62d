// The claims, one function each: what is run, against what, and the bound. A claim returns lines; bench.mjs prints and judges them.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { compare, measure, measureMemory, spread } from "./measure.mjs";
import { BARE, catalogs, REDSHIFTS, withoutSome, writeCampaign, writeNinja } from "./subjects.mjs";

const CMC = join(import.meta.dirname, "../../dist/cmc.mjs");
const NODE = process.execPath;
/** "Several times" the rate that is asked of commands, which is half that of xargs. */
const SEVERAL = 3;
const SECONDS = (value) => `${value < 1 ? value.toFixed(3) : value.toFixed(1)} s`;
const count = (jobs) => jobs.toLocaleString("en-US");

/** Children see neither what this machine sets for Node (a certificate file costs 30 ms a process) nor cmc's own variables. */
function environment(cacheDir) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(NODE_|CMC_|npm_)/.test(name));
  return { ...Object.fromEntries(inherited), CMC_CACHE_DIR: cacheDir, LC_ALL: "C" };
}

/** Campaign, applied state and ninja tree of so many realizations; made once, by the real commands. */
export class Production {
  constructor(folder, realizations, ninja) {
    this.realizations = realizations;
    this.jobs = realizations * REDSHIFTS.length + REDSHIFTS.length + 1;
    this.paths = catalogs(realizations);
    this.folder = join(folder, `production-${realizations}`);
    this.campaign = join(this.folder, "campaign");
    this.root = join(this.campaign, "runs/bench_v1.0");
    this.ninjaFolder = join(this.folder, "ninja");
    this.cache = join(this.folder, "cache");
    this.hasNinja = ninja;
  }

  /** Campaign and build.ninja; nothing is done. */
  write() {
    writeCampaign(this.campaign, "production");
    if (this.hasNinja) writeNinja(this.ninjaFolder, this.realizations);
    return this;
  }

  apply() {
    this.write().cmc("apply", ["--auto-approve"]);
    expect(this.plan().out, "No changes.");
    if (!this.hasNinja) return this;
    measure(["ninja", "--quiet"], { cwd: this.ninjaFolder, env: environment(this.cache) });
    expect(this.ninja().out, "no work to do");
    return this;
  }

  cmc(command, args = [], cache = this.cache) {
    return this.run([command, ".", ...args], cache);
  }

  /** Any command, with its arguments in their order. */
  run([command, ...args], cache = this.cache) {
    const set = ["--set", `n=${this.realizations}`];
    return measure([NODE, CMC, command, ...args, ...set], { cwd: this.campaign, env: environment(cache) });
  }

  plan(args, cache) {
    return this.cmc("plan", args, cache);
  }

  ninja(args = []) {
    return measure(["ninja", "-n", ...args], { cwd: this.ninjaFolder, env: environment(this.cache) });
  }
}

export function warmPlan(production, runs, bound) {
  const warm = () => production.plan();
  return [
    ...(production.hasNinja
      ? [
          line(
            `warm plan, ${count(production.jobs)} jobs`,
            "ninja -n",
            compare(runs, warm, () => production.ninja()),
            bound,
          ),
        ]
      : []),
    line(
      `warm plan, ${count(production.jobs)} jobs`,
      "bare node readdir",
      compare(runs, warm, () => bareNode(production)),
    ),
  ];
}

function bareNode({ root, realizations, jobs, cache }) {
  const run = measure([NODE, "-e", BARE, root, String(realizations), ...REDSHIFTS], {
    cwd: root,
    env: environment(cache),
  });
  expect(run.out, String(jobs));
  return run;
}

/** Compiled anew each time, type check included. */
export function coldPlan(production, what, runs, bound) {
  const { hasNinja, jobs } = production;
  if (!hasNinja) return [];
  const cold = () => withFresh(production.folder, (cache) => production.plan([], cache));
  return [
    line(
      `cold plan, ${count(jobs)} jobs, ${what}`,
      "ninja -n",
      compare(runs, cold, () => production.ninja()),
      bound,
    ),
  ];
}

export function changedOutputs(production, runs) {
  const { root, ninjaFolder, paths } = production;
  const without = (folder, run) => (k) => withoutSome(folder, paths, k, run);
  const changed = without(root, () => expectRun(production.plan(), "output_missing"));
  return againstBoth(
    `1% of outputs deleted, ${count(production.jobs)} jobs`,
    production,
    runs,
    changed,
    without(ninjaFolder, () => expectRun(production.ninja(), "mock_z")),
  );
}

/** Other parameters are another campaign: it is compiled anew, type check included. */
export function changedParameters(production, runs) {
  const changed = (k) => expectRun(production.plan(["--set", `shift=${k}`]), "params_changed");
  const ninja = (k) => {
    writeNinja(production.ninjaFolder, production.realizations, { file: "changed.ninja", shift: k });
    return expectRun(production.ninja(["-f", "changed.ninja"]), "mock_z");
  };
  return againstBoth(`1% of parameters changed, ${count(production.jobs)} jobs`, production, runs, changed, ninja);
}

/** `changed` must be given another number each time: a plan made once is in the cache. */
function againstBoth(what, production, runs, changed, ninja) {
  const own = compare(
    runs,
    (k) => changed(k),
    () => production.plan(),
  );
  const lines = [line(what, "own warm plan", own)];
  if (production.hasNinja)
    lines.push(
      line(
        what,
        "ninja -n",
        compare(runs, (k) => changed(k + runs + 1), ninja),
      ),
    );
  return lines;
}

/** Nothing is done yet; the table is all there is to hold. */
export function million(folder, realizations, runs, bounds) {
  const production = new Production(folder, realizations, false).write();
  const options = (cache) => ({ cwd: production.campaign, env: environment(cache) });
  const args = [CMC, "plan", ".", "--set", `n=${realizations}`];
  const cold = Array.from({ length: runs }, () =>
    withFresh(production.folder, (cache) => measureMemory(args, options(cache))),
  );
  measure([NODE, ...args], options(production.cache));
  const warm = Array.from({ length: runs }, () => measureMemory(args, options(production.cache)));
  const what = `${count(production.jobs)} jobs`;
  return [
    amount(
      `cold plan, ${what}: peak memory`,
      cold.map((run) => run.peak / 1e9),
      "GB",
      bounds.memory,
    ),
    amount(
      `cold plan, ${what}: wall`,
      cold.map((run) => run.wall),
      "s",
      bounds.cold,
    ),
    amount(
      `warm plan, ${what}: wall`,
      warm.map((run) => run.wall),
      "s",
      bounds.warm,
    ),
  ];
}

/** Jobs that do nothing against the same number of processes that do nothing, as many at once. */
export function throughput(folder, kind, jobs, runs) {
  const campaign = join(folder, kind);
  const workers = availableParallelism();
  writeCampaign(campaign, kind);
  const env = environment(join(folder, "cache"));
  const inRun = [];
  const apply = () => {
    return withFresh(folder, (base) => {
      const args = ["apply", ".", "--set", `n=${jobs}`, "--base", base, "--auto-approve", "--jobs", String(workers)];
      const whole = measure([NODE, CMC, ...args], { cwd: campaign, env });
      expect(whole.out, `${count(jobs)} done`);
      inRun.push(runSeconds(join(base, "trivial_v1.0")));
      return whole;
    });
  };
  const xargs = () =>
    withFresh(folder, (cwd) => measure(["bash", "-c", `seq ${jobs} | xargs -n1 -P${workers} touch`], { cwd, env }));
  const inTurns = compare(runs, apply, xargs);
  // The times of the runs alone stand in the journals; the first was not measured.
  const alone = inRun.slice(1);
  const rate = spread(alone.map((seconds) => jobs / seconds)).median;
  const ratios = spread(alone.map((seconds) => seconds / inTurns.b.wall));
  const what = `${count(jobs)} ${kind}, ${workers} at once`;
  const bound = kind === "commands" ? 2 : 2 / SEVERAL;
  const note = `${Math.round(rate)}/s, xargs ${Math.round(jobs / inTurns.b.wall)}/s`;
  return [
    { name: `${what}: the run`, against: "xargs touch", wall: ratios, bound, note },
    line(`${what}: whole cmc apply`, "xargs touch", inTurns),
  ];
}

/** From the start of the run to its end, as the journal of the apply has them. */
function runSeconds(root) {
  const file = readdirSync(join(root, "journal")).find((name) => name.startsWith("apply-"));
  const events = readFileSync(join(root, "journal", file), "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  const at = (type) => events.find((event) => event.type === type).at;
  return (at("apply-finished") - at("apply-started")) / 1000;
}

export function startUp(folder, runs, bound) {
  const options = { cwd: folder, env: environment(join(folder, "cache")) };
  const help = () => measure([NODE, CMC, "--help"], options);
  return [
    line(
      "cmc --help",
      "node -e 0",
      compare(runs, help, () => measure([NODE, "-e", "0"], options)),
      bound,
    ),
  ];
}

function line(name, against, { wall, cpu, a, b }, bound) {
  return { name, against, wall, cpu, bound, note: `wall ${SECONDS(a.wall)} / ${SECONDS(b.wall)}` };
}

/** Not a ratio: a limit in its own unit. */
function amount(name, values, unit, bound) {
  return { name, against: unit, wall: spread(values), bound };
}

function expectRun(run, text) {
  expect(run.out, text);
  return run;
}

/** A benchmark of a command that did something else is worse than none. */
function expect(out, text) {
  if (!out.includes(text)) throw new Error(`expected "${text}" in:\n${out.slice(0, 2000)}`);
}

/**
 * Removed with everything else when all is measured, not before: for a minute ext4 passes over the inodes of deleted files, one by one,
 * and creating a file costs 1 ms instead of 0.03.
 */
function withFresh(folder, run) {
  mkdirSync(folder, { recursive: true });
  return run(mkdtempSync(join(folder, "fresh-")));
}
