// Canonical JSON (RFC 8785 for the values we allow): sorted names, no white space, shortest round-trip numbers. Hash input.
import { hash } from "node:crypto";
import type { Json } from "./json.ts";

/** Throws on NaN, infinities, undefined and functions: they are not data. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${String(value)} is not JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`${typeof value} is not JSON`);
  const record = value as { readonly [name: string]: Json };
  const names = Object.keys(record).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(record[name]!)}`).join(",")}}`;
}

/** sha256, 64 hex digits: identity of files and bundles. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data as string, "hex");
}

/** First 128 bits of sha256, 32 hex digits: recipe fields, where 10^6 jobs make collisions impossible in practice (1e-27). */
export function digest128(data: string | Uint8Array): string {
  return hash("sha256", data as string, "hex").slice(0, 32);
}
