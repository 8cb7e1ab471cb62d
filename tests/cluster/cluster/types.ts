// What tests ask of a cluster and what they get: types only. The code beside it is plain .mjs, so that `node` runs it without a build.

export interface ClusterOptions {
  /** The folder of a cluster that was started before: what is dead of it is started again; all other options are its own. */
  readonly dir?: string;
  /** node1, node2 ... Default 3. */
  readonly nodes?: number;
  /** Declared by every node and believed, whatever this machine has. Default 8. */
  readonly cpus?: number;
  /** MB, declared by every node. Default 8000. */
  readonly memory?: number;
  /** More words of the nodes' line, e.g. "Feature=cpu Gres=gpu:4". */
  readonly nodeConf?: string;
  /** Name -> its settings. Default: main, low (preempted by the others) and high. */
  readonly partitions?: Readonly<Record<string, string>>;
  /** false: no slurmdbd and no MariaDB; sacct and sacctmgr refuse. Default true. */
  readonly accounting?: boolean;
  /** AccountingStorageEnforce. Default "associations,limits,qos"; "" enforces nothing. */
  readonly enforce?: string;
  /** More lines of slurm.conf; of a repeated key the last one wins. */
  readonly extraConf?: readonly string[];
  /** true: the cluster outlives the process that started it; it ends by `stop` only. Default false. */
  readonly detached?: boolean;
}

/** What is written to cluster.json in the cluster's folder. */
export interface Recorded {
  readonly options: Required<Omit<ClusterOptions, "dir">>;
  /** Absolute, without symbolic links. */
  readonly dir: string;
  /** First of a block of ports. */
  readonly port: number;
  readonly network: Network;
  /** Folder of the database; undefined without accounting. */
  readonly database: string | undefined;
  /** Who started it; undefined: nobody in particular, it stays. */
  readonly owner: Pinned | undefined;
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface Pinned {
  readonly pid: number;
  /** Clock ticks after boot, from /proc/PID/stat. */
  readonly start: string;
}

export interface Network {
  /** The host name that the daemons believe in. */
  readonly host: string;
  /** What stands before a daemon's command line. */
  readonly prefix: readonly string[];
  /** false: neither the host name nor a namespace could be had, the daemons listen on all addresses. */
  readonly loopback: boolean;
}

export interface Ran {
  /** null: ended by a signal, `timeout` included. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Name of another user. */
  readonly user?: string;
  /** Seconds until it is killed. Default 60. */
  readonly timeout?: number;
}

/** One life of a job, as sacct tells it: a requeued job has several. */
export interface Attempt {
  /** "7" or, a task of an array, "7_3". */
  readonly id: string;
  /** First word: "CANCELLED", not "CANCELLED by 0". */
  readonly state: string;
  /** "code:signal"; sacct of 22.05 shows codes from 128 less 128. */
  readonly exit: string;
  /** "None assigned" before it started. */
  readonly node: string;
}

export interface Cluster {
  readonly dir: string;
  readonly nodes: readonly string[];
  /** The caller's environment without SLURM's variables, with SLURM_CONF: for child processes that shall see this cluster. */
  readonly env: Record<string, string>;
  /** A program that a job calls to end as OUT_OF_MEMORY at once; write it as a command of the job's script. */
  readonly oom: string;
  /** Never throws for an exit code. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** stdout, trimmed; throws for an exit code. */
  readonly output: (argv: readonly string[], options?: RunOptions) => Promise<string>;
  /** sbatch with more options and these lines of shell; returns the job id. Its output goes to `jobs/` in the cluster's folder. */
  readonly submit: (script: string, args?: readonly string[], options?: RunOptions) => Promise<string>;
  /** Task id ("7", "7_3"; a pending rest "7_[4-9]") -> state, from squeue: finished ones too, as long as slurmctld knows them. */
  readonly queue: (id: string) => Promise<ReadonlyMap<string, string>>;
  /** From sacct, every attempt, in order of task and time. Without accounting: the last of each, as long as slurmctld knows them. */
  readonly attempts: (id: string) => Promise<readonly Attempt[]>;
  /** The attempts once all are final, and sacct says what slurmctld says. Default 60 s. */
  readonly ended: (id: string, seconds?: number) => Promise<readonly Attempt[]>;
  readonly controller: Controller;
  readonly accounting: Accounting;
  readonly node: (name: string) => ClusterNode;
  /** Adds or changes a QOS, e.g. `qos("small", { MaxSubmitJobsPerUser: 5 })`; limits hold when it returns. */
  readonly qos: (name: string, limits?: Readonly<Record<string, string | number>>) => Promise<void>;
  /** Gives a user of this machine an account and its QOS; the first QOS is the default. */
  readonly user: (name: string, account: string, qos?: readonly string[]) => Promise<void>;
  /** `sacctmgr -i ...`: stdout; "nothing to do" is no error. */
  readonly sacctmgr: (...args: readonly string[]) => Promise<string>;
  /** Ends jobs and daemons. The folder goes too, unless `keep`: then `startCluster({ dir })` continues with the same jobs. */
  readonly stop: (options?: { readonly keep?: boolean }) => Promise<void>;
}

export interface Controller {
  /** SIGSTOP: alive, but answers nobody. */
  readonly stop: () => void;
  readonly cont: () => void;
  /** SIGKILL: up to 5 s of submissions are lost. */
  readonly kill: () => Promise<void>;
  /** Ends it properly if it is alive, starts it and waits until it answers. */
  readonly restart: () => Promise<void>;
}

/** Of slurmdbd; every call throws where there is no accounting. */
export interface Accounting {
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export interface ClusterNode {
  /** As if the power failed: slurmd, its jobs and all their processes are gone; slurmctld finds out by itself (SlurmdTimeout). */
  readonly kill: () => Promise<void>;
  /** Marked DOWN by an administrator: its jobs end as NODE_FAIL at once. */
  readonly down: (reason?: string) => Promise<void>;
  /** Daemon started if it is dead, node resumed; returns when it takes jobs. */
  readonly up: () => Promise<void>;
}
