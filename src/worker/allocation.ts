// What SLURM has told this process of the job it is part of. Reads the environment it is given; SLURM itself is asked nothing.

export interface Allocation {
  /** Number of the array, or of the job where there is none; a requeued job keeps it. Absent: not under SLURM. */
  readonly job?: number;
  /** Number of this very task. */
  readonly raw?: number;
  /** How often SLURM has started it again. */
  readonly restart: number;
  /** Nodes of this worker, or its share of one. Absent: one. */
  readonly nodes?: number;
  /** When it is ended by force, milliseconds since 1970. Absent: not known. */
  readonly end?: number;
}

/** `until`: seconds since 1970; goes before SLURM_JOB_END_TIME, which older versions do not set. */
export function allocationOf(env: NodeJS.ProcessEnv, until?: number): Allocation {
  const raw = whole(env["SLURM_JOB_ID"]);
  const job = whole(env["SLURM_ARRAY_JOB_ID"]) ?? raw;
  const nodes = share(env["CMC_NODES"]) ?? whole(env["SLURM_JOB_NUM_NODES"]) ?? 1;
  const end = until ?? whole(env["SLURM_JOB_END_TIME"]);
  return {
    ...(job === undefined ? {} : { job }),
    ...(raw === undefined ? {} : { raw }),
    restart: whole(env["SLURM_RESTART_COUNT"]) ?? 0,
    ...(nodes === 1 ? {} : { nodes }),
    ...(end === undefined ? {} : { end: end * 1000 }),
  };
}

/** Of a pool (pool.sbatch): its nodes and the streams that share them, `2/10`. Within srun SLURM's own words are those of the step. */
function share(text = ""): number | undefined {
  const [, nodes, streams] = /^(\d+)\/([1-9]\d*)$/.exec(text) ?? [];
  return nodes === undefined ? undefined : Number(nodes) / Number(streams);
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
