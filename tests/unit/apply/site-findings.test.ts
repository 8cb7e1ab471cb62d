// A profile against what a cluster says of itself.
import { describe, expect, it } from "vitest";
import { type Door, doorsOf, trial } from "../../../src/apply/site-doors.ts";
import { doorFinding, limitFindings, partitionFindings } from "../../../src/apply/site-findings.ts";
import { parseConfig, parsePartitions } from "../../../src/executors/slurm/config.ts";
import { sbatchArgs } from "../../../src/executors/slurm/sbatch.ts";
import type { Limits } from "../../../src/site/site.ts";
import { siteFrom } from "../../../src/site/document.ts";

const limits = (more: Partial<Limits> = {}): Limits => ({ ...siteFrom("here", {} as never).limits, ...more });
const bad = (findings: readonly { readonly check: string; readonly ok: boolean }[]) =>
  findings.filter(({ ok }) => !ok).map(({ check }) => check);

describe("limits", () => {
  const config = parseConfig("MaxArraySize = 1001\nMaxJobCount = 10000\nMessageTimeout = 100 sec\nSchedulerParameters = max_array_tasks=500\n"); // prettier-ignore

  it("that the cluster does not have are found", () => {
    expect(bad(limitFindings(limits({ maxArraySize: 501, maxSubmit: 10_001, submitTimeout: 100 }), config))).toEqual(["arrays", "queue", "patience"]); // prettier-ignore
    expect(bad(limitFindings(limits({ maxArraySize: 500, maxSubmit: 10_000, submitTimeout: 101 }), config))).toEqual([]); // prettier-ignore
    expect(limitFindings(limits({ maxArraySize: 501 }), config)[0]).toMatchObject({ remedy: "Set limits.maxArraySize: 500." }); // prettier-ignore
  });

  it("of which it says nothing are no finding", () => {
    expect(limitFindings(limits(), parseConfig(""))).toEqual([]);
  });
});

describe("partitions", () => {
  const partitions = parsePartitions(
    ["PartitionName=main Default=YES MaxTime=01:00:00 State=UP TotalNodes=2 TotalCPUs=8", "PartitionName=old Default=NO MaxTime=UNLIMITED State=DRAIN TotalNodes=1 TotalCPUs=4"].join("\n"),
  ); // prettier-ignore
  const door = (partition?: string, walltime?: number): Door => ({ name: "queue", queue: partition ? { partition } : {}, resources: walltime ? { walltime } : {} }); // prettier-ignore

  it("must be there, up, and give the time that is asked for", () => {
    const of = (...doors: Door[]) => bad(partitionFindings(doors, limits(), partitions));
    expect(of(door(), door("main", 3600))).toEqual([]);
    expect(of(door("nope"), door("old"))).toEqual(["partition nope", "partition old"]);
    expect(of(door(undefined, 3601))).toEqual(["partition main"]);
    expect(bad(partitionFindings([door()], limits({ maxWalltime: 7200 }), partitions))).toEqual(["partition main"]);
  });
});

describe("doors", () => {
  const site = siteFrom("here", {
    queue: { account: "a", qos: "regular" },
    resources: { walltime: "1h", nodes: 2, memory: "10 GB" },
    jobTypes: { gpu_intensive: { queue: { constraint: "gpu" }, resources: { gpus: 8 } } },
    lanes: [{ name: "fast", qos: "premium" }, { name: "same", qos: "premium" }],
    pool: { when: "never" },
  } as never); // prettier-ignore

  it("are the queue, job types and lanes; what asks for the same is asked once", () => {
    expect(doorsOf(site).map(({ name, queue }) => [name, queue])).toEqual([
      ["queue", { account: "a", qos: "regular" }],
      ["job type gpu_intensive", { account: "a", qos: "regular", constraint: "gpu" }],
      ["lane fast", { account: "a", qos: "premium" }],
    ]);
  });

  it("are tried with what they would be asked for", () => {
    const words = sbatchArgs(trial(doorsOf(site)[1]!, "/s.sh", "/tmp"));
    expect(words).toEqual(expect.arrayContaining(["--account=a", "--qos=regular", "--constraint=gpu", "--nodes=2", "--gpus-per-node=4", "--mem=4882813K", "--time=0-01:00:00", "/s.sh"])); // prettier-ignore
  });

  it("that are full now are open; refused ones are a finding in SLURM's words", () => {
    const [door] = doorsOf(site);
    const text = "sbatch: error: QOSMaxSubmitJobPerUserLimit\nallocation failure: Job violates accounting/QOS policy";
    expect(doorFinding(door!, { type: "refused", kind: "wait", text })).toMatchObject({ ok: true });
    expect(doorFinding(door!, { type: "refused", kind: "configuration", text: "Invalid account" })).toMatchObject({ ok: false, detail: "Invalid account" }); // prettier-ignore
    expect(doorFinding(door!, { type: "fits", start: 1_795_161_300, text: "" })).toMatchObject({ ok: true, detail: "accepted, would start at 2026-11-20T07:55:00Z" }); // prettier-ignore
  });
});
