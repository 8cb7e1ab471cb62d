// A program that was started: its process, and how it ended. Started here by Node itself; launcher.ts is the quick way.
import { spawn } from "node:child_process";
import { findProgram } from "./find-program.ts";

export interface Start {
  readonly argv: readonly string[];
  /** Own properties are the job's; what it inherits is the worker's. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Takes stdout and stderr: no pipe, so a chatty job cannot block on a busy worker. */
  readonly logFd: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True: nobody of its process group is left. Absent: that is still to be looked at. */
  readonly alone?: boolean;
  /** True: nobody knows how, because whoever waited for it is gone. */
  readonly lost?: true;
  /** It was never run: ENOENT, EACCES, E2BIG ... */
  readonly error?: NodeJS.ErrnoException;
}

export interface Running {
  /** Leader of its process group. 0: there is none, `ended` says why. */
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

export function startProgram({ argv, env, cwd, logFd }: Start): Promise<Running> {
  const [file, ...args] = argv as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(findProgram(file, env["PATH"]), args, {
      argv0: file,
      cwd,
      env,
      stdio: ["ignore", logFd, logFd],
      detached: true,
    });
    const ended = new Promise<Ended>((settle) => {
      child.once("exit", (code, signal) => settle({ code, signal }));
      child.once("error", (error) => settle({ code: null, signal: null, error }));
    });
    resolve({ pid: child.pid ?? 0, ended });
  });
}
