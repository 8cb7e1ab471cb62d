// How many allocations a pool needs now, through which lanes: as many as its packs keep busy, within lane targets, caps and the campaign's own limit. Pure.
import type { PoolDescription, PoolLane } from "../../render/pool.ts";
import type { Site } from "../../site/site.ts";
import type { QueueRoom } from "./queue-room.ts";

export interface WantedAllocation {
  readonly pool: PoolDescription;
  readonly lane: PoolLane;
}

/**
 * @param packs not done yet
 * @param alive allocations in the queue, by lane
 */
export function allocationsFor(
  pool: PoolDescription,
  packs: number,
  alive: ReadonlyMap<string, number>,
  room: QueueRoom,
  site: Site,
): readonly WantedAllocation[] {
  const wanted: WantedAllocation[] = [];
  let streams = pool.lanes.reduce((sum, lane) => sum + lane.streams * (alive.get(lane.name) ?? 0), 0);
  let total = [...alive.values()].reduce((sum, count) => sum + count, 0);
  for (const lane of pool.lanes) {
    const target = site.lanes.find(({ name }) => name === lane.name)?.target ?? Infinity;
    let inLane = alive.get(lane.name) ?? 0;
    // More streams than packs would wait for nothing.
    while (streams < packs && inLane < target && total < site.pool.maxAllocations && room.takeOne(lane.name)) {
      wanted.push({ pool, lane });
      streams += lane.streams;
      inLane += 1;
      total += 1;
    }
  }
  return wanted;
}
