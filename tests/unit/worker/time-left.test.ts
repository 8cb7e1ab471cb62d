// Whether a job is begun in the time that is left of an allocation: its limit, or what was measured; the first always, with what time there is.
import { expect, it } from "vitest";
import type { TaskJob } from "../../../src/ir/task-line.ts";
import { allocationOf } from "../../../src/worker/allocation.ts";
import { TimeLeft } from "../../../src/worker/time-left.ts";

const JOB: TaskJob = { type: "run", key: "s[i=0]", batch: "s-0", line: 0, attempt: 1 };

/** An allocation of which so many seconds are left, and in which a job has been begun already. */
function left(seconds: number): TimeLeft {
  const time = new TimeLeft(seconds * 1000, () => 0);
  time.admit("s", undefined, JOB);
  return time;
}

it("asks for the walltime, until twenty receipts say how long jobs of the stage take", () => {
  const time = left(100);
  expect(time.admit("s", 100, JOB)).toBe(JOB);
  expect(time.admit("s", 101, JOB)).toBeUndefined();
  for (let i = 0; i < 19; i++) time.record("s", 10);
  expect(time.admit("s", 101, JOB)).toBeUndefined();
  time.record("s", 46);
  // 1.5 x 46 + 30 = 99
  expect(time.admit("s", 1800, JOB)).toBe(JOB);
  expect(time.admit("other", 1800, JOB)).toBeUndefined();
  time.record("s", 47);
  expect(time.admit("s", 1800, JOB)).toBeUndefined();
  expect(time.admit("s", 90, JOB)).toBe(JOB);
  expect(time.admit("other", undefined, JOB)).toBe(JOB);
});

it("begins the first job in any case, with the time there is", () => {
  const first = (seconds: number, walltime?: number, job = JOB) =>
    new TimeLeft(seconds * 1000, () => 0).admit("s", walltime, job);
  expect(first(600, 580)).toBe(JOB);
  expect(first(600, 600)).toEqual({ ...JOB, resources: { walltime: 580 } });
  expect(first(600)).toEqual({ ...JOB, resources: { walltime: 580 } });
  expect(first(600, 900, { ...JOB, resources: { memory: 5, walltime: 900 } })!.resources).toEqual({ memory: 5, walltime: 580 }); // prettier-ignore
  expect([first(50, 40), first(50, 60)]).toEqual([JOB, undefined]);
});

it("there is time without end where nobody knows of one", () => {
  const time = new TimeLeft(undefined, () => 0);
  expect([time.admit("s", 1e9, JOB), time.admit("s", 1e9, JOB)]).toEqual([JOB, JOB]);
});

it("reads SLURM's environment", () => {
  expect(allocationOf({})).toEqual({ restart: 0 });
  expect(allocationOf({ SLURM_JOB_ID: "12", SLURM_JOB_END_TIME: "1000" })).toEqual({ job: 12, raw: 12, restart: 0, end: 1_000_000 }); // prettier-ignore
  const env = { SLURM_JOB_ID: "13", SLURM_ARRAY_JOB_ID: "12", SLURM_RESTART_COUNT: "2", SLURM_JOB_END_TIME: "1000" };
  expect(allocationOf(env, 900)).toEqual({ job: 12, raw: 13, restart: 2, end: 900_000 });
});
