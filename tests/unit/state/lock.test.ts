// One holder at a time: live ones are respected, dead ones taken over by exactly one, others' locks never removed.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { acquireLock, forceUnlock, type LockInfo, readLock } from "../../../src/state/lock.ts";
import { thisProcess } from "../../../src/state/process-id.ts";
import { bundle, start } from "./programs.ts";
import { temporaryRoot } from "./support.ts";

const ann = { user: "ann", now: Date.UTC(2026, 10, 20, 12) };
const bob = { user: "bob", now: Date.UTC(2026, 10, 20, 13) };

function put(root: string, lock: Partial<LockInfo> | string): void {
  const whole = {
    id: "abc123",
    user: "eve",
    host: "elsewhere",
    pid: 1,
    processStart: "1",
    command: "cmc apply",
    startedAt: ann.now,
  };
  writeFileSync(
    join(root, "metadata", "lock"),
    typeof lock === "string" ? lock : JSON.stringify({ ...whole, ...lock }),
  );
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
}

const files = (root: string) => readdirSync(join(root, "metadata"));

describe("a lock", () => {
  it("keeps others out and says who holds it, until it is released", () => {
    const root = temporaryRoot();
    const lock = acquireLock(root, "cmc apply", ann);
    const { id, host } = lock.info;
    expect(refusal(() => acquireLock(root, "cmc apply", bob))).toBe(
      `state/locked: Lock ${id}: ann@${host} (pid ${process.pid}) runs \`cmc apply\` since 2026-11-20 12:00:00 UTC`,
    );
    expect(readLock(root)).toMatchObject({ id, user: "ann", command: "cmc apply", abandoned: false });
    lock.release();
    lock.release();
    expect(readLock(root)).toBeUndefined();
    expect(files(root)).toEqual([]);
    acquireLock(root, "cmc apply", bob).release();
  });

  it("is not removed by a holder who lost it", () => {
    const root = temporaryRoot();
    const lost = acquireLock(root, "cmc apply", ann);
    expect(forceUnlock(root, lost.info.id)).toBe(true);
    const held = acquireLock(root, "cmc apply", bob);
    lost.release();
    expect(readLock(root)?.id).toBe(held.info.id);
  });

  it("when taken removes what commands that were killed left beside it, and nothing of those that live", () => {
    const root = temporaryRoot();
    const { host, pid } = thisProcess();
    const leave = (name: string, by: object) => writeFileSync(join(root, "metadata", name), JSON.stringify({ id: "abc123", user: "eve", host, pid, processStart: "1", command: "x", startedAt: 0, ...by })); // prettier-ignore
    for (const name of ["lock.new-0001", "lock.claim-0001", "campaign.db.4711.tmp"]) leave(name, {});
    leave("lock.new-0002", thisProcess());
    leave("lock.claim-0002", { host: "elsewhere" });
    leave("campaign.db", {});
    const lock = acquireLock(root, "cmc apply", ann);
    expect(files(root).sort()).toEqual(["campaign.db", "lock", "lock.claim-0002", "lock.new-0002"]);
    lock.release();
  });

  it("of another host is never taken over, only broken by its id", () => {
    const root = temporaryRoot();
    put(root, {});
    expect(refusal(() => acquireLock(root, "cmc apply", bob))).toContain("Lock abc123: eve@elsewhere (pid 1)");
    expect(forceUnlock(root, "other")).toBe(false);
    expect(forceUnlock(root, "abc123")).toBe(true);
    expect(forceUnlock(root, "abc123")).toBe(false);
    acquireLock(root, "cmc apply", bob).release();
    expect(files(root)).toEqual([]);
  });

  it("whose pid was used again belongs to the dead", () => {
    const root = temporaryRoot();
    const { host } = acquireLock(temporaryRoot(), "x", ann).info;
    put(root, { host, pid: process.pid, processStart: "1" });
    expect(readLock(root)?.abandoned).toBe(true);
    expect(acquireLock(root, "cmc apply", bob).info.user).toBe("bob");
  });

  it.each([["empty", ""], ["torn", '{"id":"abc1'], ["zeros", "\0\0\0\0"], ["not a lock", "[]"]])("that is %s is taken over: whoever holds a lock has a whole one", (_, text) => {
    const root = temporaryRoot();
    put(root, text);
    expect(readLock(root)).toMatchObject({ unreadable: true, abandoned: true });
    const lock = acquireLock(root, "cmc apply", bob);
    expect(readLock(root)?.id).toBe(lock.info.id);
    lock.release();
    expect(files(root)).toEqual([]);
  }); // prettier-ignore
});

describe("processes", () => {
  let taker: string;
  beforeAll(() => {
    taker = bundle("take-lock");
  });

  const race = async (root: string, count: number) => {
    const moment = String(Date.now() + 400);
    const takers = Array.from({ length: count }, () => start(taker, root, moment));
    const lines = await Promise.all(takers.map((one) => one.line(/./)));
    return { takers, lines, winners: lines.filter((line) => line.startsWith("won")) };
  };

  const end = async (takers: readonly ReturnType<typeof start>[]) => {
    for (const { child } of takers) child.kill("SIGKILL");
    await Promise.all(takers.map((one) => one.exited));
  };

  it("that want a free lock at once: exactly one gets it", async () => {
    const root = temporaryRoot();
    const { takers, lines, winners } = await race(root, 4);
    await end(takers);
    expect(winners).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith("state/locked"))).toHaveLength(3);
  });

  it("that find a holder killed by SIGKILL: exactly one takes over, again and again", async () => {
    const root = temporaryRoot();
    for (let round = 0; round < 5; round++) {
      // The holder of the round before is dead; so, from time to time, is one who died in the middle of taking over.
      if (round === 3) leaveDeadClaim(root);
      const { takers, lines, winners } = await race(root, 4);
      expect(winners, lines.join("\n")).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith("state/locked"))).toHaveLength(3);
      expect(readLock(root)?.id).toBe(winners[0]!.slice(4));
      await end(takers);
      expect(readLock(root)?.abandoned).toBe(true);
    }
    acquireLock(root, "cmc apply", ann).release();
    expect(readLock(root)).toBeUndefined();
  });
});

/** As a taker leaves it that is killed between its claim and its rename. */
function leaveDeadClaim(root: string): void {
  const dead = JSON.parse(readFileSync(join(root, "metadata", "lock"), "utf8")) as LockInfo;
  const claimer = { ...dead, id: "deadc1a1", processStart: "1" };
  writeFileSync(join(root, "metadata", `lock.claim-${dead.id}`), JSON.stringify(claimer));
}
