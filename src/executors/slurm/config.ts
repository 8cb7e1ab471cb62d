// What scontrol tells of the cluster: configuration and partitions, as far as limits and doctor need them. Text in, values out.
import { given, linesOf } from "./answer.ts";
import { parseLimit } from "./units.ts";

/** Absent: scontrol does not say so. */
export interface ClusterConfig {
  readonly cluster?: string;
  /** `22.05.8` */
  readonly version?: string;
  /** The highest array index is one less. 0: no arrays. */
  readonly maxArraySize?: number;
  /** SchedulerParameters=max_array_tasks: how many tasks an array may have, where that is fewer. */
  readonly maxArrayTasks?: number;
  /** Jobs of all users in the controller's memory, among them those that ended within minJobAge; every array task counts. */
  readonly maxJobCount?: number;
  /** Seconds. */
  readonly minJobAge?: number;
  /** Seconds until a client gives up on the controller; our own limit should be longer. */
  readonly messageTimeout?: number;
  readonly accounting: boolean;
  /** `associations,limits,qos`. Empty: accounts, QOS and limits are not looked at. */
  readonly enforce: readonly string[];
  /** Comments are kept in accounting. */
  readonly keepsComments: boolean;
  readonly requeues?: boolean;
  /** scrontab is enabled (20.11 and later). */
  readonly scrontab: boolean;
}

export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  /** `UP`, `DOWN` (accepts jobs, starts none), `DRAIN`, `INACTIVE` (accepts none). */
  readonly state: string;
  /** Seconds; Infinity: no limit. A job that asks for more is accepted and pends for ever, unless EnforcePartLimits is set. */
  readonly maxTime: number;
  readonly defaultTime?: number;
  /** Infinity: no limit. */
  readonly maxNodes: number;
  readonly maxCpusPerNode: number;
  /** Bytes; Infinity: the node's. */
  readonly maxMemoryPerNode: number;
  readonly nodes?: string;
  readonly totalNodes: number;
  readonly totalCpus: number;
  /** Absent: all. */
  readonly allowAccounts?: readonly string[];
  readonly allowQos?: readonly string[];
}

export const CONFIG_ARGS: readonly string[] = ["show", "config"];
/** One line a partition; hidden ones too. */
export const PARTITION_ARGS: readonly string[] = ["--all", "--oneliner", "show", "partition"];
export const PING_ARGS: readonly string[] = ["ping"];

/** `MaxArraySize            = 1001`, `MessageTimeout          = 10 sec`; SLURM 22.05. */
export function parseConfig(text: string): ClusterConfig {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^(\S+)\s*= ?(.*?)\s*$/.exec(line);
    if (match && !values.has(match[1]!)) values.set(match[1]!, match[2]!);
  }
  const number = (name: string) => wholeNumber(values.get(name));
  const words = (name: string) => listOf(values.get(name)) ?? [];
  const tasks = words("SchedulerParameters").find((word) => word.startsWith("max_array_tasks="));
  return {
    cluster: given(values.get("ClusterName") ?? ""),
    version: given(values.get("SLURM_VERSION") ?? ""),
    maxArraySize: number("MaxArraySize"),
    maxArrayTasks: wholeNumber(tasks?.split("=")[1]),
    maxJobCount: number("MaxJobCount"),
    minJobAge: number("MinJobAge"),
    messageTimeout: number("MessageTimeout"),
    // Without accounting it is (null), or accounting_storage/none before 23.11.
    accounting: /slurmdbd|mysql/.test(values.get("AccountingStorageType") ?? ""),
    enforce: words("AccountingStorageEnforce").filter((word) => word !== "none"),
    keepsComments: words("AccountingStoreFlags").includes("job_comment"),
    requeues: values.has("JobRequeue") ? number("JobRequeue") === 1 : undefined,
    scrontab: words("ScronParameters").includes("enable"),
  };
}

/** `PartitionName=main AllowGroups=ALL ... MaxTime=UNLIMITED ... State=UP ...`; SLURM 22.05, src/api/partition_info.c. */
export function parsePartitions(text: string): readonly Partition[] {
  return linesOf(text).flatMap((line) => {
    const values = new Map(
      [...line.matchAll(/(\S+?)=(\S*)/g)].map(([, name, value]) => [name!, value!] as const).reverse(),
    );
    const name = values.get("PartitionName");
    if (name === undefined) return [];
    const amount = (field: string, unit = 1) => (wholeNumber(values.get(field)) ?? Infinity) * unit;
    const accounts = values.get("AllowAccounts");
    const qos = values.get("AllowQos");
    return [
      {
        name,
        isDefault: values.get("Default") === "YES",
        state: values.get("State") ?? "UNKNOWN",
        maxTime: parseLimit(values.get("MaxTime") ?? "") ?? Infinity,
        defaultTime: parseLimit(values.get("DefaultTime") ?? ""),
        maxNodes: amount("MaxNodes"),
        maxCpusPerNode: amount("MaxCPUsPerNode"),
        maxMemoryPerNode: amount("MaxMemPerNode", 2 ** 20),
        nodes: given(values.get("Nodes") ?? ""),
        totalNodes: wholeNumber(values.get("TotalNodes")) ?? 0,
        totalCpus: wholeNumber(values.get("TotalCPUs")) ?? 0,
        allowAccounts: accounts === "ALL" ? undefined : listOf(accounts),
        allowQos: qos === "ALL" ? undefined : listOf(qos),
      },
    ];
  });
}

export interface Controller {
  /** `primary`, `backup`, `backup1` ... */
  readonly role: string;
  readonly host: string;
  readonly up: boolean;
}

/** `Slurmctld(primary) at vm is UP`, one line a controller; exit 1 and a banner when none is (22.05). */
export function parsePing(text: string): readonly Controller[] {
  return [...text.matchAll(/^Slurmctld\((\S+)\) at (.+) is (UP|DOWN)$/gm)].map(([, role, host, state]) => ({
    role: role!,
    host: host!,
    up: state === "UP",
  }));
}

/** `10 sec`; undefined for `UNLIMITED` and the like. */
function wholeNumber(text: string | undefined): number | undefined {
  const match = /^(\d+)( sec)?$/.exec(text ?? "");
  return match ? Number(match[1]) : undefined;
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return given(text ?? "")?.split(",");
}
