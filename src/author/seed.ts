// Seeds from identity: the same parts give the same seed on every machine. Not a random number generator.
import { sha256 } from "@noble/hashes/sha2.js";
import type { Json } from "../ir/json.ts";

/** A 32-bit unsigned seed from sha256 of the parts' JSON: `seedFrom("roman-grs", realization)`. */
export function seedFrom(...parts: readonly Json[]): number {
  const text = JSON.stringify(parts);
  const bytes = new Uint8Array([...unescape(encodeURIComponent(text))].map((c) => c.charCodeAt(0)));
  const digest = sha256(bytes);
  return ((digest[0]! << 24) | (digest[1]! << 16) | (digest[2]! << 8) | digest[3]!) >>> 0;
}
