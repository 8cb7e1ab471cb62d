// Streams: reproducible, independent between neighbouring seeds and labels, and of the right distributions.
import { expect, test } from "vitest";
import { randomStream } from "../../../campaigns/roman-grs/physics/random.ts";

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("equal seed and labels, equal numbers; anything else, others", () => {
  const first = (seed: number, ...labels: number[]): number[] => draw(3, randomStream(seed, ...labels).uniform);
  expect(first(7, 1)).toEqual(first(7, 1));
  const others = [first(8, 1), first(7, 2), first(7), first(7, 1, 0), first(7 + 2 ** 32, 1)].map((values) => values[0]);
  expect(new Set([first(7, 1)[0], ...others]).size).toBe(6);
});

test("neighbouring seeds are uncorrelated from the first number on", () => {
  const count = 4000;
  const firsts = draw(count, () => 0).map((_, seed) => randomStream(seed, 1).normal());
  const lagged = mean(firsts.slice(1).map((value, i) => value * firsts[i]!));
  expect(Math.abs(lagged) * Math.sqrt(count)).toBeLessThan(4);
  expect(Math.abs(mean(firsts)) * Math.sqrt(count)).toBeLessThan(4);
  expect(mean(firsts.map((value) => value ** 2))).toBeCloseTo(1, 0.9);
});

test("normal, exponential and Poisson moments", () => {
  const n = 50_000;
  const stream = randomStream(1);
  const normal = draw(n, stream.normal);
  expect(Math.abs(mean(normal)) * Math.sqrt(n)).toBeLessThan(4);
  expect(mean(normal.map((x) => x ** 2))).toBeCloseTo(1, 1);
  expect(mean(normal.map((x) => x ** 4))).toBeCloseTo(3, 0);
  expect(mean(draw(n, stream.exponential))).toBeCloseTo(1, 1);
  const counts = draw(n, () => stream.poisson(2.5));
  expect(mean(counts)).toBeCloseTo(2.5, 1);
  expect(mean(counts.map((count) => (count - 2.5) ** 2))).toBeCloseTo(2.5, 0.7);
});

test("a seed that is no safe integer is refused", () => {
  expect(() => randomStream(-1)).toThrow("seed -1: must be an integer from 0 to 2^53 - 1");
  expect(() => randomStream(0.5)).toThrow("seed 0.5");
});
