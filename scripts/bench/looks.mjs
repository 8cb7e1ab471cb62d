// Every look at a campaign against the plain plan that looks at each of its jobs and finds nothing to do: what people wait for when they ask.
import { join } from "node:path";
import { compare } from "./measure.mjs";

const PLAIN = ["plan", "."];

/** Arguments, and what stands in the answer. With `--list` a plan looks at every job: without it its summary is remembered. */
const LOOKS = {
  "plan -v --where": [[...PLAIN, "-v", "--where", "redshift=1.4,realization=0..9"], "mock"],
  "plan --target": [[...PLAIN, "--target", "mock", "--list"], ""],
  "plan --exclude": [[...PLAIN, "--exclude", "mock[redshift=1.4]", "--list"], ""],
  "plan --canary": [[...PLAIN, "--canary", "--list"], ""],
  "plan --replace": [[...PLAIN, "--replace", "mock[realization=0..9]", "--list"], "mock["],
  estimate: [["estimate", "."], "mock"],
  explain: [["explain", "mock[realization=7,redshift=1.4]", "."], "completed"],
  verify: [["verify", "."], "as the receipts say"],
  history: [["history", "."], "done"],
  "diff last": [["diff", "last", "."], "same"],
  "accept --dry-run": [["accept", ".", "--stage", "mock", "--because", "bench", "--dry-run"], "No job is meant"],
  "forget --dry-run": [["forget", ".", "--stage", "mock", "--because", "bench", "--dry-run"], "Would be forgotten"],
};

export function looks(production, runs, bound) {
  const jobs = production.jobs.toLocaleString("en-US");
  const saved = join(production.folder, "saved.plan");
  const all = { ...LOOKS, "plan -o": [[...PLAIN, "-o", saved], "saved.plan"] };
  const plain = () => production.run([...PLAIN, "--list"]);
  return Object.entries(all).map(([name, [args, expected]]) => {
    const look = () => {
      const run = production.run(args);
      if (!run.out.includes(expected)) throw new Error(`expected "${expected}" of cmc ${args.join(" ")} in:\n${run.out.slice(0, 2000)}`); // prettier-ignore
      return run;
    };
    const { wall, cpu, a, b } = compare(runs, look, plain);
    const note = `wall ${a.wall.toFixed(2)} s / ${b.wall.toFixed(2)} s`;
    return { name: `cmc ${name}, ${jobs} jobs`, against: "plain no-op plan", wall, cpu, bound, note };
  });
}
