// The site's launcher in two parts: `srun` and its options start the workers of a pool, each with its share of the allocation;
// whatever follows (a container's words, numactl) stands before the node binary of every worker, inside of the set-up.
import type { Site } from "./site.ts";

export interface Launch {
  /** Options of srun, one word each. Absent: no srun. */
  readonly srun?: readonly string[];
  readonly words: readonly string[];
}

export function launchOf({ launcher }: Pick<Site, "launcher">): Launch {
  if (launcher[0] !== "srun") return { words: launcher };
  const end = launcher.findIndex((word, i) => i > 0 && !word.startsWith("-"));
  return { srun: launcher.slice(1, end < 0 ? undefined : end), words: end < 0 ? [] : launcher.slice(end) };
}
