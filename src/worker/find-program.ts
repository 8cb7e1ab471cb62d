// Finds a program on PATH once, not once a job: execvp tries every folder in turn, and 9 system calls a job are half a short job.
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

const found = new Map<string, { readonly file: string; seen: number }>();
/** Looked at again after so many ms: a program does not move from one short job to the next. */
const TRUSTED = 100;

/** The name itself where it is a path or nothing is found: the kernel's own error is then the right one. */
export function findProgram(name: string, path: string | undefined): string {
  if (name.includes("/") || !path) return name;
  const key = `${name}\0${path}`;
  const known = found.get(key);
  const now = performance.now();
  if (known && now - known.seen < TRUSTED) return known.file;
  if (known && isProgram(known.file)) return ((known.seen = now), known.file);
  for (const folder of path.split(":")) {
    // An empty or relative entry means the working directory of the job, which is another one each time.
    if (!folder.startsWith("/")) return name;
    const file = join(folder, name);
    if (!isProgram(file)) continue;
    found.set(key, { file, seen: now });
    return file;
  }
  return name;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
