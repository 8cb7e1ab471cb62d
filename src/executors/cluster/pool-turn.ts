// Pools in a turn: what became of packs and allocations, new packs for what is ready, new allocations while there is work, none when there is not.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { PoolDescription } from "../../render/pool.ts";
import { isOpen, type SubmissionState } from "../../state/submission.ts";
import { faultPoint } from "../../state/fault.ts";
import type { State } from "../../state/reduce.ts";
import type { SubmitAnswer } from "../slurm/submission.ts";
import { escapePattern } from "../slurm/sbatch.ts";
import { packsFor } from "./assign.ts";
import { brakeOf } from "./brakes.ts";
import type { Docket } from "./docket.ts";
import { recordAnswer } from "./ledger.ts";
import { addPacks, closePool, type Desk, poolFolder, readDesk, releaseBrake, removePack, removePool } from "./pool-desk.ts"; // prettier-ignore
import { allocationsFor, type WantedAllocation } from "./pool-plan.ts";
import { type Hand, isConcluded, lose } from "./settle.ts";
import { jobName, type Sight } from "./sight.ts";
import type { QueueRoom } from "./queue-room.ts";
import type { Standings } from "./standing.ts";
import type { TurnBook, TurnPlace } from "./turn-book.ts";

/** Pool allocations hold nothing by themselves: their workers claim packs by lease. One that nobody sees any more is over. */
export function settleAllocations({ state, now }: TurnPlace, turn: TurnBook, sight: Sight, patience: number): void {
  for (const one of poolSubmissions(state.submissions.values())) {
    const { token } = one;
    const jobId = sight.jobId(token);
    if (one.jobId === undefined && jobId !== undefined)
      turn.write({ type: "submission-answered", at: now(), token, jobId });
    const seen = sight.task(token, 0);
    const age = now() - (one.answeredAt ?? one.intended?.at ?? 0);
    if (seen?.kind === "ended" || (seen === undefined && age > patience))
      turn.write({ type: "submission-over", at: now(), token });
  }
}

/** Takes out what is done, and what no worker is left to do; says who holds the rest. */
export function settlePacks(place: TurnPlace, turn: TurnBook, docket: Docket, sight: Sight): ReadonlyMap<string, Hand> {
  const { root, state, now } = place;
  const hands = new Map<string, Hand>();
  for (const pool of docket.pools) {
    const desk = readDesk(poolFolder(root, docket.run.run, pool.name));
    const alive = aliveOf(place, pool, docket, sight);
    if (desk.brakedAt !== undefined) braked(turn, pool, desk, lastRetry(place));
    for (const pack of desk.packs) {
      const left = pack.jobs.filter((job) => !isConcluded(job, state));
      if (left.length === 0 || pack.done || (pack.claimed && alive.running === 0)) {
        for (const event of lose(left, state, "its pool worker is gone", now())) turn.write(event);
        // Recorded before the pack that names them is gone.
        if (left.length > 0) turn.journal().sync();
        removePack(desk.folder, pack);
      } else
        for (const { key } of left) hands.set(key, { phase: pack.claimed ? "running" : "queued", token: pool.name });
    }
  }
  return hands;
}

/** False: the scheduler takes nothing more in this turn. `submitted`: keys of new packs are added. */
export async function fillPools(
  place: TurnPlace,
  turn: TurnBook,
  docket: Docket,
  standings: Standings,
  room: QueueRoom,
  sight: Sight,
  submitted: Set<string>,
): Promise<boolean> {
  const { root, state, now } = place;
  const { run } = docket;
  for (const pool of docket.pools) {
    const folder = poolFolder(root, run.run, pool.name);
    const fresh = packsFor(docket, standings, pool.arrays);
    if (fresh.length > 0) {
      faultPoint("pool/adding");
      addPacks(folder, fresh, now());
      faultPoint("pool/added");
      turn.tookOn(fresh);
      for (const { key } of fresh.flat()) submitted.add(key);
    }
    const desk = readDesk(folder);
    const alive = aliveOf(place, pool, docket, sight);
    const packs = desk.packs.filter(({ done }) => !done).length;
    if (packs === 0 && !moreToCome(docket, standings, pool)) await finish(place, desk, alive);
    else if (desk.brakedAt === undefined) {
      if (brakeOf(docket, state) !== undefined) continue;
      for (const wanted of allocationsFor(pool, packs, alive.byLane, room, run.site)) {
        const answer = await submitAllocation(place, turn, docket, wanted);
        if (answer.type === "submitted") continue;
        if (answer.type === "refused" && answer.kind === "configuration") {
          turn.alert("slurm/refused", `${pool.name}, lane ${wanted.lane.name}: ${answer.text}`);
          break;
        }
        if (answer.type === "refused" && answer.kind === "wait") break;
        if (answer.type === "refused") turn.alert("slurm/budget", `${pool.name}: ${answer.text}`);
        else turn.unreachableText = answer.text;
        return false;
      }
    }
  }
  return true;
}

