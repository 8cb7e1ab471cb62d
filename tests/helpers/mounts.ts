// Small and read-only file systems for tests. Mounting needs root: elsewhere its tests are skipped with a word; with CI=true they fail.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function run(...argv: readonly [string, ...string[]]): boolean {
  return spawnSync(argv[0], argv.slice(1), { stdio: "ignore" }).status === 0;
}

/** A tmpfs of this size, e.g. "400k". Throws where it cannot be mounted. */
export function mountSmall(folder: string, size: string): void {
  if (!run("mount", "-t", "tmpfs", "-o", `size=${size}`, "cmc-test", folder))
    throw new Error(`${folder} cannot be mounted`);
}

export function remount(folder: string, options: string): void {
  if (!run("mount", "-o", `remount,${options}`, folder))
    throw new Error(`${folder} cannot be remounted with ${options}`);
}

/** Nothing is mounted there afterwards. */
export function unmount(folder: string): void {
  if (!run("umount", folder)) run("umount", "-l", folder);
}

let known: boolean | undefined;

/** For `describe.skipIf(!canMount())`. */
export function canMount(): boolean {
  return (known ??= tryMount());
}

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "cmc-mount-"));
  const works = run("mount", "-t", "tmpfs", "-o", "size=64k", "cmc-test", folder);
  if (works) unmount(folder);
  rmdirSync(folder);
  if (!works && process.env["CI"] === "true") throw new Error("mounting a tmpfs is needed with CI=true");
  if (!works) console.warn("SKIPPED: no tmpfs can be mounted (not root?)");
  return works;
}
