// Whether one file, or folder, holds nothing that another one does not hold, too: only then may it be removed.
import { closeSync, openSync, readdirSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** Two paths of one and the same entry: what is removed under one name is gone under the other. */
export function isSameEntry(one: string, other: string): boolean {
  return realpathSync(one) === realpathSync(other);
}

/** Every file of `part`, or the file that it is, is found alike in `whole`, as an entry of its own. */
export function isHeldBy(part: string, whole: string): boolean {
  const [a, b] = [statSync(part, { throwIfNoEntry: false }), statSync(whole, { throwIfNoEntry: false })];
  if (!a || !b || isSameEntry(part, whole)) return false;
  if (a.isFile()) return b.isFile() && isAlike(part, a, whole, b);
  if (!a.isDirectory() || !b.isDirectory()) return false;
  return readdirSync(part).every((name) => isHeldBy(join(part, name), join(whole, name)));
}

/** One file seen through two mounts has one link and two paths. */
function isAlike(one: string, a: Stats, other: string, b: Stats): boolean {
  if (a.dev === b.dev && a.ino === b.ino) return a.nlink > 1;
  return a.size === b.size && hasSameBytes(one, other);
}

const CHUNK = 1 << 20;

function hasSameBytes(one: string, other: string): boolean {
  const [x, y] = [openSync(one, "r"), openSync(other, "r")];
  try {
    const [left, right] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
    for (;;) {
      const [m, n] = [fill(x, left), fill(y, right)];
      if (m !== n || left.compare(right, 0, n, 0, m) !== 0) return false;
      if (m < CHUNK) return true;
    }
  } finally {
    closeSync(x);
    closeSync(y);
  }
}

/** read(2) may give less than there is. */
function fill(file: number, buffer: Buffer): number {
  let done = 0;
  for (let read = -1; read !== 0 && done < buffer.length; done += read)
    read = readSync(file, buffer, done, buffer.length - done, null);
  return done;
}
