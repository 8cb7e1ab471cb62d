// Durations and sizes as people write them, as types and as numbers. Seconds and bytes inside; no other units.

/** `"10m"`, `"1.5 h"`: a number, an optional space, then s, m, h or d. `"10 minuts"` is a compile error. */
export type Duration = `${number}${"" | " "}${"s" | "m" | "h" | "d"}`;

/** `"128 GB"` (10^9) or `"128 GiB"` (2^30). */
export type Size = `${number}${"" | " "}${"B" | "kB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB"}`;

const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 } as const;
const BYTES = {
  B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12,
  KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4,
} as const; // prettier-ignore

const AMOUNT = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/;

/** Seconds; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  return parse(text, SECONDS);
}

/** Bytes, rounded; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const bytes = parse(text, BYTES);
  return bytes === undefined ? undefined : Math.round(bytes);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = AMOUNT.exec(text);
  if (!match || !Object.hasOwn(units, match[2]!)) return undefined;
  return Number(match[1]) * units[match[2]!]!;
}
