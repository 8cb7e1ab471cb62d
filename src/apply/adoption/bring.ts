// Brings one file or folder to its declared place, and takes it away again. At every instant the original is whole, or its adopted copy is:
// nothing is removed that is not found alike in the other place.
import { closeSync, constants, copyFileSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs"; // prettier-ignore
import { dirname, join } from "node:path";
import { fail } from "../../diagnostics/diagnostic.ts";
import { faultPoint } from "../../state/fault.ts";
import { syncFolder } from "../../state/replace-file.ts";
import { errno, refuseWrite } from "../../state/write-error.ts";
import { removeEmpty } from "../remove-empty.ts";
import { isHeldBy, isSameEntry } from "./same.ts";

export const WAYS = ["link", "copy", "move"] as const;
export type Way = (typeof WAYS)[number];

/** Absolute paths. */
export interface Parcel {
  readonly from: string;
  readonly to: string;
  readonly folder: boolean;
}

/** What lies at its place. `own`: it is there already, under another name of the same entry. `brought`: an earlier adoption was cut short. */
export function standing({ from, to }: Parcel): "absent" | "own" | "brought" | "other" {
  if (!lstatSync(to, { throwIfNoEntry: false })) return "absent";
  try {
    if (isSameEntry(from, to)) return "own";
    return isHeldBy(from, to) && isHeldBy(to, from) ? "brought" : "other";
  } catch {
    // A link that leads nowhere, or what nobody may read.
    return "other";
  }
}

/** Why it cannot be brought; undefined: it can. Such things as sockets, and links inside folders, are nobody's results. */
export function oddity({ from, folder }: Parcel, way: Way): string | undefined {
  const itself = lstatSync(from);
  if (way === "move" && itself.isSymbolicLink()) return "its file is a symbolic link: link or copy it";
  if (!folder) return lstatSync(realpathSync(from)).isFile() ? undefined : "its file is no regular file";
  const odd = readdirSync(from, { recursive: true, withFileTypes: true }).some((entry) => !entry.isFile() && !entry.isDirectory()); // prettier-ignore
  return odd ? "its folder holds something that is neither file nor folder" : undefined;
}

/** `aside`: a path of its own on the file system of `to`. True: it was copied. Durable once the folder of `to` is synced. */
export function bring({ from, to, folder }: Parcel, way: Way, aside: string): boolean {
  try {
    mkdirSync(dirname(to), { recursive: true });
    if (!folder && way !== "copy" && isLinked(from, to)) return false;
    const copied = folder ? fillFolder(from, aside, way) : copy(from, aside);
    faultPoint("adopt/set-up");
    if (lstatSync(to, { throwIfNoEntry: false })) occupied(from, to);
    renameSync(aside, to);
    return copied;
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (errno(error) === "EEXIST") occupied(from, to);
    refuseWrite(error, to, `${from} is as it was.`);
  }
}

function occupied(from: string, to: string): never {
  return fail({ code: "apply/occupied", message: `${from} is to be brought to ${to}, and something is there` });
}

/** Another file system, one without links, too many links, or a file of another user (protected_hardlinks). */
const UNLINKABLE: ReadonlySet<string | undefined> = new Set(["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]); // prettier-ignore

/** link(2) never replaces what is there. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(realpathSync(from), to);
    return true;
  } catch (error) {
    if (UNLINKABLE.has(errno(error))) return false;
    throw error;
  }
}

function copy(from: string, to: string): true {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const file = openSync(to, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}

function fillFolder(from: string, to: string, way: Way): boolean {
  mkdirSync(to);
  let copied = false;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copied = fillFolder(source, target, way) || copied;
    else if (way === "copy" || !isLinked(source, target)) copied = copy(source, target);
  }
  syncFolder(to);
  return copied;
}

/** False: it stays, because the original does not hold the same any more. `aside` as in bring. */
export function takeAway({ from, to, folder }: Parcel, root: string, aside: string): boolean {
  if (!isHeldBy(to, from)) return false;
  if (folder) {
    renameSync(to, aside);
    rmSync(aside, { recursive: true });
  } else unlinkSync(to);
  removeEmpty(root, dirname(to));
  return true;
}

/** Of what was adopted in its new place. False: it stays, because it does not hold the same. */
export function removeOriginal({ from, to, folder }: Parcel): boolean {
  if (!isHeldBy(from, to)) return false;
  if (!folder) unlinkSync(from);
  else emptyFolder(from);
  return true;
}

function emptyFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) emptyFolder(join(folder, entry.name));
    else unlinkSync(join(folder, entry.name));
  rmdirSync(folder);
}
