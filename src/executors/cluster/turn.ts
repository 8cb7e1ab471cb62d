// One turn of a campaign on a cluster: look, settle, submit what is ready, end what is finished. For the holder of the campaign's lock; it waits for
// nobody and leaves everything to the next turn that it cannot do now.
import { faultPoint } from "../../state/fault.ts";
import type { AccountedJob } from "../slurm/sacct.ts";
import type { Queue } from "../slurm/squeue.ts";
import { assign } from "./assign.ts";
import { brakeOf, excludedNodes } from "./brakes.ts";
import { type Docket, readDocket } from "./docket.ts";
import { leftoversOf } from "./leftovers.ts";
import { forget, submitArray } from "./ledger.ts";
import { clearStaging, closeTask, openSubmissions, revokeTask, sweepUnintended } from "./open-submissions.ts";
import { settlePacks } from "./pool-packs.ts";
import { fillPools, hasAllocations, settleAllocations } from "./pool-turn.ts";
import { type QueueRoom, queueRoom } from "./queue-room.ts";
import { closeRun, inProgress, openRuns } from "./run-file.ts";
import { type Hand, settle, type Settlement } from "./settle.ts";
import { type Sight, sightOf } from "./sight.ts";
import { standingsOf, type Standings } from "./standing.ts";
import { type Turn, TurnBook, type TurnPlace } from "./turn-book.ts";

/** ms that a submission may take to show up in the queue; sbatch itself retries for two minutes. */
const PATIENCE_MS = Number(process.env["CMC_PATIENCE_MS"] ?? 180_000);
/** A worker renews its claim every 30 s. */
const ALIVE_MS = 6 * Number(process.env["CMC_HEARTBEAT_MS"] ?? 30_000);

export async function takeTurn(place: TurnPlace): Promise<Turn> {
  const { root, state, now } = place;
  const runs = openRuns(root);
  const turn = new TurnBook(place);
  if (runs.length === 0) return turn.report(0);
  sweepUnintended(root, state);
  const { queue } = place.look;
  if (queue.type !== "ok") return turn.unreachable(runs.length, queue);
  const { site } = runs[0]!;
  const visibility = site.limits.visibility * 1000;
  const { hands, sight } = await settleAll(place, turn, queue.value, visibility);
  settleAllocations(place, turn, sight, PATIENCE_MS);
  const leftovers = leftoversOf(queue.value, state);
  if (leftovers.length > 0) await place.client.cancel(leftovers);
  const belongs = new Set<string>();
  // One for all that is submitted in this turn, of whatever run.
  const room = queueRoom(queue.value, site);
  let stop = false;
  for (const run of runs) {
    const docket = readDocket(run, belongs);
    for (const { key } of docket.jobs) belongs.add(key);
    for (const [key, hand] of settlePacks(place, turn, docket, sight, { visibility, alive: ALIVE_MS }))
      hands.set(key, hand);
    const ceilings = {
      memory: run.site.limits.maxMemory ?? Infinity,
      walltime: run.site.limits.maxWalltime ?? Infinity,
    };
    const standings = standingsOf(docket, state, new Set(hands.keys()), ceilings, now());
    const submitted = new Set<string>();
    if (!stop) stop = !(await submitReady(place, turn, docket, standings, room, submitted));
    if (!stop) stop = !(await fillPools(place, turn, docket, standings, room, sight, submitted));
    turn.count(docket, standings, submitted);
    endIfOver(place, turn, docket, standings);
  }
  return turn.report(runs.length, hands);
}

/** Asks accounting at most once, takes away what nobody knows of, and writes down what has become true. */
async function settleAll(
  place: TurnPlace,
  turn: TurnBook,
  queue: Queue,
  visibility: number,
): Promise<{ readonly hands: Map<string, Hand>; readonly sight: Sight }> {
  const { root, state, client, now, look } = place;
  const open = openSubmissions(root, state, look.claims);
  let accounted: readonly AccountedJob[] = [];
  let accounting: "not asked" | "answered" | "silent" = "not asked";
  let settlement: Settlement | undefined;
  for (let round = 0; round < 3; round++) {
    const settings = { now: now(), readAt: look.at, visibility, patience: PATIENCE_MS, alive: ALIVE_MS, accounting };
    settlement = settle(open, state, sightOf(queue, accounted), settings);
    if (accounting === "not asked" && settlement.unseen.length > 0) {
      const asked = settlement.unseen.map((token) => state.submissions.get(token)!);
      const since = Math.min(...asked.map(({ intended }) => intended?.at ?? now())) / 1000 - 60;
      const unnumbered = asked.some(({ jobId }) => jobId === undefined);
      const jobs = unnumbered ? {} : { jobs: asked.map(({ jobId }) => jobId!) };
      const answer = await client.accounting({ since, ...jobs });
      accounting = answer.type === "ok" || answer.type === "off" ? "answered" : "silent";
      if (answer.type === "ok") accounted = answer.value.jobs;
      continue;
    }
    if (settlement.revoke.length === 0) break;
    for (const { token, task } of settlement.revoke)
      open.find(({ submission }) => submission.token === token)!.claims.set(task, revokeTask(root, token, task, now()));
  }
  for (const event of settlement!.events) turn.write(event);
  // Durable before the task files go: without them nobody could say what the submission held.
  if (settlement!.events.length > 0) place.journal().sync();
  faultPoint("turn/settled");
  const over = settlement!.events.flatMap((event) => (event.type === "submission-over" ? [event.token] : []));
  for (const { token, task } of settlement!.close) if (!over.includes(token)) closeTask(root, token, task, now());
  for (const token of over) forget(root, token);
  return { hands: new Map(settlement!.hands), sight: sightOf(queue, accounted) };
}

