// What squeue, sacct and scontrol print, and what is made of it: whole stories from SLURM 22.05, with the lines that mislead.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Ran } from "../../../src/executors/slurm/answer.ts";
import { foldAccounting } from "../../../src/executors/slurm/attempts.ts";
import { parseConfig, parsePartitions, parsePing } from "../../../src/executors/slurm/config.ts";
import { parseAccountedExit, parseQueuedExit } from "../../../src/executors/slurm/exit-status.ts";
import { parseAccounting, readAccounting, sacctArgs } from "../../../src/executors/slurm/sacct.ts";
import { parseQueue, squeueArgs } from "../../../src/executors/slurm/squeue.ts";
import { comesBack, stateOf } from "../../../src/executors/slurm/states.ts";
import { formatMemory, formatTime, formatWalltime, parseLimit, parseTime } from "../../../src/executors/slurm/units.ts";

function fixture(name: string): string {
  return readFileSync(`${import.meta.dirname}/../../fixtures/slurm/${name}`, "utf8");
}

function ran(answer: Partial<Ran>): Ran {
  return { program: "sacct", code: 0, stdout: "", stderr: "", timedOut: false, seconds: 1, ...answer };
}

describe("the queue", () => {
  const { jobs, unreadable } = parseQueue(fixture("squeue-story.txt"), 1000);
  const of = (jobId: number) => jobs.find((job) => job.jobId === jobId)!;

  test("one call for everything, at full length", () => {
    expect(squeueArgs(1000)).toEqual([
      "--noheader",
      "--all",
      "--states=all",
      "--user=1000",
      "--Format=JobID:|,JobArrayID:|,UserID:|,State:|,Partition:|,QOS:|,Account:|,SubmitTime:|,StartTime:|,EndTime:|," +
        "RestartCnt:|,exit_code:|,NodeList:|,Name:|,Comment:|,Reason:",
    ]);
  });

  test("tasks that have not started are one record", () => {
    expect(of(35)).toEqual({
      jobId: 35,
      arrayJobId: 35,
      tasks: [4, 6, 8, 9, 10],
      throttle: 2,
      name: "cmc-mock-4f2a",
      comment: "cmc mock 4f2a",
      state: { phase: "pending", name: "PENDING" },
      reason: "JobArrayTaskLimit",
      partition: "main",
      qos: "normal",
      account: "acc1",
      submitted: 1795161234,
      start: 1795161300,
      end: 1795164900,
      restarts: 0,
    });
    expect(of(150).tasks).toHaveLength(101);
    expect(of(150).reason).toBe("JobHeldUser,Priority");
  });

  test("started tasks have numbers of their own; only an end has an exit", () => {
    expect(of(36)).toMatchObject({ arrayJobId: 35, tasks: [0], state: { phase: "running" }, nodes: "node1" });
    expect(of(36).exit).toBeUndefined();
    expect(of(36).reason).toBeUndefined();
    expect(of(37)).toMatchObject({ state: { phase: "ending", name: "COMPLETING" }, restarts: 1 });
    expect(of(37).exit).toBeUndefined();
    expect(of(38)).toMatchObject({
      state: { phase: "ended", class: "failed" },
      exit: { code: 255, signal: 0, exact: true },
    });
  });

  test("reasons have commas and spaces, comments have bars, and much is not there", () => {
    const { reason, comment, qos, account, start, partition, arrayJobId } = of(140);
    expect(reason).toBe("Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions");
    expect({ comment, qos, account, start, arrayJobId }).toEqual({});
    expect(partition).toBe("main,low");
    expect(of(141)).toMatchObject({ name: "by hand", comment: "a | b", nodes: "node[2-3]" });
    expect(of(141).end).toBeUndefined();
  });

  test("what cannot be read is handed back; others' jobs are not ours", () => {
    expect(unreadable.map((line) => line.split("|")[1])).toEqual(["2_[0,3,8,11,13-14,17,22-23,27-2", "12+1"]);
    expect(jobs.map((job) => job.jobId)).toEqual([35, 36, 37, 38, 140, 141, 142, 150]);
    expect(parseQueue("", 0)).toEqual({ jobs: [], unreadable: [] });
    expect(parseQueue("CLUSTER: other\n", 0).unreadable).toEqual(["CLUSTER: other"]);
  });
});

