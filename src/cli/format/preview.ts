// The lines under a plan that say how a site would carry it out. Pure.
import type { Preview, PreviewedArray } from "../../apply/preview.ts";
import type { PoolReservation } from "../../apply/reservation.ts";
import { hours } from "../../plan/amount.ts";
import type { Queue } from "../../site/site.ts";
import { hang, padEnd } from "./columns.ts";
import { bytes, count, duration } from "./quantity.ts";

export function formatPreview({ site, arrays, pools }: Preview, width: number): string {
  if (arrays.length === 0) return "";
  const name = Math.max(...[...arrays, ...pools].map((one) => one.name.length));
  const lines = [
    ...arrays.map((array) => `${hang(`  ${padEnd(array.name, name)}  `, sentence(array), width)}\n`),
    ...pools.map((pool) => `${hang(`  ${padEnd(pool.name, name)}  `, allocations(pool), width)}\n`),
  ];
  return `\nOn site ${site}:\n${lines.join("")}`;
}

function sentence(array: PreviewedArray): string {
  const { mode, jobs, tasks, perTask, resources, queue } = array;
  const unit = mode === "array" ? "array task" : "pool pack";
  const { walltime, memory, nodes, gpus } = resources;
  const each = [
    ...(walltime === undefined ? [] : [duration(walltime)]),
    ...(memory === undefined ? [] : [bytes(memory)]),
    ...(nodes === undefined ? [] : [`${nodes} ${nodes === 1 ? "node" : "nodes"}`]),
    ...(gpus ? [`${gpus} gpus`] : []),
  ];
  const asks = each.length > 0 ? `, each ${each.join(", ")}` : "";
  const place = whereTo(queue);
  const packed = `${count(tasks)} ${unit}${tasks === 1 ? "" : "s"} of up to ${count(perTask)}`;
  return `${count(jobs)} ${jobs === 1 ? "job" : "jobs"} in ${packed}${asks}${place && `; ${place}`}${inQueue(array)}`;
}

/** What the queue makes of it: how many submissions, how much of it at once, and what that reserves. */
function inQueue({ tasks, mode, submissions, atOnce, reservedNodeHours }: PreviewedArray): string {
  if (mode === "pool") return "";
  const parts = [
    ...(submissions > 1 ? [`${count(submissions)} submissions`] : []),
    ...(atOnce < tasks ? [`${count(atOnce)} tasks at once`] : []),
    ...(reservedNodeHours === undefined ? [] : [`reserves ${hours(reservedNodeHours, "node")}`]),
  ];
  return parts.map((part) => `; ${part}`).join("");
}

function allocations({ allocations: number, nodes, reservedNodeHours }: PoolReservation): string {
  return `${count(number)} ${number === 1 ? "allocation" : "allocations"} at first, ${count(nodes)} ${nodes === 1 ? "node" : "nodes"} together; reserves ${hours(reservedNodeHours, "node")}`;
}

function whereTo({ account, partition, qos, constraint }: Queue): string {
  return Object.entries({ account, partition, qos, constraint })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ");
}
