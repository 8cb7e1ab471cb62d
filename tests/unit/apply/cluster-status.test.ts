// What status says of ticks, the scheduler, alerts: hand-made heartbeats, ages in whole minutes.
import { describe, expect, it } from "vitest";
import { type ClusterStatus, clusterStatus } from "../../../src/apply/cluster-status.ts";
import type { ClusterView } from "../../../src/apply/cluster-view.ts";
import type { Heartbeat, Seen } from "../../../src/apply/heartbeat.ts";
import type { RunFile } from "../../../src/executors/cluster/run-file.ts";
import type { Event } from "../../../src/state/events.ts";
import { fold } from "../state/support.ts";

const START = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const seen: Seen = {
  at: START + MINUTE, phases: { running: 0, queued: 0, unknown: 0 }, waiting: 3, alerts: [{ code: "slurm/brake", message: "too many" }],
  counts: { done: 0, taken: 0, ready: 0, backoff: 0, waiting: 0, failed: 0, held: 0, blocked: 0 }, submissions: [],
}; // prettier-ignore

function said(minutes: number, heartbeat?: Partial<Heartbeat>, events: readonly Event[] = []): ClusterStatus {
  const run = { run: "r1", startedAt: START, site: { name: "here" } } as RunFile;
  const beat = heartbeat && { at: START + MINUTE, line: "0 done", ...heartbeat };
  const view: ClusterView = { state: fold(events), problems: [], runs: [run], jobs: new Map(), submissions: [], pools: [], ...(beat ? { heartbeat: beat } : {}) }; // prettier-ignore
  return clusterStatus(view, START + minutes * MINUTE, (seconds) => `${seconds / 60} min`)!;
}

const NOTHING = "without one nothing more is submitted, retried or recorded as ended; `cmc tick --install` prints the line for scrontab or cron"; // prettier-ignore

describe("the last tick", () => {
  it("is no matter for half an hour", () => {
    expect(said(30, { tickAt: START + MINUTE, seen })).toMatchObject({
      warnings: [],
      seenAt: START + MINUTE,
      noRoom: 3,
    });
  });

  it("is late after that", () => {
    const { warnings } = said(32, { tickAt: START + MINUTE, seen });
    expect(warnings).toEqual([{ code: "tick-late", message: `the last tick was 31 min ago, and ${NOTHING}` }]);
  });

  it("is missed when apply alone has taken a turn, or nobody has", () => {
    const never = { code: "tick-never", message: `no tick has come yet, and ${NOTHING}` };
    expect(said(5, { seen }).warnings).toEqual([never]);
    expect(said(5).warnings).toEqual([never]);
    expect(said(500, { seen }).warnings).toEqual([
      { code: "tick-late", message: `no tick has come since apply, 499 min ago, and ${NOTHING}` },
    ]);
  });

  it("may not have reached the scheduler; then the queue is older than it", () => {
    const at = START + 20 * MINUTE;
    expect(said(21, { at, tickAt: at, unreachable: "timed out", seen }).warnings).toEqual([
      { code: "scheduler-unreachable", message: "the last turn, 1 min ago, could not reach the scheduler; what is said of the queue was seen 20 min ago: timed out" },
    ]); // prettier-ignore
    expect(said(21, { at, tickAt: at, unreachable: "timed out" }).warnings[0]?.message).toBe("the last turn, 1 min ago, could not reach the scheduler: timed out"); // prettier-ignore
  });
});

it("alerts are those of the runs in progress, and say whether they hold", () => {
  const alert = (at: number, code: string, message: string): Event => ({ type: "alert", at, code, message });
  const events = [alert(START - 1, "slurm/refused", "old"), alert(START + 1, "slurm/budget", "none left"), alert(START + 2, "slurm/brake", "too many")]; // prettier-ignore
  expect(said(5, { tickAt: START, seen }, events).alerts).toEqual([
    { at: START + 2, code: "slurm/brake", message: "too many", holds: true },
    { at: START + 1, code: "slurm/budget", message: "none left", holds: false },
  ]);
});

it("without a run in progress there is nothing to say", () => {
  const view = { state: fold([]), problems: [], runs: [], jobs: new Map(), submissions: [], pools: [] };
  expect(clusterStatus(view, START, String)).toBeUndefined();
});
