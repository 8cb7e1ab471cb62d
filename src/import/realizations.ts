// Which realizations a production has: run_production.py takes Python's range(start, start + count, step), then include, then exclude. Pure.
import type { Layers } from "./layers.ts";

/** Without include and exclude. */
export function rangeOf({ find }: Layers): number[] {
  const at = (key: string) => find<number>(["science", "realizations", key])?.value;
  const [start = 0, count = 0, step = 1] = [at("start"), at("count"), at("step")];
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => start + i * step);
}

/** `excluded`: as if nothing were. */
export function realizationsOf(layers: Layers, { excluded = false } = {}): number[] {
  const list = (key: string) => layers.find<readonly number[]>(["science", "realizations", key])?.value ?? [];
  const out = new Set(excluded ? [] : list("exclude"));
  return [...new Set([...rangeOf(layers), ...list("include")])].filter((number) => !out.has(number));
}
