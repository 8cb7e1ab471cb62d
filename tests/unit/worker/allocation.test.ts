// What a worker has of an allocation: all nodes of an array task, its share of a pool's.
import { expect, it } from "vitest";
import { allocationOf } from "../../../src/worker/allocation.ts";

it.each([
  ["outside SLURM", {}, undefined],
  ["a task of one node", { SLURM_JOB_ID: "7", SLURM_JOB_NUM_NODES: "1" }, undefined],
  ["a task of four", { SLURM_JOB_ID: "7", SLURM_JOB_NUM_NODES: "4" }, 4],
  ["a stream of two nodes of a pool", { SLURM_JOB_ID: "7", SLURM_JOB_NUM_NODES: "1", CMC_NODES: "20/10" }, 2],
  ["one of eight streams on a node", { SLURM_JOB_ID: "7", SLURM_JOB_NUM_NODES: "1", CMC_NODES: "1/8" }, 1 / 8],
])("%s", (_, env, nodes) => {
  expect(allocationOf(env).nodes).toBe(nodes);
});