describe("accounting", () => {
  const { jobs, unreadable } = parseAccounting(fixture("sacct-story.txt"));
  const tasks = foldAccounting(jobs);

  test("every attempt, from a time on, in UTC", () => {
    const format =
      "--format=JobID,JobIDRaw,State,ExitCode,Submit,Start,End,Partition,QOS,Account,NodeList,Reason,JobName,Comment";
    const head = ["--allocations", "--parsable2", "--duplicates", "--noheader", "--user=7"];
    expect(sacctArgs(7, { since: 1795161234.7 })).toEqual([
      ...head,
      "--starttime=2026-11-20T07:53:54",
      "--endtime=now",
      format,
    ]);
    expect(sacctArgs(7, { since: 0, jobs: [3, 5], name: "x" }).slice(5)).toEqual([
      "--starttime=1970-01-01T00:00:00",
      "--endtime=now",
      "--jobs=3,5",
      "--name=x",
      format,
    ]);
  });

  test("codes are as sacct prints them, and said to be uncertain", () => {
    expect(unreadable).toEqual([]);
    expect(tasks.get("35_10")!.ended).toMatchObject({
      rawId: 35,
      state: { class: "failed" },
      exit: { code: 127, signal: 0, exact: false },
    });
  });

  test("a row for a task beats the row for the rest", () => {
    expect(tasks.get("35_10")).toMatchObject({ job: 35, task: 10, fromRest: false });
    expect(tasks.get("35_4")).toMatchObject({ job: 35, task: 4, fromRest: true });
    expect(tasks.get("35_4")!.ended).toBeUndefined();
    expect(tasks.get("88_2")!.attempts).toHaveLength(1);
    expect(tasks.get("88_2")!.ended).toMatchObject({ rawId: 90, nodes: "node2" });
    expect(tasks.get("88_5")).toMatchObject({
      fromRest: true,
      ended: { state: { class: "cancelled" }, comment: "a | b" },
    });
  });

  test("a requeued task has an attempt for each time it ran; the last counts", () => {
    const classes = (name: string) => tasks.get(name)!.attempts.map(({ state }) => "class" in state && state.class);
    expect(classes("94_1")).toEqual(["requeued", "completed"]);
    expect(classes("94_2")).toEqual(["node_fail", "launch_failure"]);
    expect(tasks.get("94_1")!.ended!.end).toBe(1795161270);
    expect(foldAccounting([...jobs].reverse()).get("94_1")).toEqual(tasks.get("94_1"));
  });

  test("an end without a time, a requeue and an unknown state are no ends", () => {
    expect(tasks.get("111")!.ended!.state).toMatchObject({ class: "oom" });
    for (const name of ["112", "113", "114"]) expect(tasks.get(name)!.ended, name).toBeUndefined();
  });

  test.each([
    ["off", { code: 1, stderr: "Slurm accounting storage is disabled\n" }],
    ["off", { code: 1, stderr: "You are not running a supported accounting_storage plugin\nOnly 'accounting_storage/slurmdbd' is supported.\n" }],
    ["unreachable", { code: 1, stderr: "sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:127.0.0.1:26819: Connection refused\nsacct: error: Problem talking to the database: Connection refused\n" }],
    ["unreachable", { code: null, timedOut: true }],
    ["unreachable", { code: null, notStarted: "spawn sacct EAGAIN" }],
    ["failed", { code: 1, stderr: "sacct: fatal: Bad job/step specified: foo\n" }],
    ["failed", { code: 0, overflow: true }],
    ["failed", { code: null }],
    ["absent", { code: null, absent: true }],
    ["ok", { code: 0 }],
  ])("%s: %j", (type, answer) => expect(readAccounting(ran(answer)).type).toBe(type)); // prettier-ignore
});

