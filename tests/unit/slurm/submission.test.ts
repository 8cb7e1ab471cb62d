// A submission becomes words for sbatch, and what sbatch says becomes an answer: every text that SLURM 22.05 was seen to give.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Ran } from "../../../src/executors/slurm/answer.ts";
import { escapePattern, sbatchArgs, testOnlyArgs } from "../../../src/executors/slurm/sbatch.ts";
import { classifySbatch, classifyTest, type SubmitAnswer } from "../../../src/executors/slurm/submission.ts";

/** Blocks of `# expected`, `$ command`, what was said, and how it ended. */
const STORIES = readFileSync(`${import.meta.dirname}/../../fixtures/slurm/sbatch.txt`, "utf8")
  .split("\n\n")
  .slice(1)
  .map((block) => {
    const [expected, command, ...said] = block.trim().split("\n");
    return { expected: expected!.slice(2), command: command!.slice(2), ran: ranOf(said) };
  });

function ranOf(said: readonly string[]): Ran {
  const end = /^\[(.*)\]$/.exec(said.at(-1) ?? "")?.[1];
  const lines = end === undefined ? said : said.slice(0, -1);
  const out = lines.filter((line) => /^(\d|Submitted)/.test(line));
  const err = lines.filter((line) => !out.includes(line));
  const code = end === undefined ? 0 : end.startsWith("rc=") ? Number(end.slice(3)) : null;
  const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join("");
  return { program: "sbatch", code, stdout: text(out), stderr: text(err), timedOut: end === "timed out", seconds: 1 };
}

function short(answer: SubmitAnswer): string {
  if (answer.type === "submitted") return ["submitted", answer.jobId, answer.cluster].filter(Boolean).join(" ");
  if (answer.type === "refused") return ["refused", answer.kind, answer.limit].filter(Boolean).join(" ");
  return answer.type === "uncertain" && answer.likely ? `uncertain likely ${answer.likely}` : answer.type;
}

describe("answers", () => {
  test("there are some", () => expect(STORIES.length).toBeGreaterThan(50));

  test.each(STORIES)("$expected: $command", ({ expected, ran }) => {
    const answer = classifySbatch(ran);
    expect(short(answer)).toBe(expected);
    if (ran.stderr !== "" && "text" in answer) expect(answer.text).toContain(ran.stderr.trim());
  });

  test("a number is a number, whatever else was said or happened", () => {
    const ran = { program: "sbatch", code: 0, stderr: "", timedOut: false, seconds: 1 };
    expect(classifySbatch({ ...ran, stdout: "Welcome to Example Cluster\n\n17\n" })).toEqual({
      type: "submitted",
      jobId: 17,
    });
    expect(short(classifySbatch({ ...ran, code: null, timedOut: true, stdout: "18\n" }))).toBe("submitted 18");
    expect(short(classifySbatch({ ...ran, code: 1, stdout: "19\n", stderr: "sbatch: error: cli_filter" }))).toBe(
      "submitted 19",
    );
  });

  test("a program that never ran has submitted nothing", () => {
    const ran = { program: "sbatch", code: null, stdout: "", stderr: "", timedOut: false, seconds: 0 };
    expect(classifySbatch({ ...ran, absent: true })).toEqual({
      type: "absent",
      program: "sbatch",
      text: "there is no program sbatch on PATH",
    });
    expect(classifySbatch({ ...ran, notStarted: "spawn sbatch EAGAIN" })).toEqual({
      type: "unreachable",
      text: "spawn sbatch EAGAIN",
    });
  });

  test("a trial says when it would start, or why not", () => {
    const ran = { program: "sbatch", stdout: "", timedOut: false, seconds: 1 };
    const starts = "sbatch: Job 34 to start at 1795161234 using 1 processors on nodes node1 in partition main";
    expect(classifyTest({ ...ran, code: 0, stderr: `${starts}\n` })).toEqual({ type: "fits", start: 1795161234, text: starts });
    expect(classifyTest({ ...ran, code: 1, stderr: "allocation failure: Requested node configuration is not available\n" })).toEqual({
      type: "refused",
      kind: "configuration",
      text: "allocation failure: Requested node configuration is not available",
    });
    expect(classifyTest({ ...ran, code: null, timedOut: true, stderr: "" }).type).toBe("unreachable");
    const lost = "allocation failure: Socket timed out on send/recv operation";
    expect(classifyTest({ ...ran, code: 1, stderr: lost })).toEqual({ type: "unreachable", text: lost });
  }); // prettier-ignore
});

