// Accounting: a MariaDB of the cluster's own and slurmdbd before it. Not what is asked of them (accounts.mjs, jobs.mjs).
// @ts-check
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { daemonEnv, output, run } from "./commands.mjs";
import { slurmdbdConf } from "./conf.mjs";
import { end, launch, recorded, until } from "./processes.mjs";

/** @import { Recorded } from "./types.ts" */

const MEMORY = "/dev/shm";

/** In memory where there is 1 GB (Docker gives 64 MB, too small), else in the cluster's folder, which starts slower. @param {string} dir */
export function databaseFolder(dir) {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize > 1e9) return mkdtempSync(`${MEMORY}/${basename(dir)}-`);
  } catch {
    // None: /dev/shm is a convention.
  }
  return `${dir}/db`;
}

/** Nothing has to survive a power failure. The socket only, no port. @param {string} folder */
const settings = (folder) => [
  "--no-defaults",
  "--user=root",
  `--datadir=${folder}/data`,
  // A server that starts removes the temporary tables of all others that use its folder for them.
  `--tmpdir=${folder}/tmp`,
  "--innodb-log-file-size=32M",
  "--innodb-flush-log-at-trx-commit=0",
  "--innodb-flush-method=nosync",
  "--innodb-doublewrite=0",
  "--innodb-use-native-aio=0",
  "--aria-sync-log-dir=NEVER",
  "--skip-name-resolve",
];

/** @param {Recorded & { database: string }} cluster */
export async function startDatabase({ dir, database }) {
  const env = daemonEnv(dir);
  const socket = `${database}/socket`;
  const ready = `${database}/initialised`;
  if (!existsSync(ready)) {
    rmSync(`${database}/data`, { recursive: true, force: true });
    mkdirSync(`${database}/tmp`, { recursive: true, mode: 0o700 });
    mkdirSync(`${database}/data`, { recursive: true, mode: 0o700 });
    const install = ["mariadb-install-db", ...settings(database), "--auth-root-authentication-method=normal"];
    await output([...install, "--skip-test-db"], { env });
    writeFileSync(ready, "");
  }
  const server = ["/usr/sbin/mariadbd", ...settings(database), `--socket=${socket}`, `--pid-file=${database}/own`];
  const sizes = ["--innodb-buffer-pool-size=256M", "--max-allowed-packet=64M", "--innodb-lock-wait-timeout=900"];
  launch(dir, "mariadbd", [...server, ...sizes, "--skip-networking", "--skip-log-bin", "--performance-schema=0"], env);
  const create = "create database if not exists slurm_acct_db";
  const client = ["mariadb", "--no-defaults", `--socket=${socket}`, "-u", "root", "-e", create];
  const answers = async () => existsSync(socket) && (await run(client, { env })).status === 0;
  await until("the database answers", answers, { dir, daemon: "mariadbd" });
}

/** @param {Recorded & { database: string }} cluster */
export async function startSlurmdbd(cluster) {
  const { dir, database, network } = cluster;
  // slurmdbd refuses a file that others may read.
  writeFileSync(`${dir}/etc/slurmdbd.conf`, slurmdbdConf(cluster), { mode: 0o600 });
  const env = { ...daemonEnv(dir), MYSQL_UNIX_PORT: `${database}/socket` };
  launch(dir, "slurmdbd", [...network.prefix, "/usr/sbin/slurmdbd", "-D"], env);
  const show = ["sacctmgr", "-n", "-P", "show", "cluster", "format=cluster"];
  let known = "";
  const answers = async () => {
    const ran = await run(show, { env, timeout: 10 });
    known = ran.stdout.trim();
    return ran.status === 0;
  };
  await until("slurmdbd answers", answers, { dir, daemon: "slurmdbd" });
  // With it come the account root and its user root.
  if (known === "") await output(["sacctmgr", "-i", "add", "cluster", "test"], { env });
}

/** @param {Recorded} cluster */
export async function stopSlurmdbd({ dir }) {
  await end([recorded(dir, "slurmdbd")], "SIGTERM");
}
