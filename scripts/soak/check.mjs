// What must be true when the run has ended. Each check returns sentences; none is good. Not how it came to be: ticks.mjs and faults.mjs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** `tools`: of src and tests/helpers, see soak.mjs. `start`: cmc. */
export async function problemsOf({ tools, start, cluster, root, files, failing }) {
  const { state, problems } = tools.readJournals(root).fold();
  return [
    ...problems.map(({ message }) => `journals: ${message}`),
    ...receiptProblems(tools, state, files, failing),
    ...tools.executionProblems(join(root, "..", "side"), state),
    ...outputProblems(root, files),
    ...(await queueProblems(cluster)),
    ...leftovers(tools, root),
    ...(await planProblems(start, failing)),
    ...(await rebuildProblems(tools, start, root)),
  ];
}

/** One accepted receipt each; of the planned failures none, and every try of theirs is an exit code. */
function receiptProblems(tools, state, files, failing) {
  const problems = [...state.jobs.keys()].filter((key) => !files.has(key) && !failing.has(key)).map((key) => `${key} was never planned`); // prettier-ignore
  for (const key of [...files.keys(), ...failing]) {
    const job = state.jobs.get(key);
    const ends = (job?.attempts ?? []).map(({ end }) => end?.class ?? "open");
    const accepted = ends.filter((end) => end === "ok").length;
    if (accepted !== (failing.has(key) ? 0 : 1)) problems.push(`${key} has ${accepted} receipts: ${ends.join(", ")}`);
    if (ends.includes("open")) problems.push(`${key} has an attempt without an end: ${ends.join(", ")}`);
    if (failing.has(key) && ends.filter((end) => end === "exit").length < 2)
      problems.push(`${key} was to fail by its exit code, again and again: ${ends.join(", ")}`);
  }
  return [...problems, ...tools.duplicateExecutions(state).map(({ key }) => `${key} was done twice`)];
}

function outputProblems(root, files) {
  const problems = [];
  const known = new Set();
  for (const [key, { path, text }] of files) {
    known.add(path);
    const file = join(root, path);
    const found = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (found !== text) problems.push(`${key}: ${path} ${found === undefined ? "is missing" : `has ${found.length} bytes, not the ${text.length} expected`}`); // prettier-ignore
  }
  for (const folder of ["mocks", "reduced"])
    for (const path of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      if (path.isFile() && !known.has(join(path.parentPath, path.name).slice(root.length + 1)))
        problems.push(`${join(path.parentPath, path.name)} is published and nobody planned it`);
  return problems;
}

function leftovers(tools, root) {
  const inside = (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
  const left = ["claims", "submissions", "staging", "pool", "metadata/runs"].flatMap((folder) =>
    inside(folder).map((name) => `${folder}/${name} is left over`),
  );
  const strange = inside("metadata").filter((name) => /^lock|\.tmp$/.test(name)).map((name) => `metadata/${name} is left over`); // prettier-ignore
  return [...left, ...strange, ...tools.processesWith(`${root}/`).map((pid) => `process ${pid} is left`)];
}

/** What SLURM puts back after the last turn finds nothing to begin, and ends. */
async function queueProblems(cluster) {
  let left = [];
  for (let looks = 0; looks < 60; looks++) {
    const jobs = await cluster.output(["squeue", "-h", "-r", "-t", "PD,R,CG,S,CF", "-o", "%i %j %T %r"]);
    left = jobs.split("\n").filter(Boolean);
    if (left.length === 0) break;
    await sleep(1000);
  }
  return left.map((job) => `still in the queue: ${job}`);
}

/** Nothing but the planned failures is to be done. */
async function planProblems(start, failing) {
  const { code, out, err } = await start(["plan", "-v", "--json"]).done;
  if (code !== 0) return [`cmc plan ends with ${code}: ${err}`];
  const changes = out.split("\n").filter(Boolean).map((line) => JSON.parse(line)).filter(({ type }) => type === "change"); // prettier-ignore
  return changes.flatMap(({ key, action, reason }) => {
    const good = action === (failing.has(key) ? "hold" : "keep");
    return good ? [] : [`cmc plan would ${action} ${key} (${reason})`];
  });
}

/** The database that the last tick left says what the journals say. */
async function rebuildProblems(tools, start, root) {
  const file = join(root, "metadata", "campaign.db");
  await start(["tick"]).done;
  const before = await tools.contentOfDatabase(file);
  const { code, err } = await start(["rebuild"]).done;
  if (code !== 0) return [`cmc rebuild ends with ${code}: ${err}`];
  const after = await tools.contentOfDatabase(file);
  const other = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return other.map((name) => `cmc rebuild makes another table ${name}`);
}