/** Nothing is left: workers find the pool closed; allocations that wait in the queue would only cost. */
async function finish({ client }: TurnPlace, desk: Desk, alive: Alive): Promise<void> {
  if (alive.submissions.length === 0) return removePool(desk.folder);
  if (!desk.closed) closePool(desk.folder);
  const pending = alive.submissions.flatMap(({ jobId, waiting }) =>
    waiting && jobId !== undefined ? [String(jobId)] : [],
  );
  if (pending.length > 0) await client.cancel(pending);
}

interface Alive {
  readonly submissions: readonly { readonly jobId: number | undefined; readonly waiting: boolean }[];
  readonly byLane: ReadonlyMap<string, number>;
  /** Of which a worker may be at work. */
  readonly running: number;
}

function aliveOf({ state }: TurnPlace, pool: PoolDescription, docket: Docket, sight: Sight): Alive {
  const own = poolSubmissions(state.submissions.values()).filter(
    ({ intended }) => intended?.run === docket.run.run && intended.array === pool.name,
  );
  const byLane = new Map<string, number>();
  const submissions = own.map(({ token, jobId, intended }) => {
    const lane = intended!.lane ?? "main";
    byLane.set(lane, (byLane.get(lane) ?? 0) + 1);
    return { jobId, waiting: sight.task(token, 0)?.kind === "pending" };
  });
  return { submissions, byLane, running: submissions.filter(({ waiting }) => !waiting).length };
}

/** Some of the run's allocations are in the queue. */
export function hasAllocations(state: State, run: string): boolean {
  return poolSubmissions(state.submissions.values()).some(({ intended }) => intended?.run === run);
}

function poolSubmissions(submissions: Iterable<SubmissionState>): SubmissionState[] {
  return [...submissions].filter((one) => isOpen(one) && one.intended?.mode === "pool");
}

/** Jobs of the pool's stages that may become ready later. */
function moreToCome({ jobs }: Docket, standings: Standings, pool: PoolDescription): boolean {
  return jobs.some(({ key, array }) => {
    if (!pool.arrays.includes(array.name)) return false;
    const { kind } = standings.get(key)!;
    return kind === "waiting" || kind === "backoff";
  });
}

function braked(turn: TurnBook, pool: PoolDescription, desk: Desk, retriedAt: number): void {
  if (retriedAt > desk.brakedAt!) releaseBrake(desk.folder);
  else
    turn.alert(
      "slurm/brake",
      `${pool.name}: its workers stopped after too many failures in a row; nothing more is begun until \`cmc retry\``,
    );
}

function lastRetry({ state }: TurnPlace): number {
  return state.verbs.reduce((at, verb) => (verb.type === "retry-requested" ? Math.max(at, verb.at) : at), 0);
}

async function submitAllocation(
  { root, client, now }: TurnPlace,
  turn: TurnBook,
  { run }: Docket,
  { pool, lane }: WantedAllocation,
): Promise<SubmitAnswer> {
  const token = `${pool.name}-${now().toString(36)}-${randomBytes(4).toString("hex")}`;
  const intent = { array: pool.name, mode: "pool", lane: lane.name, tasks: 1, jobs: 0 } as const;
  turn.write({ type: "submission-intended", at: now(), token, run: run.run, ...intent });
  turn.journal().sync();
  faultPoint("pool/intended");
  const { resources, queue } = lane;
  const answer = await client.submit({
    script: join(run.bundle, "slurm", `${pool.name}.sbatch`),
    args: [run.bundle, root, run.campaignDir, run.run, poolFolder(root, run.run, pool.name), lane.name],
    jobName: jobName(token),
    ...queueOptions(queue),
    nodes: resources.nodes,
    walltime: resources.walltime,
    ...(resources.tasks === undefined ? {} : { tasks: resources.tasks }),
    ...(resources.cpus === undefined ? {} : { cpusPerTask: Math.ceil(resources.cpus / (resources.tasks ?? 1)) }),
    ...(resources.gpus ? { gpusPerNode: Math.ceil(resources.gpus / resources.nodes) } : {}),
    ...(resources.memory === undefined ? {} : { memory: Math.ceil(resources.memory / resources.nodes) }),
    requeue: false,
    workingDirectory: root,
    output: escapePattern(join(root, "logs", `${token}.slurm`)),
    openMode: "append",
  });
  faultPoint("pool/submitted");
  for (const event of recordAnswer(token, answer, now())) turn.write(event);
  turn.journal().sync();
  return answer;
}

function queueOptions({ licenses, mail, options, ...queue }: WantedAllocation["lane"]["queue"]) {
  return {
    ...queue,
    ...(licenses ? { licenses } : {}),
    ...(mail ? { mail } : {}),
    ...(options ? { extra: options } : {}),
  };
}
