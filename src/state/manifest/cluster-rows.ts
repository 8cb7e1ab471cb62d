// Rows of the manifest that only runs on a cluster have: submissions and alerts. No SQL but the order of values, which schema.ts gives.
import type { EventOf } from "../events.ts";
import type { SubmissionState } from "../submission.ts";
import type { Builder } from "./database.ts";
import { time } from "./time.ts";

export function submissionRows(builder: Builder, submissions: Iterable<SubmissionState>): void {
  const insert = builder.table("submissions");
  for (const one of [...submissions].sort((a, b) => (a.token < b.token ? -1 : 1))) {
    const { token, jobId, intended, answeredAt, refused } = one;
    insert([
      token, jobId ?? null, intended?.run ?? null, intended?.array ?? null, intended?.mode ?? null, intended?.lane ?? null,
      intended?.tasks ?? null, intended?.jobs ?? null, time(intended?.at), time(answeredAt), stateOf(one), refused?.message ?? null,
    ]); // prettier-ignore
  }
}

function stateOf({ refused, cancelled, over, jobId }: SubmissionState): string {
  if (refused) return "refused";
  if (cancelled === "all") return "cancelled";
  if (over) return "over";
  return jobId === undefined ? "intended" : "submitted";
}

/** By time; the state promises no order. */
export function alertRows(builder: Builder, alerts: readonly EventOf<"alert">[]): void {
  const insert = builder.table("alerts");
  const rows = alerts.map(({ at, code, message }) => [time(at), code, message]);
  for (const { row } of rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)))
    insert(row);
}
