// What a scheduler with accounting limits reserves when arrays and pools are submitted: all that is in the queue, for its whole walltime.
// 89 node-hours were refused against a balance of 1 although each task would have passed. From the rules of the turn; asks nobody.
import { allocationsFor } from "../executors/cluster/pool-plan.ts";
import { queueRoom } from "../executors/cluster/queue-room.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { hours } from "../plan/amount.ts";
import { grouped } from "../plan/grouped.ts";
import type { Refusal } from "../plan/types.ts";
import type { JobArray } from "../render/pack.ts";
import { type PoolLane, poolsOf } from "../render/pool.ts";
import type { Site } from "../site/site.ts";

export interface ArrayReservation {
  readonly submissions: number;
  readonly atOnce: number;
  readonly reservedNodeHours?: number;
}

export interface PoolReservation {
  readonly name: string;
  readonly stages: readonly string[];
  readonly allocations: number;
  /** Of all of them. */
  readonly nodes: number;
  readonly streams: number;
  readonly reservedNodeHours: number;
}

export interface Reservations {
  /** In the order of the arrays. */
  readonly arrays: readonly ArrayReservation[];
  readonly pools: readonly PoolReservation[];
}

/** Each as if the queue were empty. */
export function reserve(arrays: readonly JobArray[], site: Site): Reservations {
  return { arrays: arrays.map((array) => ofArray(array, site)), pools: ofPools(arrays, site) };
}

function ofArray({ description, slices, walltime }: JobArray, site: Site): ArrayReservation {
  const { mode, resources } = description;
  if (mode === "pool") return { submissions: 0, atOnce: 0 };
  const through = queueRoom(EMPTY, site).take(slices.length, resources.jobType);
  const atOnce = Math.min(slices.length, through.reduce((sum, { tasks }) => sum + tasks, 0)); // prettier-ignore
  return {
    submissions: Math.ceil(slices.length / site.limits.maxArraySize),
    atOnce,
    ...(walltime === undefined ? {} : { reservedNodeHours: (atOnce * walltime * (resources.nodes ?? 1)) / 3600 }),
  };
}

const EMPTY = { jobs: [], unreadable: [] };

function ofPools(arrays: readonly JobArray[], site: Site): PoolReservation[] {
  return poolsOf(arrays, site).map(({ description }) => {
    const own = arrays.filter((array) => description.arrays.includes(array.description.name));
    const packs = own.reduce((sum, { description: { perTask }, slices }) => {
      const jobs = slices.reduce((total, { from, to }) => total + to - from, 0);
      return sum + Math.ceil(jobs / perTask);
    }, 0);
    const allocations = allocationsFor(description, packs, new Map(), queueRoom(EMPTY, site), site);
    const sum = (of: (lane: PoolLane) => number) => allocations.reduce((total, { lane }) => total + of(lane), 0);
    return {
      name: description.name,
      stages: [...new Set(own.map((array) => array.description.stage))],
      allocations: allocations.length,
      nodes: sum(({ resources }) => resources.nodes),
      streams: sum(({ streams }) => streams),
      reservedNodeHours: sum(({ resources }) => resources.nodes * resources.walltime) / 3600,
    };
  });
}

interface Named extends ArrayReservation {
  readonly name: string;
  readonly stage: string;
}

/** Against limits.nodeHours: each by itself, and together those that wait for none of the others. */
export function tooMuch(
  { stages }: CampaignIR,
  arrays: readonly Named[],
  pools: readonly PoolReservation[],
  { name: site, limits }: Site,
): readonly Refusal[] {
  const most = limits.nodeHours;
  if (most === undefined) return [];
  const submitted = [
    ...arrays.map(({ name, stage, atOnce, reservedNodeHours = 0 }) => ({
      what: `array ${name}, ${grouped(atOnce)} tasks,`,
      stages: [stage],
      reserved: reservedNodeHours,
    })),
    ...pools.map((pool) => ({
      what: `${pool.name}, ${grouped(pool.allocations)} ${pool.allocations === 1 ? "allocation" : "allocations"},`,
      stages: pool.stages,
      reserved: pool.reservedNodeHours,
    })),
  ];
  const refuse = (what: string, reserved: number): Refusal => ({
    code: "plan/reservation",
    message: `${what} would reserve ${hours(reserved, "node", 3)} when submitted; site ${site} has limits.nodeHours ${hours(most, "node", 3)}, ${hours(reserved - most, "node", 3)} too few`,
  });
  const alone = submitted.filter(({ reserved }) => reserved > most);
  if (alone.length > 0) return alone.map(({ what, reserved }) => refuse(what, reserved));
  const planned = new Set(submitted.flatMap((one) => one.stages));
  const waits = (stage: string) =>
    stages.find(({ name }) => name === stage)?.inputs.some((input) => input.kind === "edge" && planned.has(input.from.stage)) ?? false; // prettier-ignore
  const first = submitted.filter((one) => !one.stages.every(waits));
  const together = first.reduce((sum, { reserved }) => sum + reserved, 0);
  return together > most ? [refuse(first.map(({ what }) => what.replace(/,$/, "")).join(" and "), together)] : [];
}
