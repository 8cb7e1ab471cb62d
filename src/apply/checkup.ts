// A site looked at from where cmc runs: programs, controller, limits, doors into the queue, node binary, storage. Uses up some job numbers, leaves no job.
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { SlurmClient } from "../executors/slurm/client.ts";
import type { ClusterConfig } from "../executors/slurm/config.ts";
import type { Site } from "../site/site.ts";
import { doorsOf, trial } from "./site-doors.ts";
import { doorFinding, type Finding, limitFindings, partitionFindings } from "./site-findings.ts";
import { isBelow } from "./storage.ts";

export type { Finding };

export interface CheckupPlace {
  readonly client: SlurmClient;
  /** PATH, as the client has it. */
  readonly path: string;
  /** Of the campaign. Absent: none is in reach. */
  readonly root?: string;
}

export interface Checkup {
  readonly findings: readonly Finding[];
  /** No controller answers. */
  readonly unreachable: boolean;
}

export async function checkSite(site: Site, { client, path, root }: CheckupPlace): Promise<Checkup> {
  const findings: Finding[] = [{ check: "site", ok: true, detail: `${site.name}, executor ${site.executor}` }];
  if (site.executor === "local") return { findings, unreachable: false };
  findings.push(programs(path), nodeBinary(site), ...(root === undefined ? [] : [storage(site, root)]));
  const config = await client.config();
  if (config.type !== "ok") {
    const detail = (config.type === "absent" ? config.text : await pinged(client, config.text)).replaceAll("\n", " / ");
    findings.push({ check: "controller", ok: false, detail, remedy: "Look at SLURM_CONF and at the site's status page; run it again later." }); // prettier-ignore
    return { findings, unreachable: config.type === "unreachable" };
  }
  findings.push(controller(config.value), ...limitFindings(site.limits, config.value), await accounting(client, config.value)); // prettier-ignore
  const doors = doorsOf(site);
  const partitions = await client.partitions();
  if (partitions.type === "ok") findings.push(...partitionFindings(doors, site.limits, partitions.value));
  else findings.push({ check: "partitions", ok: false, detail: partitions.text, remedy: "`scontrol show partition` should list them." }); // prettier-ignore
  findings.push(...(await withScript(async (script) => {
    const tried: Finding[] = [];
    for (const door of doors) tried.push(doorFinding(door, await client.testOnly(trial(door, script, dirname(script))))); // prettier-ignore
    return tried;
  }))); // prettier-ignore
  findings.push(scrontab(config.value, path));
  return { findings, unreachable: false };
}

/** sacct is asked only where there is accounting. */
const NEEDED = ["sbatch", "squeue", "scancel", "scontrol", "sacct"];

function programs(path: string): Finding {
  const missing = NEEDED.filter((name) => !onPath(name, path));
  const place = onPath("sbatch", path);
  if (missing.length === 0)
    return { check: "programs", ok: true, detail: `${NEEDED.join(", ")} in ${dirname(place!)}` };
  return {
    check: "programs",
    ok: false,
    detail: `not on PATH: ${missing.join(", ")}`,
    remedy: "Load the site's SLURM module, or add its folder to PATH; cron and scrontab need it, too.",
  };
}

/** Undefined: no folder of PATH has it. */
export function onPath(name: string, path: string): string | undefined {
  return path.split(":").filter(Boolean).map((folder) => join(folder, name)).find(isExecutable); // prettier-ignore
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function nodeBinary({ node, storageRoots }: Site): Finding {
  const check = "node of jobs";
  if (!isAbsolute(node))
    return { check, ok: true, detail: `${node}, found by compute nodes after modules and setup; it cannot be looked at from here` }; // prettier-ignore
  if (!isExecutable(node))
    return { check, ok: false, detail: `${node} is not there, or cannot be executed`, remedy: "Set `node` of the site profile to a Node 20 that compute nodes see." }; // prettier-ignore
  const shared = storageRoots.length === 0 || storageRoots.some((root) => isBelow(node, root));
  const detail = shared
    ? node
    : `${node} is here, and below none of the site's storage roots: compute nodes may not see it`;
  return { check, ok: shared, detail, ...(shared ? {} : { remedy: "Install Node below a storage root, or load it by `modules`." }) }; // prettier-ignore
}

function storage({ storageRoots }: Site, root: string): Finding {
  const check = "storage";
  if (storageRoots.length === 0) return { check, ok: true, detail: "the site names no storage roots: anywhere" };
  const ok = storageRoots.some((one) => isBelow(root, one));
  const detail = `${root} is ${ok ? "" : "not "}below ${storageRoots.join(", ")}`;
  return { check, ok, detail, ...(ok ? {} : { remedy: "Set outputs.base of the campaign, or --base, to a folder that compute nodes see." }) }; // prettier-ignore
}

async function pinged(client: SlurmClient, otherwise: string): Promise<string> {
  const answer = await client.ping();
  if (answer.type !== "ok") return otherwise;
  return `${answer.value.map(({ role, host, up }) => `${role} ${host} is ${up ? "up" : "down"}`).join(", ")}: ${otherwise}`; // prettier-ignore
}

function controller({ version, cluster }: ClusterConfig): Finding {
  return { check: "controller", ok: true, detail: `answers: cluster ${cluster ?? "?"}, SLURM ${version ?? "?"}` };
}

async function accounting(client: SlurmClient, { accounting: on, enforce }: ClusterConfig): Promise<Finding> {
  const check = "accounting";
  if (!on) return { check, ok: true, detail: "off: a job that left the queue is judged by its worker's records alone" };
  const answer = await client.accounting({ since: Math.floor(Date.now() / 1000) - 60 });
  const enforced = enforce.length > 0 ? `, enforces ${enforce.join(", ")}` : "";
  if (answer.type === "ok") return { check, ok: true, detail: `on, answers${enforced}` };
  const detail = `on, and does not answer: ${answer.type === "off" ? "it says that it is disabled" : answer.text}`;
  return { check, ok: false, detail, remedy: "Nothing is lost meanwhile: what left the queue stays `unknown` until it answers." }; // prettier-ignore
}

function scrontab({ scrontab: enabled }: ClusterConfig, path: string): Finding {
  const check = "scrontab";
  const there = onPath("scrontab", path) !== undefined;
  if (there && enabled) return { check, ok: true, detail: "enabled: `cmc tick --install` prints its line" };
  const detail = there ? "the cluster has not enabled it" : "there is no program scrontab";
  return { check, ok: true, detail: `${detail}; cron on a login node, or \`cmc watch\`, takes the turns` };
}

/** Gone when it has been used. */
async function withScript<T>(use: (script: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cmc-doctor-"));
  try {
    const script = join(folder, "nothing.sh");
    writeFileSync(script, "#!/bin/sh\ntrue\n");
    return await use(script);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