/** False: the scheduler takes nothing more in this turn. `submitted`: keys are added. */
async function submitReady(
  place: TurnPlace,
  turn: TurnBook,
  docket: Docket,
  standings: Standings,
  room: QueueRoom,
  submitted: Set<string>,
): Promise<boolean> {
  const { state, now } = place;
  const { wanted, waiting } = assign(docket, standings, room, docket.run.site);
  turn.waiting += waiting;
  if (wanted.length === 0) return true;
  const brake = brakeOf(docket, state);
  if (brake !== undefined) {
    turn.alert("slurm/brake", brake);
    return true;
  }
  const exclude = excludedNodes(docket, state);
  const ledger = { ...place, run: docket.run, campaign: docket.campaign, turn, exclude };
  const still = [...wanted];
  const wait = () => void (turn.waiting += still.reduce((sum, { tasks }) => sum + tasks.length, 0));
  let full = false;
  for (let one = still.shift(); one; one = full ? undefined : still.shift()) {
    let answer = await submitArray(ledger, one);
    // A limit that nobody told of may be smaller than the array: then a part of it passes.
    while (answer.type === "refused" && answer.kind === "wait" && one.tasks.length > 1) {
      const half: number = Math.floor(one.tasks.length / 2);
      full = true;
      turn.waiting += one.tasks.length - half;
      one = { ...one, tasks: one.tasks.slice(0, half) };
      answer = await submitArray(ledger, one);
    }
    if (answer.type === "submitted") turn.tookOn(one.tasks);
    const keys = one.tasks.flat().map(({ key }) => key);
    if (answer.type === "submitted" || answer.type === "uncertain") keys.forEach((key) => submitted.add(key));
    if (answer.type === "submitted") continue;
    if (answer.type === "refused" && answer.kind === "configuration") {
      turn.write({ type: "jobs-held", at: now(), keys, reason: `SLURM refused it: ${answer.text}` });
      turn.alert("slurm/refused", `${one.array.name}: ${answer.text}`);
      continue;
    }
    wait();
    if (answer.type === "refused" && answer.kind === "wait") turn.waiting += one.tasks.length;
    else if (answer.type === "refused") turn.alert("slurm/budget", `${one.array.name}: ${answer.text}`);
    else turn.unreachableText = answer.text;
    return false;
  }
  if (full) wait();
  return !full;
}

const GOING_ON = ["taken", "ready", "backoff", "waiting"] as const;

function endIfOver({ root, state, now }: TurnPlace, turn: TurnBook, { run, jobs }: Docket, standings: Standings): void {
  const all = jobs.map(({ key }) => standings.get(key)!.kind);
  const kinds = new Set(all);
  if (GOING_ON.some((kind) => kinds.has(kind))) return;
  if (hasAllocations(state, run.run)) return;
  const cancel = state.runs.get(run.run)?.cancel;
  const cancelled = cancel !== undefined && cancel.jobs === undefined;
  const outcome = [...kinds].every((kind) => kind === "done") ? "done" : cancelled ? "cancelled" : "failures";
  const done = all.filter((kind) => kind === "done").length;
  const failed = all.filter((kind) => kind === "failed" || kind === "held").length;
  turn.write({ type: "apply-finished", at: now(), run: run.run, outcome, done, failed });
  turn.journal().sync();
  turn.finished.push({ run: run.run, outcome });
  closeRun(root, run.run);
  // Nobody is at work under this root any more: what killed workers left there is nobody's.
  if (!inProgress(root)) clearStaging(root);
}
