// A cluster's folder and its block of ports: one reserves the other, so that several clusters live side by side. Not what lies in the folder.
// @ts-check
import { randomInt } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";

const PREFIX = "cmc-slurm-";
/** Below the ports that Linux gives to outgoing connections (from 32768): a daemon that is restarted finds its own port free. */
const FIRST = 20_000;
const BLOCK = 64;
const BLOCKS = 190;
/** A unix socket's path has 107 bytes; with the names below it 60 stay for the folder. */
const LONGEST = 50;

export const MAX_NODES = BLOCK - 8;

/** slurmctld listens on `port`, slurmdbd on the next, nodes from here on. @param {number} port */
export const nodePorts = (port) => port + 8;

function parent() {
  const folder = realpathSync(tmpdir());
  return folder.length + PREFIX.length + 3 <= LONGEST ? folder : "/tmp";
}

/** The folders of clusters that somebody has started here and not removed. */
export function clusterFolders() {
  const names = readdirSync(parent()).filter((name) => new RegExp(`^${PREFIX}\\d+$`).test(name));
  return names.map((name) => `${parent()}/${name}`);
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => done(true)));
  });
}

/**
 * A new folder and its ports. mkdir decides between processes that ask at once.
 * @param {number} nodes
 */
export async function reservePlace(nodes) {
  const offset = randomInt(BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    const block = (offset + i) % BLOCKS;
    const port = FIRST + block * BLOCK;
    const dir = `${parent()}/${PREFIX}${block}`;
    try {
      mkdirSync(dir);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") continue;
      throw error;
    }
    const wanted = [port, port + 1, ...Array.from({ length: nodes }, (_, node) => nodePorts(port) + node)];
    const free = await Promise.all(wanted.map(isFree));
    if (free.every(Boolean)) return { dir: lay(dir), port };
    rmSync(dir, { recursive: true, force: true });
  }
  throw new Error(`${BLOCKS} clusters are there already in ${parent()}: stop some`);
}

/** munged refuses folders that others may write; jobs of other users must come through. @param {string} dir */
function lay(dir) {
  chmodSync(dir, 0o755);
  for (const name of ["etc", "log", "munge", "spool", "bin"]) {
    mkdirSync(`${dir}/${name}`);
    chmodSync(`${dir}/${name}`, 0o755);
  }
  for (const name of ["pid", "state"]) mkdirSync(`${dir}/${name}`, { mode: 0o700 });
  mkdirSync(`${dir}/jobs`);
  chmodSync(`${dir}/jobs`, 0o1777);
  return dir;
}
