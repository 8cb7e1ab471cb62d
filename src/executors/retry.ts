// What comes after a failed attempt: another try, when, and with which resources. Pure.
import type { ResourcesIR, RetryIR } from "../ir/stage.ts";
import { triesOf } from "../plan/verdicts.ts";
import type { AttemptClass } from "../state/events.ts";

export interface Failure {
  readonly class: AttemptClass;
  readonly exit?: number;
}

/** The failures that count, oldest first. */
export type Failures = readonly Failure[];

export type Verdict =
  { readonly again: true; readonly seconds: number } | { readonly again: false; readonly why: string };

/** Asked after a failure; `failures` includes it. */
export function verdict(retry: RetryIR, failures: Failures): Verdict {
  const last = failures.at(-1)!;
  if (last.class === "validation" || last.class === "missing-input")
    return { again: false, why: `${last.class} failures are not retried` };
  const tries = triesOf(last, retry);
  if (failures.length >= tries) return { again: false, why: `attempt ${failures.length} of ${tries}` };
  const { initial, factor, max } = retry.backoff;
  return { again: true, seconds: Math.min(max, initial * factor ** (failures.length - 1)) };
}

/** Resources of the next try: declared ones times a factor for each failure of its kind. Never more memory than there is. */
export function escalated(
  declared: ResourcesIR,
  retry: RetryIR,
  failures: Failures,
  machineMemory: number,
): ResourcesIR {
  const times = (kind: AttemptClass): number => failures.filter((failure) => failure.class === kind).length;
  const { oom, timeout } = retry.escalate;
  const memory =
    declared.memory !== undefined && oom
      ? Math.min(machineMemory, declared.memory * oom.memory ** times("oom"))
      : declared.memory;
  const walltime =
    declared.walltime !== undefined && timeout
      ? declared.walltime * timeout.walltime ** times("timeout")
      : declared.walltime;
  return {
    ...declared,
    ...(memory === undefined ? {} : { memory: Math.round(memory) }),
    ...(walltime === undefined ? {} : { walltime }),
  };
}
