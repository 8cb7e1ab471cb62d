// A disk that is full, and a root that cannot be written: said plainly, nothing half-written, and apply finishes once it is put right.
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { filesIn } from "../helpers/folder.ts";
import { canMount, mountSmall, remount, unmount } from "../helpers/mounts.ts";
import { planLines } from "../helpers/plan-lines.ts";

const BYTES = 60_000;
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, task, type JobContext } from "cmc";
const n = axis.range("n", { count: 8 });
function write(ctx: JobContext<{}, {}, "out", { n: number }>): void {
  ctx.writeText(ctx.outputs.out, "x".repeat(${BYTES}));
}
export const made = defineStage({ name: "task", matrix: [n] }, { outputs: { out: file(({ n }) => \`task/\${n}.bin\`) } }, { run: task(write) });
export const copied = defineStage({ name: "copy", matrix: [n] }, {
  inputs: { src: made.outputs.out.each() }, outputs: { out: file(({ n }) => \`copy/\${n}.bin\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.src, outputs.out]) });
export default defineCampaign({ name: "full", version: "v1.0", stages: [made, copied], outputs: { base: "disk" } });
`;

describe("a disk that cannot take it", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const disk = () => join(rig.dir, "disk");
  const root = () => join(disk(), "full_v1.0");

  beforeEach(() => {
    rig.write("campaign.ts", CAMPAIGN);
    rmSync(disk(), { recursive: true, force: true });
    mkdirSync(disk());
  });
  afterAll(rig.dispose);

  describe.skipIf(!canMount())("a small file system", () => {
    afterEach(() => unmount(disk()));

    /** Everything that is published is whole, and nothing is left over. */
    function nothingHalfWritten(): void {
      const published = filesIn(root()).filter((path) => /^(task|copy)\//.test(path));
      for (const path of published) expect([path, statSync(join(root(), path)).size]).toEqual([path, BYTES]);
      expect(readdirSync(join(root(), "staging"))).toEqual([]);
    }

    it("fills up while jobs run: exit 1, what is done is kept, and with more room apply finishes", async () => {
      mountSmall(disk(), "300k");
      const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
      expect(code).toBe(1);
      expect(err).toMatch(/^error state\/disk-full: .*[Nn]o space left on (the )?device/);
      expect(err).toMatch(
        /\n {2}left on disk: \d of 16 planned jobs are done and kept; nothing half-written was published\n/,
      );
      expect(err).toContain("\n  remedy: Free space, then run the same command again: finished jobs are kept.\n");
      nothingHalfWritten();
      // By now it is known how much an output takes: what does not fit is not begun. (An output that was
      // published just before the disk took no receipt is made again, and its room counted as freed.)
      const plan = await rig.cmc(["plan"]);
      expect(plan.code).toBe(5);
      expect(plan.err).toMatch(
        /^error plan\/space: the plan writes about [\d.]+ kB, and there are [\d.]+ k?B free where the outputs go(, and [\d.]+ kB are freed by what it replaces)?: [\d.]+ k?B too few\n/,
      );
      expect((await rig.cmc(["apply", "--auto-approve"])).code).toBe(5);
      const status = await rig.cmc(["status"]);
      expect(status.code).toBe(0);
      expect(status.out).toMatch(/Last apply: .*, (error|did not finish \(killed\?\))\n/);
      remount(disk(), "size=4m");
      expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
      expect(await planLines(rig)).toEqual([]);
      nothingHalfWritten();
      expect(filesIn(root()).filter((path) => /^(task|copy)\//.test(path))).toHaveLength(16);
    });

    it("has no room at all: exit 1 before anything is begun, and afterwards it runs", async () => {
      mountSmall(disk(), "4k");
      const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
      expect(code).toBe(1);
      expect(err).toMatch(/^error state\/disk-full: .*\n/);
      expect((await rig.cmc(["plan", "--detailed-exitcode"])).code).toBe(2);
      remount(disk(), "size=4m");
      expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    });

    it("is read-only: apply and rebuild say so with exit 1; reading goes on; writable again, apply finishes", async () => {
      mountSmall(disk(), "4m");
      await rig.cmc(["apply", "--auto-approve", "--limit", "8"]);
      remount(disk(), "ro");
      for (const verb of [["apply", "--auto-approve"], ["rebuild"]]) {
        const { code, err } = await rig.cmc(verb);
        expect({ verb, code }).toEqual({ verb, code: 1 });
        expect(err).toMatch(/^error state\/unwritable: .*read-only/);
        expect(err).toContain(
          "\n  remedy: Check permissions, quota and free space; then run the same command again: finished jobs are kept.\n",
        );
      }
      expect(await planLines(rig)).toEqual(["copy create new 8"]);
      for (const verb of [["status"], ["explain", "task[n=1]"], ["check"]])
        expect(await rig.cmc(verb)).toMatchObject({ code: 0, err: "" });
      const doctor = await rig.cmc(["doctor", "."]);
      expect(doctor.code).toBe(1);
      expect(doctor.out).toContain(`FAIL root: ${root()} cannot be written: the file system is read-only\n`);
      remount(disk(), "rw");
      expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
      expect(await planLines(rig)).toEqual([]);
    });

    it("holds the bundles and is full: no bundle is written, none is half there", async () => {
      rig.write("package.json", "{}");
      rig.edit("campaign.ts", `base: "disk"`, `base: "runs"`);
      rmSync(join(rig.dir, "generated"), { recursive: true, force: true });
      mkdirSync(join(rig.dir, "generated"));
      mountSmall(join(rig.dir, "generated"), "100k");
      try {
        const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
        expect(code).toBe(1);
        expect(err).toMatch(
          /^error state\/disk-full: No space left on the device while writing .*\/generated\/full\/[0-9a-f]{64}\n {2}left on disk: No bundle was written\.\n/,
        );
        expect(filesIn(join(rig.dir, "generated"))).toEqual([]);
      } finally {
        unmount(join(rig.dir, "generated"));
      }
    });
  });

  it("a root without permission is refused with its path, for a user who is not root", async () => {
    const as = process.getuid?.() === 0 ? 65534 : undefined;
    chmodSync(rig.dir, 0o755);
    mkdirSync(root());
    chmodSync(root(), 0o555);
    const environment = { CMC_CACHE_DIR: join(disk(), "cache"), HOME: disk() };
    if (as !== undefined) chownSync(disk(), as, as);
    const { code, err } = await rig.cmc(["apply", "--auto-approve"], environment, as);
    expect({ code, err }).toEqual({
      code: 1,
      err:
        `error state/unwritable: mkdir ${root()}/metadata: permission denied\n` +
        "  remedy: Check permissions, quota and free space; then run the same command again: finished jobs are kept.\n",
    });
    expect((await rig.cmc(["plan"], environment, as)).code).toBe(0);
    const doctor = await rig.cmc(["doctor", "."], environment, as);
    expect(doctor.out).toContain(`FAIL root: ${root()} cannot be written: permission denied\n`);
  });

  it("an output folder that cannot be read is an error, not missing files, for a user who is not root", async () => {
    const as = process.getuid?.() === 0 ? 65534 : undefined;
    chmodSync(rig.dir, 0o755);
    const environment = { CMC_CACHE_DIR: join(disk(), "cache"), HOME: disk() };
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    chmodSync(join(root(), "task"), 0o700);
    if (as === undefined) chmodSync(join(root(), "task"), 0);
    const { code, out, err } = await rig.cmc(["plan"], environment, as);
    chmodSync(join(root(), "task"), 0o755);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^error observe\/unreadable: in .*task/);
    expect(err).toContain("\n  remedy: Check permissions and that the file system is mounted; nothing was changed.\n");
  });
});
