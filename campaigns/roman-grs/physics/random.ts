// Reproducible random numbers from a named stream: same (seed, labels), same numbers, on every machine. No global state.
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export interface RandomStream {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Standard normal (Box & Muller 1958). */
  normal(): number;
  /** Poisson count; for means up to about 100, as it multiplies uniforms (Knuth 1969). */
  poisson(mean: number): number;
}

/**
 * Opens the stream of `seed` and `labels`. Streams of one seed are independent of each other.
 *
 * Seeds 0, 1, 2 ... are hashed first: as raw xoroshiro states they differ in a few bits, and neighbouring realisations
 * would start correlated.
 *
 * @param seed non-negative safe integer
 * @param labels integers that name the stream, e.g. its purpose and the redshift in millionths
 */
export function randomStream(seed: number, ...labels: readonly number[]): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`seed ${seed}: must be an integer from 0 to 2^53 - 1`);
  const generator = xoroshiro128plusFromState(mixedState([seed, ...labels]));
  const uniform = (): number => uniformFloat64(generator);
  let spare: number | undefined;
  return {
    uniform,
    exponential: () => -Math.log(1 - uniform()),
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = uniform(); product > limit; product *= uniform()) count++;
      return count;
    },
  };
}

/** Four 32-bit state words: the low and high halves of each integer, absorbed and finished with MurmurHash3's mixer. */
function mixedState(integers: readonly number[]): number[] {
  const words = integers.flatMap((value) => [value >>> 0, Math.floor(value / 2 ** 32) >>> 0]);
  return [1, 2, 3, 4].map((lane) => {
    let hash = Math.imul(lane, 0x9e3779b9);
    for (const word of words) hash = mix32(hash ^ word) + 0x6d2b79f5;
    return mix32(hash);
  });
}

function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
