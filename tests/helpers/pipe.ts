// Two commands in a pipe, as people write it: the keys that one prints are what the other is about.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { REPOSITORY, type Rig } from "./cli.ts";

const CLI = join(REPOSITORY, "dist", "cmc.mjs");

export interface Piped {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `cmc FIRST | cmc SECOND`; words are quoted for the shell. */
export function pipe(rig: Rig, first: readonly string[], second: readonly string[]): Piped {
  const quoted = (args: readonly string[]) => args.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const cmc = `"${process.execPath}" "${CLI}"`;
  const env = { PATH: process.env["PATH"], CMC_CACHE_DIR: join(rig.dir, ".cache"), NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `${cmc} ${quoted(first)} | ${cmc} ${quoted(second)}`], { cwd: rig.dir, encoding: "utf8", env }); // prettier-ignore
  return { code: status, out: stdout, err: stderr };
}
