// Amounts in words, for refusals here and for what cli/ prints: bytes, and hours of nodes, cores and GPUs. Pure; no locale.
import { grouped } from "./grouped.ts";

/** `4.7 TB`, powers of 1000. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `420 node-h`, `20 core-min`, `5.4 gpu-s`. */
export function hours(value: number, of: "node" | "core" | "gpu", digits?: number): string {
  const { number, unit } = hoursIn(value, of, digits);
  return `${number} ${unit}`;
}

/** Number and unit apart, so that a unit need not be said twice. */
export function hoursIn(
  value: number,
  of: "node" | "core" | "gpu",
  digits?: number,
): { readonly number: string; readonly unit: string } {
  if (value >= 1 || value === 0) return { number: rounded(value, digits), unit: `${of}-h` };
  if (value * 60 >= 1) return { number: rounded(value * 60, digits), unit: `${of}-min` };
  return { number: rounded(value * 3600, digits), unit: `${of}-s` };
}

/** Two digits are enough for an estimate. */
export function rounded(value: number, digits = 2): string {
  if (value === 0) return "0";
  return value >= 10 ** (digits - 1) ? grouped(Math.round(value)) : String(Number(value.toPrecision(digits)));
}

/** A walltime as a campaign says it, never longer than `seconds`: `45s`, `5m`, `12h`. */
export function walltime(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
