// Command jobs with real processes: what arrives, what is recorded, and that nothing of a job survives its end.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { Launcher } from "../../../src/worker/launcher.ts";
import { runProgram } from "../../../src/worker/spawn.ts";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { ends, logText, receipts, runCampaign } from "../../helpers/worker-run.ts";

let campaign: TestCampaign | undefined;
afterEach(() => campaign?.remove());

async function run(
  stages: readonly TestStage[],
  prepare?: (campaign: TestCampaign) => void,
  env: Record<string, string> = {},
) {
  campaign = await testCampaign(stages);
  prepare?.(campaign);
  return await runCampaign(campaign, { env: { CMC_GRACE_MS: "300", CMC_WATCH_MS: "50", ...env } });
}

const sh = (script: string, ...args: string[]): string[] => ["sh", "-c", script, "sh", ...args];
const out = { ir: { kind: "file", name: "out" }, path: (i: number) => `out/${i}.txt` } as const;

describe("arguments and environment", () => {
  it("arrive byte for byte", async () => {
    const nasty = [
      "a b",
      `'"'"`,
      "line\nbreak",
      "$(touch pwned) `id` $HOME",
      "a,b;c|d&e>f",
      "häß 漢字 \u{1F600}",
      "-n",
      "",
      "tab\there",
      "\\n\\",
    ];
    const stage: TestStage = {
      name: "nasty",
      count: 1,
      argv: () => [
        process.execPath,
        "-e",
        "require('fs').writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env.EXTRA]))",
        placeholder("output:out"),
        ...nasty,
      ],
      run: { kind: "command", env: { EXTRA: "x=y 'z'\n$(q)" }, okExits: [0] },
      outputs: [out],
    };
    const ran = await run([stage]);
    expect(ran).toMatchObject({ done: 1, failed: 0 });
    expect(JSON.parse(readFileSync(join(campaign!.root, "out/0.txt"), "utf8"))).toEqual([nasty, "x=y 'z'\n$(q)"]);
  });

  it("hold the documented variables, the job file, and placeholders for inputs", async () => {
    const up: TestStage = {
      name: "up",
      count: 2,
      argv: (i) => sh('echo $1 > "$2"', String(i), placeholder("output:out")),
      outputs: [{ ...out, path: (i) => `up/${i}.txt` }],
    };
    const down: TestStage = {
      name: "down",
      count: 1,
      params: () => ({ a: [1, "zwei"] }),
      inputs: [
        { ir: { kind: "file", port: "ext", compare: "content", optional: false }, paths: () => "in.txt" },
        { ir: { kind: "file", port: "opt", compare: "stat", optional: true }, paths: () => "absent.txt" },
        { ir: { kind: "edge", port: "all", from: { stage: "up", output: "out" }, join: "all", over: ["i"] } },
      ],
      argv: () =>
        sh(
          '{ env | grep ^CMC_ | sort; cat "$CMC_JOB_FILE"; echo; cat "$2"; echo; shift 2; echo "$@"; pwd; } > "$0.tmp"; mv "$0.tmp" "$CMC_STAGING/out/0.txt"',
          placeholder("staging"),
          placeholder("list:all"),
          placeholder("each:all"),
          placeholder("input:ext"),
        ),
      outputs: [out],
    };
    const ran = await run([up, down], (c) => writeFileSync(join(c.campaignDir, "in.txt"), "input"));
    expect(ran).toMatchObject({ done: 3, failed: 0 });
    const { root, campaignDir } = campaign!;
    const text = readFileSync(join(root, "out/0.txt"), "utf8");
    const end = ends(root, "down[i=0]")[0]!;
    const staging = join(root, "staging", end.attemptId);
    for (const line of [
      "CMC_KEY=down[i=0]",
      "CMC_STAGE=down",
      "CMC_ATTEMPT=1",
      `CMC_ATTEMPT_ID=${end.attemptId}`,
      `CMC_ROOT=${root}`,
      `CMC_STAGING=${staging}`,
      "CMC_POINT_I=0",
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).not.toContain("CMC_GRACE_MS");
    const job = JSON.parse(text.split("\n").find((line) => line.startsWith('{"key"'))!) as object;
    const list = [0, 1].map((i) => ({ path: join(root, `up/${i}.txt`), point: { i } }));
    expect(job).toEqual({
      key: "down[i=0]",
      stage: "down",
      point: { i: 0 },
      params: { a: [1, "zwei"] },
      inputs: { ext: join(campaignDir, "in.txt"), opt: join(campaignDir, "absent.txt"), all: list },
      outputs: { out: join(staging, "out/0.txt") },
    });
    expect(text).toContain(JSON.stringify(list));
    expect(text).toContain(
      `${join(root, "up/0.txt")} ${join(root, "up/1.txt")} ${join(campaignDir, "in.txt")}\n${staging}\n`,
    );
    expect(end.receipt!.inputs).toEqual([
      {
        path: "in.txt",
        size: 5,
        mtime: expect.stringMatching(/^\d+\.\d{9}$/),
        sha256: "c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20",
      },
    ]);
  });

  it("stdin is /dev/null: a job that reads it ends at once", async () => {
    const ran = await run([{ name: "cat", count: 1, argv: () => ["cat"], resources: { walltime: 5 } }]);
    expect(ran).toMatchObject({ done: 1 });
    expect(ran.events.find((event) => event.type === "finished")).toMatchObject({ class: "ok" });
  });
});

describe("ends", () => {
  it("are classified, with exit, signal and the tail of the log", async () => {
    const cases: TestStage[] = [
      {
        name: "three",
        count: 1,
        argv: () => sh("i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; exit 3"),
      },
      { name: "absent", count: 1, argv: () => ["no-such-program-at-all", "x"] },
      { name: "segv", count: 1, argv: () => sh("kill -SEGV $$") },
      { name: "fine", count: 1, argv: () => sh("exit 4"), run: { kind: "command", env: {}, okExits: [0, 4] } },
      {
        name: "missing",
        count: 1,
        argv: () => ["true"],
        inputs: [
          { ir: { kind: "files", port: "f", compare: "stat", optional: false }, paths: () => ["nope/a", "nope/b"] },
        ],
      },
      { name: "nothing", count: 1, argv: () => ["true"], outputs: [out] },
    ];
    const ran = await run(cases);
    expect(ran).toMatchObject({ done: 1, failed: 5 });
    const { root } = campaign!;
    const three = ends(root, "three[i=0]")[0]!;
    expect(three).toMatchObject({ class: "exit", exit: 3, message: "sh exited with 3: line 29" });
    expect(three.logTail!.split("\n")).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`));
    expect(readFileSync(join(root, three.log!.file), "utf8").slice(three.log!.from, three.log!.to)).toMatch(
      /^line 0\n[^]*line 29\n$/,
    );
    expect(ends(root, "absent[i=0]")[0]).toMatchObject({
      class: "exit",
      exit: 127,
      message: expect.stringMatching(/^program not found: no-such-program-at-all/),
    });
    expect(ends(root, "segv[i=0]")[0]).toMatchObject({ class: "signal", signal: "SIGSEGV" });
    expect(ends(root, "fine[i=0]")[0]).toMatchObject({ class: "ok", exit: 4 });
    expect(ends(root, "missing[i=0]")[0]).toMatchObject({
      class: "missing-input",
      message: "not there: nope/a, nope/b",
    });
    expect(ends(root, "nothing[i=0]")[0]).toMatchObject({
      class: "validation",
      message: "out: output out was not written",
    });
  });

  it("a check that is killed has said nothing of the output: its job is tried again; one that crashes refuses it", async () => {
    const check = (signal: string, once: string): [string, ...string[]] => [
      "sh",
      "-c",
      `[ -e ../${once} ] || { touch ../${once}; kill -${signal} $$; }`,
    ];
    const stage = (name: string, signal: string): TestStage => ({
      name,
      count: 1,
      argv: () => sh('echo x > "$1"', placeholder("output:o")),
      outputs: [{ ir: { kind: "file", name: "o", check: check(signal, name) }, path: () => name }],
      retry: { attempts: 2 },
    });
    expect(await run([stage("killed", "KILL"), stage("crashed", "SEGV")])).toMatchObject({ done: 1, failed: 1 });
    const { root } = campaign!;
    const tries = ends(root, "killed[i=0]").sort((a, b) => a.attempt - b.attempt);
    expect(tries).toMatchObject([{ class: "signal", message: "ended by SIGKILL" }, { class: "ok" }]);
    expect(ends(root, "crashed[i=0]")).toMatchObject([
      { class: "validation", message: expect.stringMatching(/^o: refused by sh .*: ended by SIGSEGV$/) },
    ]);
  });

  it("a program that was stopped before it was started is not started", async () => {
    const program = { argv: ["true"], env: {}, cwd: "/", logFd: 2, okExits: [0], limits: {} };
    const launcher = new Launcher({}, 2);
    await expect(async () => runProgram(program, launcher, AbortSignal.abort())).rejects.toThrow(
      "stopped before it was started",
    );
  });

  it.each([
    ["its worker is ended, too", true, "cancelled"],
    ["its worker lives on", false, "signal"],
  ])("a job that a signal ends in an allocation: %s", async (_, stops, how) => {
    const launcher = new Launcher({}, 2);
    const stop = new AbortController();
    process.env["SLURM_JOB_ID"] = "7";
    try {
      const program = { argv: sh("kill -TERM $$"), env: { PATH: process.env["PATH"] }, cwd: "/tmp", logFd: 2, okExits: [0], limits: {} }; // prettier-ignore
      const ran = runProgram(program, launcher, stop.signal);
      if (stops) setTimeout(() => stop.abort(), 200);
      await expect(ran).rejects.toMatchObject({ attemptClass: how });
    } finally {
      delete process.env["SLURM_JOB_ID"];
      launcher.close();
    }
  });

  it("a time limit ends the whole group, also what ignores SIGTERM", async () => {
    const marker = `${Date.now()}.${process.pid}`;
    const script = `trap '' TERM; (trap '' TERM; sleep 3${marker.slice(-6)} & echo $!; wait) & echo $!; wait; sleep 60`;
    const ran = await run([{ name: "slow", count: 1, argv: () => sh(script), resources: { walltime: 0.4 } }]);
    expect(ran).toMatchObject({ done: 0, failed: 1 });
    expect(ends(campaign!.root, "slow[i=0]")[0]).toMatchObject({
      class: "timeout",
      message: "killed after 0.4 s (walltime)",
    });
    const pids = logText(campaign!.root).trim().split("\n").map(Number); // prettier-ignore
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it("background processes of a finished job are ended with it", async () => {
    const ran = await run([{ name: "bg", count: 1, argv: () => sh("sleep 300 & echo $!") }]);
    expect(ran).toMatchObject({ done: 1 });
    expect(isRunning(Number(logText(campaign!.root)))).toBe(false);
  });

  it("a group that grows over its declared memory is ended as oom", async () => {
    const grow = "const a = []; setInterval(() => a.push(Buffer.alloc(20e6, 1)), 10)";
    const ran = await run([
      {
        name: "fat",
        count: 1,
        argv: () => sh(`${process.execPath} -e "${grow}"; exit 0`),
        resources: { memory: 200e6 },
      },
    ]);
    expect(ran).toMatchObject({ failed: 1 });
    const end = ends(campaign!.root, "fat[i=0]")[0]!;
    expect(end).toMatchObject({
      class: "oom",
      message: expect.stringMatching(/^killed: \d+ MB resident, 200 MB declared$/),
    });
  });
});

describe("metrics and gates of commands", () => {
  it("come from the metrics file; a failed gate is a validation failure, a warning is reported", async () => {
    const emit = (lines: string) => sh('printf "%s\\n" "$1" >> "$CMC_METRICS_FILE"', lines);
    const gate = (name: string, level: "fail" | "warn") => ({ name, metric: "m", min: 1, max: 2, level }) as const;
    const ran = await run([
      { name: "good", count: 1, argv: () => emit('{"name":"m","value":1.5,"unit":"s"}'), gates: [gate("g", "fail")] },
      { name: "low", count: 1, argv: () => emit('{"name": "m", "value": 0.5}'), gates: [gate("g", "fail")] },
      { name: "nan", count: 1, argv: () => emit('{"name": "m", "value": NaN}'), gates: [gate("w", "warn")] },
      { name: "none", count: 1, argv: () => ["true"], gates: [gate("g", "fail")] },
      { name: "junk", count: 1, argv: () => emit("m=1") },
    ]);
    const { root } = campaign!;
    expect(ran).toMatchObject({ done: 2, failed: 3, warnings: 1 });
    expect(ends(root, "good[i=0]")[0]!.receipt).toMatchObject({
      metrics: [{ name: "m", value: 1.5, unit: "s" }],
      gates: [{ name: "g", passed: true }],
    });
    expect(ends(root, "low[i=0]")[0]).toMatchObject({
      class: "validation",
      message: "gate g: m = 0.5 is less than 1",
      gates: [{ name: "g", passed: false }],
      metrics: [{ name: "m", value: 0.5 }],
    });
    expect(ends(root, "nan[i=0]")[0]!.receipt).toMatchObject({
      metrics: [{ name: "m", value: "NaN" }],
      gates: [{ name: "w", passed: false, message: "m = NaN is not finite" }],
    });
    expect(ends(root, "none[i=0]")[0]!.message).toBe("gate g: m was not emitted");
    expect(ends(root, "junk[i=0]")[0]!.message).toMatch(/^line 1 of the metrics file is not/);
    expect(receipts(root).size).toBe(2);
  });
});

describe("publishing", () => {
  it("replaces files and folders whole, and refuses what stands in the way", async () => {
    const stages: TestStage[] = [
      { name: "file", count: 1, argv: () => sh('echo new > "$1"', placeholder("output:out")), outputs: [out] },
      {
        name: "folder",
        count: 1,
        argv: () => sh('mkdir "$1/sub"; echo 1 > "$1/a"; echo 22 > "$1/sub/b"', placeholder("output:d")),
        outputs: [{ ir: { kind: "dir", name: "d" }, path: () => "d" }],
      },
      {
        name: "blocked",
        count: 1,
        argv: () => sh('echo x > "$1"', placeholder("output:out")),
        outputs: [{ ...out, path: () => "wall/x" }],
      },
      {
        name: "kind",
        count: 1,
        argv: () => sh('mkdir "$1"', placeholder("output:out")),
        outputs: [{ ...out, path: () => "kind/x" }],
      },
      {
        name: "twins",
        count: 1,
        argv: () => sh('echo 1 > "$1"; echo 2 > "$2"', placeholder("output:a"), placeholder("output:b")),
        outputs: [
          { ir: { kind: "file", name: "a" }, path: () => "t/1/same" },
          { ir: { kind: "file", name: "b" }, path: () => "t/2/same" },
        ],
      },
      {
        name: "check",
        count: 1,
        argv: () => sh('echo bad > "$1"', placeholder("output:c")),
        outputs: [
          { ir: { kind: "file", name: "c", size: { min: 2 }, check: ["grep", "-q", "good"] }, path: () => "c" },
        ],
      },
    ];
    const ran = await run(stages, ({ root }) => {
      for (const folder of ["out", "d/old", "wall/x/full"]) mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, "out/0.txt"), "old");
      writeFileSync(join(root, "d/old/stale"), "old");
    });
    const { root } = campaign!;
    expect(ran).toMatchObject({ done: 3, failed: 3 });
    expect(readFileSync(join(root, "out/0.txt"), "utf8")).toBe("new\n");
    expect(existsSync(join(root, "d/old"))).toBe(false);
    expect(ends(root, "folder[i=0]")[0]!.receipt!.outputs).toMatchObject([{ name: "d", path: "d", size: 5, files: 2 }]);
    expect(ends(root, "blocked[i=0]")[0]).toMatchObject({
      class: "validation",
      message: "out: a folder stands where out is to be published: wall/x",
    });
    expect(ends(root, "kind[i=0]")[0]).toMatchObject({
      class: "validation",
      message: "out: output out is a folder, a file was declared",
    });
    expect([1, 2].map((i) => readFileSync(join(root, `t/${i}/same`), "utf8"))).toEqual(["1\n", "2\n"]);
    expect(ends(root, "check[i=0]")[0]).toMatchObject({
      class: "validation",
      message: "c: refused by grep -q good: grep exited with 1",
    });
    expect(existsSync(join(root, "c"))).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
