// What must be true of a campaign root at any instant, and what once an apply has ended well. Each check returns sentences; none is good.
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { duplicateExecutions } from "../../src/state/duplicates.ts";
import { readLock } from "../../src/state/lock.ts";
import { mtimeText } from "../../src/worker/file-fact.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import type { State } from "../../src/state/reduce.ts";
import type { Life } from "./chaos-life.ts";
import { query } from "./database.ts";
import { executionProblems, type Said, saidIn } from "./executions.ts";
import { filesIn } from "./folder.ts";
import { processesWith } from "./processes.ts";

const RESERVED = /^(metadata|journal|staging|logs|claims)\//;

/** While anything runs: whatever is published is whole, and the database is the old one or the new one. */
export async function instantProblems(life: Life): Promise<string[]> {
  return [...brokenFiles(life), ...brokenFolders(life), ...unreadableJournals(life), ...(await brokenDatabase(life))];
}

/** Files that are not the whole content of one edition. Cheap: asked again and again while jobs run. */
export function brokenFiles(life: Life): string[] {
  const problems: string[] = [];
  for (const [path, contents] of contentsByPath(life)) {
    const found = readIfThere(join(life.root, path));
    if (found && !contents.some((content) => content.equals(found)))
      problems.push(
        `${path} is not whole: ${found.length} bytes, expected ${contents.map((content) => content.length).join(" or ")}`,
      );
  }
  return problems;
}

