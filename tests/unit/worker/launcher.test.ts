// The launcher against real programs: everything Node's own spawn would say, it says too, and it is not missed where it cannot be.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { extended } from "../../../src/worker/environment.ts";
import { Launcher } from "../../../src/worker/launcher.ts";
import type { Ended } from "../../../src/worker/running.ts";

let folder: string;
let logFd: number;
let launcher: Launcher;
const base = { PATH: process.env["PATH"], BASE: "inherited" };

function open(env: NodeJS.ProcessEnv): void {
  launcher = new Launcher(env, logFd);
}

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "cmc-launcher-")));
  logFd = openSync(join(folder, "log"), "a");
  open(base);
});
afterEach(async () => {
  await launcher.close();
  closeSync(logFd);
  rmSync(folder, { recursive: true });
});

const log = (): string => readFileSync(join(folder, "log"), "utf8");
const start = (argv: readonly string[], own: NodeJS.ProcessEnv = {}, env: NodeJS.ProcessEnv = base, cwd = folder) =>
  launcher.start({ argv, env: extended(env, own), cwd, logFd });
const run = async (...of: Parameters<typeof start>): Promise<Ended> => (await start(...of)).ended;
const sh = (script: string): string[] => ["sh", "-c", script];

/** After the first short program the launcher is used. */
async function warm(): Promise<void> {
  await run(["true"]);
  await run(sh("echo $PPID"));
  expect(Number(log())).not.toBe(process.pid);
  writeFileSync(join(folder, "log"), "");
}

describe.skipIf(spawnSync("perl", ["-v"]).error !== undefined)("the launcher (perl)", () => {
  it("takes over when commands are short", async () => {
    await run(sh("echo $PPID"));
    expect(Number(log())).toBe(process.pid);
    await run(sh("echo $PPID"));
    const parent = Number(log().trim().split("\n")[1]);
    expect(parent).not.toBe(process.pid);
    await run(sh("sleep 0.3; echo $PPID"));
    await run(sh("echo $PPID"));
    expect(log().trim().split("\n").slice(2).map(Number)).toEqual([parent, process.pid]); // prettier-ignore
  });

  it.each([0, 1, 126, 137, 255])("tells exit code %i", async (code) => {
    await warm();
    expect(await run(sh(`exit ${code}`))).toEqual({ code, signal: null });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE", "SIGKILL", "SIGSEGV"])("tells %s", async (signal) => {
    await warm();
    expect(await run(sh(`kill -${signal.slice(3)} $$; sleep 5`))).toEqual({ code: null, signal });
  });

  it("hands over arguments, environment and folder byte for byte, and no standard input", async () => {
    await warm();
    const nasty = ["a b", `'"'"`, "line\nbreak", "$(id)", "häß 漢字 \u{1F600}", "", "-n"];
    const cwd = join(folder, "ä b\n");
    mkdirSync(cwd);
    const script =
      "console.log(JSON.stringify([process.argv.slice(1), process.env.OWN, process.env.BASE, process.cwd(), fs.readFileSync(0, 'utf8')]))";
    await run([process.execPath, "-e", script, "--", ...nasty], { OWN: nasty.join("=") }, base, cwd);
    expect(JSON.parse(log())).toEqual([nasty, nasty.join("="), "inherited", cwd, ""]);
    writeFileSync(join(folder, "log"), "");
    await run(sh("echo ${OWN-gone}"));
    expect(log()).toBe("gone\n");
  });

  it("gives every program a process group of its own", async () => {
    await warm();
    const { pid, ended } = await start(sh("sleep 60 & wait"));
    process.kill(-pid, "SIGKILL");
    expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("says why a program cannot be started, and goes on", async () => {
    await warm();
    writeFileSync(join(folder, "plain"), "");
    expect(await run(["no-such-program"])).toMatchObject({ error: { code: "ENOENT" } });
    expect(await run([join(folder, "plain")])).toMatchObject({ error: { code: "EACCES" } });
    expect(await run(["true", "x".repeat(3_000_000)])).toMatchObject({ error: { code: "E2BIG" } });
    expect(await run(["true"], {}, base, join(folder, "nowhere"))).toMatchObject({ error: { code: "ENOENT" } });
    expect(await run(sh("exit 4"))).toEqual({ code: 4, signal: null });
  });

  it("when it is killed its program is lost, and the next is started all the same", async () => {
    await warm();
    const { pid, ended } = await start(sh('echo "$PPID"; exec sleep 60'));
    for (let wait = 0; log() === "" && wait < 200; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(Number(log()), "SIGKILL");
    expect(await ended).toMatchObject({ lost: true });
    process.kill(-pid, "SIGKILL");
    expect(await run(["true"])).toEqual({ code: 0, signal: null });
    expect(await run(["true"])).toEqual({ code: 0, signal: null });
  });
});

describe("without perl", () => {
  it("Node starts every program", async () => {
    const bare = { PATH: folder };
    open(bare);
    for (let i = 0; i < 3; i++) await run(["/bin/sh", "-c", "echo $PPID"], {}, bare);
    expect(log()).toBe(`${process.pid}\n`.repeat(3));
  });

  it("nor is one used that does not work", async () => {
    writeFileSync(join(folder, "perl"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const bare = { PATH: `${folder}:/usr/bin:/bin` };
    open(bare);
    const ends = [];
    for (let i = 0; i < 4; i++) ends.push(await run(["/bin/sh", "-c", "exit 3"], {}, bare));
    expect(ends).toEqual(Array(4).fill({ code: 3, signal: null }));
  });
});
