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
import { INTERPRETERS, type Interpreter, Launcher } from "../../../src/worker/launcher.ts";
import type { Ended } from "../../../src/worker/running.ts";

let folder: string;
let logFd: number;
let launcher: Launcher;
const base = { PATH: process.env["PATH"], BASE: "inherited" };

function open(env: NodeJS.ProcessEnv, interpreters?: readonly Interpreter[]): void {
  launcher = new Launcher(env, logFd, interpreters);
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

/** Node starts programs while the launcher is started, and on a busy machine after one that took its time. */
async function launched(...of: Parameters<typeof start>): Promise<Ended> {
  let end = await run(...of);
  for (let i = 0; end.alone === undefined && i < 1000; i++) end = await run(...of);
  return end;
}

function isAlive(pid: number): boolean {
  // A container without a reaper keeps zombies.
  return (
    spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .stdout.trim()
      .replace(/^Z.*/, "") !== ""
  );
}

/** After the first short programs the launcher is used. */
async function warm(): Promise<void> {
  expect(await launched(["true"])).toMatchObject({ alone: true });
}

const isThere = ({ program }: Interpreter): boolean => spawnSync(program, ["--version"]).error === undefined;

describe.each(INTERPRETERS.filter(isThere))("the launcher ($program)", (interpreter) => {
  beforeEach(() => open(base, [interpreter]));

  it("takes over when commands are short", async () => {
    await run(sh("echo $PPID"));
    expect(Number(log())).toBe(process.pid);
    await warm();
    await run(sh("echo $PPID"));
    const parent = Number(log().trim().split("\n")[1]);
    expect(parent).not.toBe(process.pid);
    await run(sh("sleep 0.3; echo $PPID"));
    await run(sh("echo $PPID"));
    expect(log().trim().split("\n").slice(2).map(Number)).toEqual([parent, process.pid]); // prettier-ignore
  });

  it.each([0, 1, 126, 137, 255])("tells exit code %i", async (code) => {
    await warm();
    expect(await run(sh(`exit ${code}`))).toMatchObject({ code, signal: null });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE", "SIGKILL", "SIGSEGV"])("tells %s", async (signal) => {
    await warm();
    expect(await run(sh(`kill -${signal.slice(3)} $$; sleep 5`))).toMatchObject({ code: null, signal });
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
    expect(await ended).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  it("ends what a program leaves in its group, and says that there was somebody", async () => {
    await warm();
    expect(await launched(["true"])).toEqual({ code: 0, signal: null, alone: true });
    expect(await launched(sh("sleep 20 & echo $!"))).toEqual({ code: 0, signal: null, alone: false });
    const left = Number(log().trim().split("\n").at(-1));
    for (let wait = 0; isAlive(left) && wait < 200; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isAlive(left)).toBe(false);
  });

  it("gives a program the environment it would have had without the one before", async () => {
    await warm();
    await run(sh("exit 0"), { BASE: "its own", PATH: "/nowhere:/usr/bin:/bin", OWN: "x", BOTH: "1" });
    await run(sh("echo $BASE ${OWN-gone} $BOTH $PATH"), { BOTH: "2" });
    expect(log()).toBe(`inherited gone 2 ${base.PATH}\n`);
  });

  it("gives a program no open files, no signals ignored or held back and no environment that Node would not", async () => {
    // Without a locale Python would add LC_CTYPE.
    const env = { ...base };
    const marks = "tr '\\0' '\\n' < /proc/$PPID/environ | grep -c CMC_MARK";
    const look = async (): Promise<string> => {
      writeFileSync(join(folder, "log"), "");
      await run(sh(`ls /proc/$$/fd; env | grep -v ^_= | sort; ${marks}`), {}, env);
      await run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], {}, env);
      // 32 and 33 are glibc's own: its posix_spawn leaves them ignored.
      return log().replace("0000000180000000", "0".repeat(16));
    };
    open(env, []);
    const byNode = await look();
    open(env, [interpreter]);
    await launched(["true"], {}, env);
    expect(await launched(["true"], { CMC_MARK: "of the one before" }, env)).toMatchObject({ alone: true });
    expect(await look()).toBe(byNode);
  });

  it("says why a program cannot be started, and goes on", async () => {
    await warm();
    writeFileSync(join(folder, "plain"), "");
    expect(await run(["no-such-program"])).toMatchObject({ error: { code: "ENOENT" } });
    expect(await run([join(folder, "plain")])).toMatchObject({ error: { code: "EACCES" } });
    expect(await run(["true", "x".repeat(3_000_000)])).toMatchObject({ error: { code: "E2BIG" } });
    expect(await run(["true"], {}, base, join(folder, "nowhere"))).toMatchObject({ error: { code: "ENOENT" } });
    expect(await run(sh("exit 4"))).toMatchObject({ code: 4, signal: null });
  });

  it("leaves what no process can be given to Node, which says why", async () => {
    await warm();
    await expect(run(["true", "a\0b"])).rejects.toThrow(/null bytes/);
    await expect(run(["true"], { OWN: "a\0b" })).rejects.toThrow(/null bytes/);
    expect(await run(sh("exit 4"))).toMatchObject({ code: 4, signal: null });
  });

  it("runs a script without #! as execvp does", async () => {
    await warm();
    const script = join(folder, "plain script");
    writeFileSync(script, 'echo "$0" "$1"; exit 5', { mode: 0o755 });
    expect(await run([script, "a b"])).toMatchObject({ code: 5, signal: null });
    expect(log()).toBe(`${script} a b\n`);
  });

  it("when it is killed its program is lost, and the next is started all the same", async () => {
    await warm();
    const { pid, ended } = await start(sh('echo "$PPID"; exec sleep 60'));
    for (let wait = 0; log() === "" && wait < 200; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(Number(log()), "SIGKILL");
    expect(await ended).toMatchObject({ lost: true });
    process.kill(-pid, "SIGKILL");
    expect(await run(["true"])).toMatchObject({ code: 0, signal: null });
    expect(await run(["true"])).toMatchObject({ code: 0, signal: null });
  });
});

describe("without an interpreter", () => {
  it("Node starts every program", async () => {
    const bare = { PATH: folder };
    open(bare, [
      { program: join(folder, "nowhere"), args: [] },
      { program: "perl", args: [] },
    ]);
    for (let i = 0; i < 3; i++) await run(["/bin/sh", "-c", "echo $PPID"], {}, bare);
    expect(log()).toBe(`${process.pid}\n`.repeat(3));
  });

  it("nor is one used that does not work, and the next is tried", async () => {
    writeFileSync(join(folder, "perl"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const bare = { PATH: `${folder}:/usr/bin:/bin` };
    open(bare, [{ program: "perl", args: [] }]);
    const ends = [];
    for (let i = 0; i < 4; i++) ends.push(await run(["/bin/sh", "-c", "exit 3"], {}, bare));
    expect(ends).toEqual(Array(4).fill({ code: 3, signal: null }));
    await launcher.close();
    open(bare, [{ program: "perl", args: [] }, ...INTERPRETERS.filter(isThere).slice(0, 1)]);
    await launched(["/bin/true"], {}, bare);
    await run(["/bin/sh", "-c", "echo $PPID"], {}, bare);
    expect(Number(log())).not.toBe(process.pid);
  });
});
