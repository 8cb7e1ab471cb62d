// Folders that are empty now that what was in them is elsewhere. Nothing that holds anything is touched.
import { rmdirSync } from "node:fs";
import { dirname } from "node:path";

/** This folder and those above it, below the root, as far as they hold nothing. */
export function removeEmpty(root: string, folder: string): void {
  for (let at = folder; at.length > root.length; at = dirname(at))
    try {
      rmdirSync(at);
    } catch {
      // Something is in it.
      return;
    }
}
