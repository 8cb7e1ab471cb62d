// The lines of `cmc tick --install`, read as cron, scrontab and their shell read them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scrontabLines } from "../../../src/cli/format/scrontab.ts";

const home = mkdtempSync(join(tmpdir(), "cmc-cron-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const program = join(home, "a node");
writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$SLURM_CONF" "${PATH%%:*}" "$@"\n', { mode: 0o755 });

/** What the scheduled command prints to its log, with the little that cron gives. */
function ran(root: string, command: string): string[] {
  mkdirSync(join(root, "logs"), { recursive: true });
  execFileSync("sh", ["-c", command], { env: { PATH: "/usr/bin:/bin" }, cwd: home });
  return readFileSync(join(root, "logs", "tick.log"), "utf8")
    .trimEnd()
    .split("\n");
}

describe.each(["plain", "with a blank", "100%", "it's 5% of\tall"])("a root named '%s'", (name) => {
  const root = join(home, name);
  const scheduled = { program: [program, "/x y/cmc.mjs"], root, slurmFolder: "/opt/my slurm%/bin", slurmConf: "/etc/a b/slurm.conf" }; // prettier-ignore
  const [options, line] = scrontabLines(scheduled).split("\n");
  const command = line!.replace("*/10 * * * * ", "");
  const words = ["/etc/a b/slurm.conf", "/opt/my slurm%/bin", "/x y/cmc.mjs", "tick", "--root", root];

  it("is ticked by scrontab, which takes the command as it is", () => {
    expect(ran(root, command)).toEqual(words);
    rmSync(root, { recursive: true });
  });

  it("is ticked by cron, which ends a command at a bare % and takes the backslash from others", () => {
    expect(command.replaceAll("\\%", "")).not.toContain("%");
    expect(ran(root, command.replaceAll("\\%", "%"))).toEqual(words);
  });

  it("stands not on the #SCRON line, where a blank ends a word whatever is quoted", () => {
    expect(options).toBe("#SCRON --time=00:10:00 --output=/dev/null");
  });
});
