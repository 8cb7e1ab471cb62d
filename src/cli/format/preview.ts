// The lines under a plan that say how a site would carry it out. Pure.
import type { Preview, PreviewedArray } from "../../apply/preview.ts";
import type { Queue } from "../../site/site.ts";
import { hang, padEnd } from "./columns.ts";
import { bytes, count, duration } from "./quantity.ts";

export function formatPreview({ site, arrays }: Preview, width: number): string {
  if (arrays.length === 0) return "";
  const name = Math.max(...arrays.map((array) => array.name.length));
  const lines = arrays.map((array) => `${hang(`  ${padEnd(array.name, name)}  `, sentence(array), width)}\n`);
  return `\nOn site ${site}:\n${lines.join("")}`;
}

function sentence({ mode, jobs, tasks, perTask, resources, queue }: PreviewedArray): string {
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
  return `${count(jobs)} ${jobs === 1 ? "job" : "jobs"} in ${packed}${asks}${place && `; ${place}`}`;
}

function whereTo({ account, partition, qos, constraint }: Queue): string {
  return Object.entries({ account, partition, qos, constraint })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ");
}
