// What a plan needs of the machine before anything begins: room on the file system of the campaign root. Looks; decides nothing.
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Space } from "../plan/types.ts";

/** Of the nearest folder that exists. Undefined: the file system does not say. A quota below the file system's size is not seen. */
export function freeSpace(root: string): Space | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize, files, ffree } = statfsSync(folder);
      // Some file systems make inodes as they need them, and say that they have none.
      return { bytes: bavail * bsize, ...(files > 0 ? { inodes: ffree } : {}) };
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!gone || folder === dirname(folder)) return undefined;
    }
  }
}
