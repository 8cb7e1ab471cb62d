// Exit codes of the contract. The one place that numbers stand.

export const EXIT = {
  ok: 0,
  error: 1,
  changes: 2,
  invalid: 3,
  stale: 4,
  preflight: 5,
  locked: 6,
  unexpectedChanges: 7,
  cancelled: 8,
  failedJobs: 9,
  unreachable: 10,
} as const;

export type ExitName = keyof typeof EXIT;
