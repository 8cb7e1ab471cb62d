// Metrics as facts: numbers that survive JSON, and the lines a command appends to CMC_METRICS_FILE.
import { existsSync, readFileSync } from "node:fs";
import type { Json } from "../ir/json.ts";
import type { MetricFact } from "../state/receipt.ts";
import { AttemptFailure } from "./failure.ts";

export function metricFact(name: string, value: number, unit?: string, detail?: Json): MetricFact {
  const kept = Number.isFinite(value) ? value : (String(value) as "NaN" | "Infinity" | "-Infinity");
  return { name, value: kept, ...(unit === undefined ? {} : { unit }), ...(detail === undefined ? {} : { detail }) };
}

/** Python's json.dumps writes NaN and Infinity bare, which is not JSON. Only a value position is touched. */
const BARE = /("value"\s*:\s*)(NaN|-?Infinity)(?=\s*[,}])/;

/** Empty when the job wrote none. A line that is not a metric fails the job: silently losing one would open a gate. */
export function readMetricsFile(path: string): MetricFact[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const metrics: MetricFact[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const metric = parseMetric(line);
    if (!metric)
      throw new AttemptFailure(
        "validation",
        `line ${index + 1} of the metrics file is not {"name":..., "value":...}: ${line.slice(0, 80)}`,
      );
    metrics.push(metric);
  });
  return metrics;
}

function parseMetric(line: string): MetricFact | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.replace(BARE, '$1"$2"'));
  } catch {
    return undefined;
  }
  const { name, value: number, unit, detail } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || (unit !== undefined && typeof unit !== "string")) return undefined;
  const finite = typeof number === "number" || number === "NaN" || number === "Infinity" || number === "-Infinity";
  return finite ? metricFact(name, Number(number), unit, detail as Json | undefined) : undefined;
}
