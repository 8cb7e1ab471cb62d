// One GNU find process lists thousands of files with size and time while this process does something else. Where find is not GNU
// (busybox, macOS) the listing is made in-process (walk.ts); both give the same records.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One record a file: type letter, size, time, path, NUL. */
export const RECORD = ["-printf", "%y%s %T@ %p\\0"];
/** The same without size and time of folders: those change when nothing of ours does. */
export const QUIET_FOLDERS = ["(", "-type", "d", "-printf", "d0 0 %p\\0", "-o", ...RECORD, ")"];

export interface Found {
  readonly records: Buffer;
  /** Folders that could not be read. */
  readonly unreadable: readonly string[];
}

export interface Search {
  /** Undefined: this find cannot do it. */
  finish(): Promise<Found | undefined>;
}

/** Starts at once. The records go to an unlinked file, not a pipe: a pipe holds 64 kB and find would wait for us. */
export function startFind(args: readonly string[], cwd: string): Search {
  const folder = mkdtempSync(join(tmpdir(), "cmc-find-"));
  const spool = openSync(join(folder, "records"), "wx+", 0o600);
  rmSync(folder, { recursive: true });
  // LC_ALL=C: messages are read below, and names are bytes.
  const child = spawn("find", args, { cwd, stdio: ["ignore", spool, "pipe"], env: { ...process.env, LC_ALL: "C" } });
  const outcome = outcomeOf(child);
  return {
    async finish() {
      try {
        const { code, errors } = await outcome;
        const unreadable = complaints(errors);
        if (code === undefined || unreadable === undefined) return undefined;
        return { records: readAll(spool), unreadable };
      } finally {
        closeSync(spool);
      }
    },
  };
}

function outcomeOf(child: ChildProcess): Promise<{ code: number | undefined; errors: string }> {
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve) => {
    child.once("error", () => resolve({ code: undefined, errors }));
    child.once("close", (code) => resolve({ code: code ?? undefined, errors }));
  });
}

/** Paths find was refused; undefined: a complaint that is no complaint about a path. Files that vanished meanwhile are simply absent. */
function complaints(errors: string): string[] | undefined {
  const unreadable: string[] = [];
  for (const line of errors.split("\n")) {
    if (
      line === "" ||
      /: (No such file or directory|Not a directory)$/.test(line) ||
      /File system loop detected/.test(line)
    )
      continue;
    const refused = /^find: [`'](.*)': (.*)$/.exec(line);
    if (!refused) return undefined;
    unreadable.push(`${refused[1]!} (${refused[2]!})`);
  }
  return unreadable;
}

function readAll(file: number): Buffer {
  const { size } = fstatSync(file);
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const read = readSync(file, bytes, at, size - at, at);
    if (read === 0) break;
    at += read;
  }
  return bytes;
}
