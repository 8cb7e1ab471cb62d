// Counts the calls of SLURM's programs: a folder for the front of PATH, with a wrapper for each that writes a line and becomes the program.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAMS = ["sbatch", "squeue", "sacct", "scontrol", "scancel"];

/** `path`: of the programs themselves. */
export function countCalls(dir, path) {
  const folder = join(dir, "counted");
  const log = join(dir, "calls");
  mkdirSync(folder);
  writeFileSync(log, "");
  for (const program of PROGRAMS) {
    // Without itself on PATH, and what it starts: jobs inherit the environment of sbatch.
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\necho ${program} >> '${log}'\nPATH='${path}'\nexec ${program} "$@"\n`,
    );
    chmodSync(join(folder, program), 0o755);
  }
  const counts = () => {
    const calls = readFileSync(log, "utf8").split("\n").filter(Boolean);
    return Object.fromEntries(PROGRAMS.map((program) => [program, calls.filter((call) => call === program).length]));
  };
  return { path: `${folder}:${path}`, counts };
}
