// What SLURM has told this process of the job it is part of. Reads the environment it is given; SLURM itself is asked nothing.

export interface Allocation {
  /** Number of the array, or of the job where there is none; a requeued job keeps it. Absent: not under SLURM. */
  readonly job?: number;
  /** Number of this very task. */
  readonly raw?: number;
  /** How often SLURM has started it again. */
  readonly restart: number;
  /** When it is ended by force, milliseconds since 1970. Absent: not known. */
  readonly end?: number;
}

/** `until`: seconds since 1970; goes before SLURM_JOB_END_TIME, which older versions do not set. */
export function allocationOf(env: NodeJS.ProcessEnv, until?: number): Allocation {
  const raw = whole(env["SLURM_JOB_ID"]);
  const job = whole(env["SLURM_ARRAY_JOB_ID"]) ?? raw;
  const end = until ?? whole(env["SLURM_JOB_END_TIME"]);
  return {
    ...(job === undefined ? {} : { job }),
    ...(raw === undefined ? {} : { raw }),
    restart: whole(env["SLURM_RESTART_COUNT"]) ?? 0,
    ...(end === undefined ? {} : { end: end * 1000 }),
  };
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
