// slurm.conf and slurmdbd.conf as text: pure. SLURM 22.05 (Debian 12); each odd line says what happens without it.
// @ts-check
import { nodePorts } from "./place.mjs";

/** @import { Recorded } from "./types.ts" */

/** @type {Readonly<Record<string, string>>} */
export const PARTITIONS = {
  main: "Default=YES PriorityTier=10",
  low: "PriorityTier=1 PreemptMode=REQUEUE",
  high: "PriorityTier=100 PreemptMode=OFF",
};

/** @param {Recorded} cluster */
export function slurmConf({ dir, port, network, options }) {
  const { nodes, cpus, memory } = options;
  const ports = `${nodePorts(port)}-${nodePorts(port) + nodes - 1}`;
  return lines(
    "ClusterName=test",
    `SlurmctldHost=${network.host}(127.0.0.1)`,
    `SlurmctldPort=${port}`,
    network.loopback && "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
    "SlurmUser=root",
    "SlurmdUser=root",
    "AuthType=auth/munge",
    "CredType=cred/munge",
    // A requeued job waits cred_expire + 1 s: by default 121. Below 5 it is ignored.
    `AuthInfo=socket=${dir}/munge/socket,cred_expire=10`,
    `StateSaveLocation=${dir}/state`,
    `SlurmctldPidFile=${dir}/pid/slurmctld.own`,
    `SlurmctldLogFile=${dir}/log/slurmctld.log`,
    `SlurmdSpoolDir=${dir}/spool/%n`,
    `SlurmdPidFile=${dir}/pid/%n.own`,
    `SlurmdLogFile=${dir}/log/%n.log`,
    // Declared processors and memory are believed, not compared with this machine.
    "SlurmdParameters=config_overrides",
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SwitchType=switch/none",
    "MpiDefault=none",
    "JobAcctGatherType=jobacct_gather/linux",
    "JobAcctGatherFrequency=task=1",
    "JobAcctGatherParams=OverMemoryKill",
    "PropagateResourceLimits=NONE",
    "SchedulerType=sched/backfill",
    "SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=50000,default_queue_depth=1000,bf_interval=5",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU_Memory",
    "DefMemPerCPU=100",
    "PriorityType=priority/basic",
    "PreemptType=preempt/partition_prio",
    "PreemptMode=REQUEUE",
    "MaxArraySize=100001",
    "MaxJobCount=200000",
    "MessageTimeout=30",
    "SlurmdTimeout=15",
    "KillWait=5",
    "UnkillableStepTimeout=30",
    // 2 brings nodes back that a test has set DOWN.
    "ReturnToService=1",
    "JobRequeue=1",
    "JobCompType=jobcomp/filetxt",
    `JobCompLoc=${dir}/log/jobcomp.txt`,
    ...(options.accounting
      ? [
          "AccountingStorageType=accounting_storage/slurmdbd",
          "AccountingStorageHost=127.0.0.1",
          `AccountingStoragePort=${port + 1}`,
          // slurmdbd's clients take munge's socket from here, not from AuthInfo.
          `AccountingStoragePass=socket=${dir}/munge/socket`,
          options.enforce && `AccountingStorageEnforce=${options.enforce}`,
        ]
      : ["AccountingStorageType=accounting_storage/none"]),
    `NodeName=DEFAULT CPUs=${cpus} Sockets=1 CoresPerSocket=${cpus} ThreadsPerCore=1 RealMemory=${memory} State=UNKNOWN`,
    `NodeName=node[1-${nodes}] NodeHostname=${network.host} NodeAddr=127.0.0.1 Port=[${ports}] ${options.nodeConf}`.trim(),
    "PartitionName=DEFAULT Nodes=ALL State=UP MaxTime=INFINITE DefaultTime=60",
    ...Object.entries(options.partitions).map(([name, settings]) => `PartitionName=${name} ${settings}`),
    ...options.extraConf,
  );
}

/** @param {Recorded} cluster */
export function slurmdbdConf({ dir, port, network }) {
  return lines(
    "AuthType=auth/munge",
    `AuthInfo=socket=${dir}/munge/socket`,
    `DbdHost=${network.host}`,
    "DbdAddr=127.0.0.1",
    `DbdPort=${port + 1}`,
    network.loopback && "CommunicationParameters=NoInAddrAny",
    "SlurmUser=root",
    `LogFile=${dir}/log/slurmdbd.log`,
    `PidFile=${dir}/pid/slurmdbd.own`,
    "StorageType=accounting_storage/mysql",
    // localhost means: the socket that MYSQL_UNIX_PORT names.
    "StorageHost=localhost",
    "StorageUser=root",
    "StorageLoc=slurm_acct_db",
    "CommitDelay=1",
  );
}

/**
 * slurmd loads a cgroup plugin even when nothing uses it. "autodetect" ends it where /sys/fs/cgroup is empty or odd, v2 wants systemd;
 * loading v1 touches nothing.
 */
export const CGROUP_CONF = "CgroupPlugin=cgroup/v1\n";

/** @param {(string | false)[]} all */
function lines(...all) {
  return all.filter(Boolean).join("\n") + "\n";
}
