// How a job's script ended, as far as SLURM tells. Not whether its jobs are done: receipts say that.

export interface ExitStatus {
  readonly code: number;
  /** 0: none. */
  readonly signal: number;
  /**
   * False: from sacct, which prints codes from 128 on less 128 (255 as `127:0`, 128 as `0:0`; SLURM 22.05 to 25.05,
   * src/sacct/print.c). The code is then this or 128 more. `sacct --json` is no way out: it always says 0 there (22.05).
   */
  readonly exact: boolean;
}

/** `squeue -O exit_code`: the raw wait status until 22.05 (`256` is exit 1, `9` is SIGKILL), `1:0` later. */
export function parseQueuedExit(text: string): ExitStatus | undefined {
  if (!/^\d+$/.test(text)) return parsePair(text, true);
  const status = Number(text);
  const signal = status & 127;
  // Where slurmd could not start the job it is an error number of SLURM, 4021 for an output path that cannot be written (22.05): 0:53.
  return { code: signal === 0 ? (status >> 8) & 255 : 0, signal, exact: true };
}

/** `sacct ExitCode`. A signal of 53 or 125 is no signal: the job could not be started, or was out of memory. */
export function parseAccountedExit(text: string): ExitStatus | undefined {
  return parsePair(text, false);
}

function parsePair(text: string, exact: boolean): ExitStatus | undefined {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match ? { code: Number(match[1]), signal: Number(match[2]), exact } : undefined;
}