describe("states", () => {
  test.each([
    ["PENDING", "pending"], ["PD", "pending"], ["REQUEUE_HOLD", "pending"], ["RUNNING", "running"], ["R", "running"], ["CF", "running"],
    ["SUSPENDED", "running"], ["COMPLETING", "ending"], ["CG", "ending"], ["SO", "ending"], ["CD", "completed"], ["FAILED", "failed"],
    ["OUT_OF_MEMORY", "oom"], ["OOM", "oom"], ["TO", "timeout"], ["NODE_FAIL", "node_fail"], ["PR", "preempted"], ["BOOT_FAIL", "boot_fail"],
    ["DL", "deadline"], ["CANCELLED by 1000", "cancelled"], ["CA", "cancelled"], ["REQUEUED", "requeued"], ["SE", "special_exit"],
    ["REVOKED", "revoked"], ["LAUNCH_FAILED", "launch_failure"],
    ["?", "unknown"], ["", "unknown"], ["HIBERNATED", "unknown"], ["CANCELLED+", "unknown"], ["toString", "unknown"],
  ])("%s is %s", (text, expected) => {
    const state = stateOf(text);
    expect(state.phase === "ended" ? state.class : state.phase).toBe(expected);
    expect(comesBack(state)).toBe(expected === "requeued" || expected === "special_exit");
  }); // prettier-ignore

  test("a job that could not be started, or was killed, is told by its exit alone", () => {
    expect(stateOf("FAILED", parseAccountedExit("0:53"))).toMatchObject({ class: "launch_failure" });
    expect(stateOf("FAILED", parseAccountedExit("0:9"))).toMatchObject({ class: "killed" });
    expect(stateOf("FAILED", parseAccountedExit("1:0"))).toMatchObject({ class: "failed" });
  });

  test.each([
    ["0", 0, 0],
    ["256", 1, 0],
    ["65280", 255, 0],
    ["9", 0, 9],
    ["139", 0, 11],
    ["4021", 0, 53],
    ["3:0", 3, 0],
    ["0:15", 0, 15],
  ])("squeue's exit %s", (text, code, signal) => expect(parseQueuedExit(text)).toEqual({ code, signal, exact: true }));
});

describe("the cluster", () => {
  test("configuration", () => {
    expect(parseConfig(fixture("config.txt"))).toEqual({
      cluster: "sim",
      scrontab: false,
      version: "22.05.8",
      maxArraySize: 1001,
      maxArrayTasks: 500,
      maxJobCount: 20,
      minJobAge: 300,
      messageTimeout: 30,
      accounting: true,
      enforce: ["associations", "limits", "qos"],
      keepsComments: false,
      requeues: true,
    });
    expect(parseConfig("AccountingStorageType   = accounting_storage/none\n")).toMatchObject({
      accounting: false,
      enforce: [],
    });
    expect(parseConfig("AccountingStorageType   = (null)\nAccountingStoreFlags = job_comment,job_env\n")).toMatchObject(
      {
        accounting: false,
        keepsComments: true,
      },
    );
  });

  test("partitions", () => {
    const [main, low] = parsePartitions(fixture("partitions.txt"));
    expect(main).toEqual({
      name: "main",
      isDefault: true,
      state: "UP",
      maxTime: Infinity,
      defaultTime: 3600,
      maxNodes: Infinity,
      maxCpusPerNode: Infinity,
      maxMemoryPerNode: Infinity,
      nodes: "node[1-4]",
      totalNodes: 4,
      totalCpus: 64,
    });
    expect(low).toMatchObject({ state: "DRAIN", maxTime: 216000, maxNodes: 2, maxCpusPerNode: 8, allowQos: ["q1"] });
    expect(low).toMatchObject({ maxMemoryPerNode: 16000 * 2 ** 20, allowAccounts: ["acc1", "acc2"] });
    expect(low!.defaultTime).toBeUndefined();
  });

  test("controllers", () => {
    expect(parsePing("Slurmctld(primary) at vm is UP\nSlurmctld(backup) at vm2 is DOWN\n")).toEqual([
      { role: "primary", host: "vm", up: true },
      { role: "backup", host: "vm2", up: false },
    ]);
  });
});

describe("units", () => {
  test.each([
    [0.2, "0-00:00:01"],
    [59.5, "0-00:01:00"],
    [3600, "0-01:00:00"],
    [93784, "1-02:03:04"],
    [8640000, "100-00:00:00"],
  ])("%d s is %s", (seconds, text) => {
    expect(formatWalltime(seconds)).toBe(text);
    expect(parseLimit(text)).toBe(Math.ceil(seconds));
  });
  test.each([
    [2 ** 30, "1024M"],
    [2 ** 20 + 1, "1025K"],
    [128e9, "125000000K"],
    [1, "1K"],
  ])("%d bytes are %s", (bytes, text) => expect(formatMemory(bytes)).toBe(text));
  test.each([0, -1, NaN, Infinity])("%d would mean no limit", (value) => {
    expect(() => formatWalltime(value)).toThrow(RangeError);
    expect(() => formatMemory(value)).toThrow(RangeError);
  });
  test("times", () => {
    expect(parseTime("1795161234")).toBe(1795161234);
    expect(parseTime(formatTime(1795161234))).toBe(1795161234);
    for (const none of ["Unknown", "None", "NONE", "N/A", ""]) expect(parseTime(none)).toBeUndefined();
    for (const none of ["NONE", "N/A", ""]) expect(parseLimit(none)).toBeUndefined();
  });
});