describe("words", () => {
  test("little said, little asked", () => {
    expect(sbatchArgs({ script: "/b/mock.sbatch", jobName: "cmc-mock" })).toEqual([
      "--parsable",
      "--job-name=cmc-mock",
      "/b/mock.sbatch",
    ]);
  });

  test("everything said", () => {
    const words = sbatchArgs({
      script: "/b/mock.sbatch",
      args: ["/b", "--odd 'name'", "$HOME"],
      jobName: "cmc mock; rm",
      comment: "a\nb",
      array: { tasks: [0, 3, 6, 9, 12], throttle: 5 },
      account: "m1",
      partition: "p1,p2",
      qos: "regular",
      constraint: "gpu&hbm80g",
      reservation: "r",
      nodes: 2,
      excludeNodes: ["n1", "n[7-9]"],
      tasks: 4,
      cpusPerTask: 8,
      gpusPerNode: 4,
      memory: 250e9,
      walltime: 5400.5,
      licenses: ["scratch", "matlab:2"],
      dependency: {
        need: "any",
        on: [
          { type: "afterok", jobs: ["17", "18_3"] },
          { type: "afterany", jobs: ["19"] },
        ],
        cancelInvalid: true,
      },
      beginIn: 59.5,
      hold: true,
      signal: { name: "USR1", seconds: 120, to: "batch" },
      requeue: false,
      mail: { types: ["END", "FAIL"], user: "a@b" },
      workingDirectory: "/w",
      output: `${escapePattern("/logs/50%")}/%A_%a.log`,
      error: "/dev/null",
      openMode: "append",
      export: "NONE",
      extra: ["--exclusive"],
    });
    expect(words).toEqual([
      "--parsable",
      "--job-name=cmc mock; rm",
      "--comment=a\nb",
      "--array=0-12:3%5",
      "--account=m1",
      "--partition=p1,p2",
      "--qos=regular",
      "--constraint=gpu&hbm80g",
      "--reservation=r",
      "--nodes=2",
      "--exclude=n1,n[7-9]",
      "--ntasks=4",
      "--cpus-per-task=8",
      "--gpus-per-node=4",
      "--mem=244140625K",
      "--time=0-01:30:01",
      "--licenses=scratch,matlab:2",
      "--dependency=afterok:17:18_3?afterany:19",
      "--kill-on-invalid-dep=yes",
      "--begin=now+60seconds",
      "--signal=B:USR1@120",
      "--mail-type=END,FAIL",
      "--mail-user=a@b",
      "--chdir=/w",
      "--output=/logs/50%%/%A_%a.log",
      "--error=/dev/null",
      "--open-mode=append",
      "--export=NONE",
      "--hold",
      "--no-requeue",
      "--exclusive",
      "/b/mock.sbatch",
      "/b",
      "--odd 'name'",
      "$HOME",
    ]);
  });

  test("a trial asks for the same", () => {
    const submission = { script: "/s", jobName: "n", excludeNodes: [], dependency: { need: "all", on: [{ type: "afterok", jobs: ["1"] }, { type: "afterany", jobs: ["2"] }] } } as const; // prettier-ignore
    expect(testOnlyArgs(submission)).toEqual(["--test-only", ...sbatchArgs(submission)]);
    expect(sbatchArgs(submission)).toContain("--dependency=afterok:1,afterany:2");
  });

  test("no walltime and no memory are refused, they would mean all there is", () => {
    expect(() => sbatchArgs({ script: "/s", jobName: "n", walltime: 0 })).toThrow(RangeError);
    expect(() => sbatchArgs({ script: "/s", jobName: "n", memory: 0 })).toThrow(RangeError);
    expect(() => escapePattern("a\\b")).toThrow(RangeError);
  });
});
