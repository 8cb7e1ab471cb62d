// On which address the daemons listen. SLURM binds what the own host name resolves to, or every address; this makes it 127.0.0.1.
// @ts-check
import { spawnSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";

/** @import { Network } from "./types.ts" */

/** @param {string} name */
async function isLoopback(name) {
  try {
    return (await lookup(name, { family: 4 })).address === "127.0.0.1";
  } catch {
    return false;
  }
}

/** The daemon keeps its pid: every step is an exec. */
const NAMESPACE = ["unshare", "--uts", "sh", "-c", 'hostname localhost && exec "$@"', "sh"];

/** @returns {Promise<Network>} */
export async function findNetwork() {
  // slurmctld exits unless SlurmctldHost is the short name of its host.
  const host = /** @type {string} */ (hostname().split(".")[0]);
  if (await isLoopback(hostname())) return { host, prefix: [], loopback: true };
  // A container's name is mostly that of its outer address: there the daemons get a host name of their own.
  const works = spawnSync(/** @type {string} */ (NAMESPACE[0]), [...NAMESPACE.slice(1), "true"]).status === 0;
  if (works && (await isLoopback("localhost"))) return { host: "localhost", prefix: NAMESPACE, loopback: true };
  console.warn(
    `the daemons listen on all addresses: ${hostname()} is not 127.0.0.1, and it cannot be renamed for them`,
  );
  return { host, prefix: [], loopback: false };
}
