// Pools in a turn: what became of allocations, new packs for what is ready, new allocations while there is work, none when there is not.
// What became of packs is pool-packs.ts.
import type { PoolDescription } from "../../render/pool.ts";
import { isOpen, type SubmissionState } from "../../state/submission.ts";
import { faultPoint } from "../../state/fault.ts";
import type { State } from "../../state/reduce.ts";
import { packsFor } from "./assign.ts";
import { brakeOf, lastRetry, vainOf } from "./brakes.ts";
import type { Docket } from "./docket.ts";
import { addPacks, closePool, type Desk, poolFolder, readDesk, releaseBrake, removePool } from "./pool-desk.ts";
import { allocationsOf } from "./pool-packs.ts";
import { allocationsFor, type WantedAllocation } from "./pool-plan.ts";
import { submitAllocation } from "./pool-submit.ts";
import type { Sight } from "./sight.ts";
import type { QueueRoom } from "./queue-room.ts";
import type { Standings } from "./standing.ts";
import type { TurnBook, TurnPlace } from "./turn-book.ts";

/** Pool allocations hold nothing by themselves: their workers claim packs by lease. One that nobody sees any more is over. */
export function settleAllocations({ state, now }: TurnPlace, turn: TurnBook, sight: Sight, patience: number): void {
  for (const one of openAllocations(state)) {
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
    if (packs === 0 && !moreToCome(docket, standings, pool)) {
      await finish(place, desk, alive);
      continue;
    }
    const brake = packs === 0 ? undefined : (brakedBy(pool, desk, state) ?? brakeOf(docket, state) ?? vainOf(docket, pool.name, state)); // prettier-ignore
    if (brake !== undefined) turn.alert("slurm/brake", brake);
    else if (!(await submitFor(place, turn, docket, allocationsFor(pool, packs, alive.byLane, room, run.site))))
      return false;
  }
  return true;
}

/** False: the scheduler takes nothing more in this turn. */
async function submitFor(
  place: TurnPlace,
  turn: TurnBook,
  docket: Docket,
  allocations: readonly WantedAllocation[],
): Promise<boolean> {
  for (const wanted of allocations) {
    const answer = await submitAllocation(place, turn, docket, wanted);
    if (answer.type === "submitted") continue;
    if (answer.type === "refused" && answer.kind === "configuration")
      turn.alert("slurm/refused", `${wanted.pool.name}, lane ${wanted.lane.name}: ${answer.text}`);
    else if (answer.type === "refused" && answer.kind === "budget")
      turn.alert("slurm/budget", `${wanted.pool.name}: ${answer.text}`);
    else if (answer.type !== "refused") turn.unreachableText = answer.text;
    return answer.type === "refused" && answer.kind !== "budget";
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
}

function aliveOf({ state }: TurnPlace, pool: PoolDescription, docket: Docket, sight: Sight): Alive {
  const own = openAllocations(state).filter(
    ({ intended }) => intended?.run === docket.run.run && intended.array === pool.name,
  );
  const byLane = new Map<string, number>();
  const submissions = own.map(({ token, jobId, intended }) => {
    const lane = intended!.lane ?? "main";
    byLane.set(lane, (byLane.get(lane) ?? 0) + 1);
    return { jobId, waiting: sight.task(token, 0)?.kind === "pending" };
  });
  return { submissions, byLane };
}

/** Some of the run's allocations are in the queue. */
export function hasAllocations(state: State, run: string): boolean {
  return openAllocations(state).some(({ intended }) => intended?.run === run);
}

function openAllocations(state: State): readonly SubmissionState[] {
  return allocationsOf(state).filter(isOpen);
}

/** Jobs of the pool's stages that may become ready later. */
function moreToCome({ jobs }: Docket, standings: Standings, pool: PoolDescription): boolean {
  return jobs.some(({ key, array }) => {
    if (!pool.arrays.includes(array.name)) return false;
    const { kind } = standings.get(key)!;
    return kind === "waiting" || kind === "backoff";
  });
}

/** Pulled by its workers. */
function brakedBy({ name }: PoolDescription, { brakedAt, folder }: Desk, state: State): string | undefined {
  if (brakedAt === undefined) return undefined;
  if (lastRetry(state) <= brakedAt)
    return `${name}: its workers stopped after too many failures in a row; nothing more is begun until \`cmc retry\``;
  releaseBrake(folder);
  return undefined;
}