/** Folders that are not complete, or made of two editions. */
function brokenFolders(life: Life): string[] {
  return folders(life).flatMap((folder) => {
    const place = join(life.root, folder);
    const node = lstatSync(place, { throwIfNoEntry: false })?.ino;
    if (node === undefined) return [];
    const whole = [...life.expected.values()].some((jobs) =>
      jobs.some(({ files }) => {
        const own = Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`));
        return own.length > 0 && own.every(([path, content]) => readIfThere(join(life.root, path))?.equals(content));
      }),
    );
    // Replaced while it was read: the next look will tell.
    const moved = lstatSync(place, { throwIfNoEntry: false })?.ino !== node;
    return whole || moved ? [] : [`folder ${folder} is not whole: ${readdirSync(place).join(", ")}`];
  });
}

function unreadableJournals({ root }: Life): string[] {
  return readJournals(root)
    .fold()
    .problems.map((problem) => problem.message);
}

async function brokenDatabase({ root }: Life): Promise<string[]> {
  const file = join(root, "metadata", "campaign.db");
  if (!existsSync(file)) return [];
  try {
    const answer = await query(file, "PRAGMA integrity_check");
    return answer[0]?.[0] === "ok" ? [] : [`campaign.db: ${JSON.stringify(answer)}`];
  } catch (error) {
    return [`campaign.db: ${(error as Error).message}`];
  }
}

/** What `cmc plan` calls completed has a receipt of this edition, and its files are those of the receipt. */
export async function falselyDone(life: Life): Promise<string[]> {
  const { out, err, code } = await life.start(["plan", "-v", "--json"]).done;
  if (code !== 0) return [`cmc plan ends with ${code}: ${err}`];
  const { state } = readJournals(life.root).fold();
  const done = out.split("\n").flatMap((line) => {
    if (line === "") return [];
    const { type, key, action } = JSON.parse(line) as { type: string; key: string; action: string };
    return type === "change" && action === "keep" ? [key] : [];
  });
  return done.flatMap((key) => unproven(life, state, key));
}

function unproven(life: Life, state: State, key: string): string[] {
  const job = life.jobs.find((candidate) => candidate.key === key);
  const receipt = state.jobs.get(key)?.receipt;
  if (!job) return [`${key} is planned and was not expected`];
  if (!receipt) return [`${key} is called completed and has no receipt`];
  const edition = (receipt.params as { edition: number }).edition;
  if (edition !== life.edition)
    return [`${key} is called completed by a receipt of edition ${edition}, not ${life.edition}`];
  const other = Object.entries(job.files).flatMap(([path, content]) =>
    readIfThere(join(life.root, path))?.equals(content)
      ? []
      : [`${key} is called completed and ${path} is not what it made`],
  );
  const moved = receipt.outputs.flatMap((output) => {
    const stats = lstatSync(join(life.root, output.path), { bigint: true, throwIfNoEntry: false });
    if (stats?.isDirectory()) return [];
    return stats && Number(stats.size) === output.size && mtimeText(stats.mtimeNs) === output.mtime
      ? []
      : [`${output.path} is not the file of its receipt`];
  });
  return [...other, ...moved];
}

/** After an apply that ended with 0: everything is there, once, and nobody is left. */
export async function finalProblems(life: Life): Promise<string[]> {
  const { root, jobs, base } = life;
  const { state } = readJournals(root).fold();
  const missing = jobs.flatMap(({ key }) => unproven(life, state, key));
  const staged = readdirSync(join(root, "staging")).map((name) => `staging/${name} is left over`);
  const left = processesWith(base).map((pid) => `process ${pid} is left: ${commandLine(pid)}`);
  const lock = readLock(root);
  const strange = filesIn(root).filter((path) => !RESERVED.test(path) && !contentsByPath(life).has(path));
  return [
    ...(await instantProblems(life)),
    ...missing,
    ...receiptsOnce(life, state),
    ...executionProblems(notesOf(life), state),
    ...(await databaseProblems(life)),
    ...staged,
    ...left,
    ...(lock ? [`the lock is held by ${lock.command} (pid ${lock.pid})`] : []),
    ...strange.map((path) => `${path} is published and nobody declared it`),
    ...readdirSync(join(root, "metadata")).filter((name) => /\.tmp$|^lock/.test(name)).map((name) => `metadata/${name} is left over`), // prettier-ignore
    ...(await falselyDone(life)),
  ];
}

function receiptsOnce({ expected }: Life, state: State): string[] {
  const twice = duplicateExecutions(state).map(
    ({ key, first, second }) => `${key} has two receipts of one recipe: ${first} and ${second}`,
  );
  const open = [...state.jobs.values()].flatMap((job) =>
    job.open ? [`${job.key} is open: ${job.open.attemptId}`] : [],
  );
  const unknown = [...state.jobs.keys()].filter(
    (key) => ![...expected.values()].some((jobs) => jobs.some((job) => job.key === key)),
  );
  return [...twice, ...open, ...unknown.map((key) => `${key} is in the journal and was never planned`)];
}

/** Real executions, in the order they happened. */
export function executions(life: Life): Said[] {
  return saidIn(notesOf(life));
}

function notesOf({ base }: Life): string {
  return join(base, "side");
}

/** The manifest says the same as the journal: every job done, by one accepted attempt; nobody runs. */
async function databaseProblems({ root, jobs }: Life): Promise<string[]> {
  const file = join(root, "metadata", "campaign.db");
  if (!existsSync(file)) return ["there is no campaign.db"];
  const rows = await query(
    file,
    "SELECT j.key, j.state, (SELECT count(*) FROM attempts a WHERE a.job = j.id AND a.accepted) FROM jobs j",
  );
  const other = rows.filter(([, state, accepted]) => state !== "done" || accepted !== 1);
  const running = await query(file, "SELECT key, name FROM running");
  return [
    ...(rows.length === jobs.length ? [] : [`campaign.db has ${rows.length} jobs, not ${jobs.length}`]),
    ...other.map(
      ([key, state, accepted]) => `campaign.db: ${String(key)} is ${String(state)}, accepted ${String(accepted)} times`,
    ),
    ...running.map(([key, name]) => `campaign.db: ${String(key)} runs as ${String(name)}`),
  ];
}

/** Path -> what it may hold: one content an edition. */
function contentsByPath({ expected }: Life): Map<string, Buffer[]> {
  const contents = new Map<string, Buffer[]>();
  for (const jobs of expected.values())
    for (const { files } of jobs)
      for (const [path, content] of Object.entries(files)) contents.set(path, [...(contents.get(path) ?? []), content]);
  return contents;
}

function folders(life: Life): string[] {
  const paths = [...contentsByPath(life).keys()].filter((path) => path.startsWith("tiles/"));
  return [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/"))))];
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

export function commandLine(pid: number): string {
  return (readIfThere(`/proc/${pid}/cmdline`)?.toString("utf8") ?? "").replaceAll("\0", " ").slice(0, 200);
}
