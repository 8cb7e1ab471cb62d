// Room in the queue: caps count every job of the user, lanes are filled in order, and what is given out is gone for the rest of the turn.
import { describe, expect, it } from "vitest";
import { allocationsFor } from "../../../src/executors/cluster/pool-plan.ts";
import { queueRoom } from "../../../src/executors/cluster/queue-room.ts";
import type { Queue, QueuedJob } from "../../../src/executors/slurm/squeue.ts";
import type { PoolDescription } from "../../../src/render/pool.ts";
import { siteFrom } from "../../../src/site/document.ts";
import type { Lane, Site } from "../../../src/site/site.ts";

const SHAPE = { nodes: 1, streams: 4, walltime: 3600 };
const lane = (name: string, over: Partial<Lane> = {}): Lane => ({ name, queue: { qos: name }, pool: SHAPE, ...over });

function site(lanes: readonly Lane[], maxSubmit?: number): Site {
  const base = siteFrom("test", {});
  return { ...base, lanes, limits: { ...base.limits, ...(maxSubmit === undefined ? {} : { maxSubmit }) } };
}

function job(over: Partial<QueuedJob> = {}): QueuedJob {
  const state = { phase: "pending", name: "PENDING" } as const;
  return { jobId: 1, name: "foreign", state, partition: "main", qos: "premium", restarts: 0, ...over };
}

const queue = (...jobs: QueuedJob[]): Queue => ({ jobs, unreadable: [] });

describe("array tasks", () => {
  it("fit up to the site's limit, counted over all array tasks of the user", () => {
    const room = queueRoom(queue(job({ tasks: [0, 1, 2] }), job()), site([], 10));
    expect(room.take(20, undefined)).toEqual([{ lane: undefined, tasks: 6 }]);
    expect(room.take(1, undefined)).toEqual([]);
  });

  it("do not count what has ended and is still shown", () => {
    const ended = job({ state: { phase: "ended", name: "COMPLETED", class: "completed" }, tasks: [0, 1, 2] });
    expect(queueRoom(queue(ended), site([], 3)).take(5, undefined)).toEqual([{ lane: undefined, tasks: 3 }]);
  });

  it("go through lanes in their order, foreign jobs in a lane counted", () => {
    const premium = lane("premium", { cap: 5 });
    const regular = lane("regular", { cap: 64 });
    const room = queueRoom(queue(job({ tasks: [0, 1] }), job({ qos: "regular" })), site([premium, regular]));
    expect(room.take(10, undefined)).toEqual([
      { lane: premium, tasks: 3 },
      { lane: regular, tasks: 7 },
    ]);
    expect(room.take(100, undefined)).toEqual([{ lane: regular, tasks: 56 }]);
  });

  it("pass by lanes that are for other job types", () => {
    const gpu = lane("gpu", { jobTypes: ["gpu_intensive"] });
    expect(queueRoom(queue(), site([gpu])).take(3, "balanced")).toEqual([]);
    expect(queueRoom(queue(), site([gpu])).take(3, "gpu_intensive")).toEqual([{ lane: gpu, tasks: 3 }]);
  });

  it("count a job that may still go to one of several partitions for each of them", () => {
    const shared = lane("shared", { queue: { partition: "shared" }, cap: 1 });
    const undecided = job({ partition: "main,shared" });
    expect(queueRoom(queue(undecided), site([shared])).take(1, undefined)).toEqual([]);
  });
});

describe("allocations of a pool", () => {
  const resources = { nodes: 1, walltime: 3600 };
  const pool = (...names: string[]): PoolDescription => ({
    name: "pool",
    arrays: ["mock"],
    lanes: names.map((name) => ({ name, queue: {}, streams: 4, resources })),
  });
  const wanted = (of: readonly { readonly lane: { readonly name: string } }[]) => of.map(({ lane: { name } }) => name);

  it("are as many as its packs keep busy", () => {
    const where = { ...site([]), pool: { ...siteFrom("t", {}).pool, maxAllocations: 10 } };
    const room = () => queueRoom(queue(), where);
    expect(wanted(allocationsFor(pool("main"), 9, new Map(), room(), where))).toEqual(["main", "main", "main"]);
    expect(wanted(allocationsFor(pool("main"), 9, new Map([["main", 2]]), room(), where))).toEqual(["main"]);
    expect(wanted(allocationsFor(pool("main"), 0, new Map(), room(), where))).toEqual([]);
  });

  it("keep to lane targets, caps and the campaign's own limit", () => {
    const lanes = [lane("premium", { target: 2 }), lane("regular", { cap: 3 })];
    const where = { ...site(lanes), pool: { ...siteFrom("t", {}).pool, maxAllocations: 4 } };
    const busy = queue(job({ qos: "regular" }));
    const two = pool("premium", "regular");
    expect(wanted(allocationsFor(two, 1000, new Map(), queueRoom(busy, where), where))).toEqual([
      "premium",
      "premium",
      "regular",
      "regular",
    ]);
    const alive = new Map([["premium", 2], ["regular", 1]]); // prettier-ignore
    expect(wanted(allocationsFor(two, 1000, alive, queueRoom(busy, where), where))).toEqual(["regular"]);
  });

  it("share the room of a turn with arrays", () => {
    const where = { ...site([], 5), pool: { ...siteFrom("t", {}).pool, maxAllocations: 10 } };
    const room = queueRoom(queue(), where);
    room.take(4, undefined);
    expect(wanted(allocationsFor(pool("main"), 100, new Map(), room, where))).toEqual(["main"]);
  });
});
