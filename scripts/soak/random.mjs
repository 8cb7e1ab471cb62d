// Drawing from a seeded generator. The same seed gives the same intentions; what they hit depends on the machine.
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export const generator = (seed) => xoroshiro128plus(seed);

/** Both ends included. */
export const int = (random, from, to) => uniformInt(random, from, to);

/** Undefined: there is nothing to choose from. */
export const pick = (random, items) => (items.length > 0 ? items[int(random, 0, items.length - 1)] : undefined);

/** Of [[item, weight], ...]. */
export function weighted(random, items) {
  let left = int(random, 1, items.reduce((sum, [, weight]) => sum + weight, 0)); // prettier-ignore
  return items.find(([, weight]) => (left -= weight) <= 0)[0];
}
