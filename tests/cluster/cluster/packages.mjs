// The Debian packages that a cluster consists of: which are missing, and having them installed. Not what is done with them.
// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Absolute paths: a PATH without /usr/sbin is usual, and other versions in front of it are not meant. */
const CORE = {
  munge: "/usr/sbin/munged",
  slurmctld: "/usr/sbin/slurmctld-wlm",
  slurmd: "/usr/sbin/slurmd-wlm",
  "slurm-client": "/usr/bin/sbatch",
  // For the program that ends a job as out of memory.
  python3: "/usr/bin/python3",
};

/** mariadb's -core packages: the programs without services, users and /etc/mysql. */
const ACCOUNTING = {
  slurmdbd: "/usr/sbin/slurmdbd",
  "mariadb-server-core": "/usr/sbin/mariadbd",
  "mariadb-client-core": "/usr/bin/mariadb",
};

const POLICY = "/usr/sbin/policy-rc.d";

/** @param {boolean} accounting */
function missing(accounting) {
  return Object.entries(accounting ? { ...CORE, ...ACCOUNTING } : CORE).flatMap(([name, file]) =>
    existsSync(file) ? [] : [name],
  );
}

/** @param {readonly string[]} args */
function apt(args) {
  const options = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const ran = spawnSync("apt-get", [...options, ...args], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return ran.status === 0 ? undefined : `${ran.stdout ?? ""}${ran.stderr ?? ""}${ran.error?.message ?? ""}`.trim();
}

/** Runs with a policy that forbids packages to start their services, whatever this image has. @param {() => void} work */
function withoutServices(work) {
  const made = !existsSync(POLICY);
  if (made) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    if (made) rmSync(POLICY, { force: true });
  }
}

/**
 * Installs what is missing. Returns why a cluster cannot run here; undefined: it can.
 * @param {boolean} [accounting]
 * @returns {string | undefined}
 */
export function whyNoCluster(accounting = true) {
  if (process.platform !== "linux") return "SLURM needs Linux";
  if (process.getuid?.() !== 0) return "a SLURM cluster needs root: its daemons become the users of the jobs";
  const names = missing(accounting);
  if (names.length === 0) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return `not installed, and no apt-get here: ${names.join(", ")}`;
  console.warn(`installing ${names.join(" ")}`);
  let answer;
  withoutServices(() => {
    const install = ["install", "--no-install-recommends", ...names];
    // A new container has no package lists.
    answer = apt(install) && (apt(["update"]), apt(install));
  });
  const still = missing(accounting);
  if (still.length === 0) return undefined;
  return `apt-get could not install ${still.join(", ")}: ${String(answer ?? "it says it did")
    .split("\n")
    .slice(-3)
    .join(" / ")}`;
}
