// `#SBATCH` options of an array script, in the order people expect them. SLURM counts memory by node in MiB.
import type { ResourcesIR } from "../ir/stage.ts";
import type { Queue } from "../site/site.ts";

type Option = readonly [string, string | number | undefined];

export function directives(
  queue: Queue,
  { walltime, memory, cpus, gpus, nodes, tasks }: ResourcesIR,
): readonly string[] {
  const options: readonly Option[] = [
    ["account", queue.account],
    ["partition", queue.partition],
    ["qos", queue.qos],
    ["constraint", queue.constraint],
    ["reservation", queue.reservation],
    ["licenses", queue.licenses?.join(",")],
    ["mail-type", queue.mail?.types.join(",")],
    ["mail-user", queue.mail?.user],
    ["time", walltime === undefined ? undefined : clock(walltime)],
    ["nodes", nodes],
    ["ntasks", tasks],
    ["cpus-per-task", cpus === undefined ? undefined : Math.ceil(cpus / (tasks ?? 1))],
    ["gpus-per-node", gpus ? Math.ceil(gpus / (nodes ?? 1)) : undefined],
    ["mem", memory === undefined ? undefined : `${mebibytes(memory / (nodes ?? 1))}M`],
  ];
  return [
    ...options.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`--${name}=${value}`])),
    ...(queue.options ?? []),
  ];
}

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

/** `1-02:03:04`. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const days = Math.floor(whole / 86400);
  const parts = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60].map(two);
  return `${days > 0 ? `${days}-` : ""}${parts.join(":")}`;
}
