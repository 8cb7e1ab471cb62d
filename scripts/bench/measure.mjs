// Times child processes. bash's `time` counts wall and CPU (user + sys) of a command and everything it waited for, to the millisecond;
// peak memory is told by the Node process itself. Only ratios of runs taken in turns mean anything on a shared machine.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

/** The command's own stderr goes to 4, the times to 3. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; exec 4>&2 2>&3; time "$@" 2>&4 3>&- 4>&-';

/**
 * @param {string[]} argv
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {{ wall: number, cpu: number, out: string }} seconds; throws when the command fails
 */
export function measure(argv, { cwd, env }) {
  const stdio = ["ignore", "pipe", "pipe", "pipe"];
  const options = { cwd, env, stdio, encoding: "utf8", maxBuffer: 1 << 28 };
  const { status, output, error } = spawnSync("bash", ["-c", TIMED, "bench", ...argv], options);
  if (error) throw error;
  if (status !== 0) throw new Error(`${argv.join(" ")}: exit code ${status}\n${output[1]}${output[2]}`);
  const [wall, user, sys] = output[3].trim().split(" ").map(Number);
  return { wall, cpu: user + sys, out: output[1] };
}

const TELL_PEAK = `import { writeFileSync } from "node:fs";
  process.on("exit", () => writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS)));`;

/** As `measure` for a Node program, with `peak`: most resident bytes of its process. */
export function measureMemory([script, ...args], { cwd, env }) {
  const file = join(tmpdir(), `cmc-bench-peak-${process.pid}`);
  const hook = `--import=data:text/javascript,${encodeURIComponent(TELL_PEAK)}`;
  const run = measure([process.execPath, hook, script, ...args], { cwd, env: { ...env, BENCH_PEAK: file } });
  const peak = Number(readFileSync(file, "utf8")) * 1024;
  rmSync(file);
  return { ...run, peak };
}

/**
 * Runs `a` and `b` in turns, once unmeasured and then `runs` times.
 *
 * @param {(run: number) => { wall: number, cpu?: number }} a given a number that is never used twice
 * @param {(run: number) => { wall: number, cpu?: number }} b
 */
export function compare(runs, a, b) {
  a(0);
  b(0);
  const pairs = Array.from({ length: runs }, (_, i) => ({ a: a(i + 1), b: b(i + 1) }));
  const ratios = (what) =>
    pairs.every((pair) => pair.a[what] !== undefined && pair.b[what] !== undefined)
      ? spread(pairs.map((pair) => pair.a[what] / pair.b[what]))
      : undefined;
  const medians = (side) => ({
    wall: median(pairs.map((pair) => pair[side].wall)),
    cpu: median(pairs.flatMap((pair) => pair[side].cpu ?? [])),
  });
  return { wall: ratios("wall"), cpu: ratios("cpu"), a: medians("a"), b: medians("b"), runs };
}

export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Undefined of nothing. */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
