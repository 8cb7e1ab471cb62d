// The environment of SLURM's programs: what would change their answers is taken out, what makes them readable is set. Pure.

/** Where the cluster is and who we are. */
const KEPT = new Set(["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT", "SLURM_SACK_KEY", "SLURM_SACK_JWKS"]);
const PREFIXES = /^(SLURM|SBATCH|SQUEUE|SACCT|SCANCEL|SCONTROL|SALLOC|SRUN|SINFO|SLURMD)_/;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * For sbatch, whose environment the job inherits: nothing is set. Without this an apply inside a job would pass on that job's number and sizes
 * (SLURM_MEM_PER_NODE, SLURM_JOB_ID ...), and SBATCH_PARTITION or SLURM_CLUSTERS in a profile would send jobs elsewhere.
 */
export function submitEnvironment(inherited: Environment): Environment {
  return Object.fromEntries(Object.entries(inherited).filter(([name]) => KEPT.has(name) || !PREFIXES.test(name)));
}

/**
 * For all that only ask. SLURM_BITSTR_LEN=0: task lists whole, not cut at 64 characters (22.05: squeue, scontrol, sacct).
 * SLURM_TIME_FORMAT=%s: seconds since 1970 (strftime); TZ for what is read and printed otherwise.
 */
export function queryEnvironment(inherited: Environment): Environment {
  return { ...submitEnvironment(inherited), SLURM_BITSTR_LEN: "0", SLURM_TIME_FORMAT: "%s", TZ: "UTC0", LC_ALL: "C" };
}
