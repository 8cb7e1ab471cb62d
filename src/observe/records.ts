// The records of a listing as a lookup. Names are bytes: they are read as latin-1, one character a byte, so that no name is
// mangled; paths that are asked for are turned into the same form. Parsed on first use: a warm plan never gets here.
import type { FileFact } from "../state/receipt.ts";

export type Seen = FileFact & { readonly files?: number };

interface Tables {
  readonly text: string;
  /** Path -> start of its record in `text`. */
  readonly starts: ReadonlyMap<string, number>;
}

export class Records {
  private parsed: Tables | undefined;

  constructor(private readonly bytes: Buffer) {}

  /** A file; undefined when there is none. Links and devices are shown as they are. */
  file(path: string, as = path): FileFact | undefined {
    const { text, starts } = this.tables();
    const start = starts.get(bytewise(path));
    return start === undefined ? undefined : fileAt(text, start, as);
  }

  /** As `file`; a folder counts as the regular files below it: sum of sizes, latest time, number. */
  output(path: string): Seen | undefined {
    const { text, starts } = this.tables();
    const start = starts.get(bytewise(path));
    if (start === undefined) return undefined;
    return text[start] === "d" ? folderAt(text, start, path) : fileAt(text, start, path);
  }

  /** Everything that is no folder, once; what a link leads to stands for it. */
  *files(): Generator<{ readonly path: string; readonly size: number }> {
    const { text, starts } = this.tables();
    for (const [path, start] of starts)
      if (text[start] !== "d")
        yield { path: readable(path), size: Number(text.slice(start + 1, text.indexOf(" ", start))) };
  }

  private tables(): Tables {
    return (this.parsed ??= parse(this.bytes));
  }
}

function parse(bytes: Buffer): Tables {
  const text = bytes.toString("latin1");
  const starts = new Map<string, number>();
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\0", start);
    if (end < 0) break;
    const path = text.indexOf(" ", text.indexOf(" ", start) + 1) + 1;
    starts.set(text.slice(text.startsWith("./", path) ? path + 2 : path, end), start);
    start = end + 1;
  }
  return { text, starts };
}

function fileAt(text: string, start: number, path: string): FileFact | undefined {
  return text[start] === "l" ? undefined : { path, ...factsAt(text, start) };
}

function factsAt(text: string, start: number): { size: number; mtime: string } {
  const space = text.indexOf(" ", start);
  const time = text.slice(space + 1, text.indexOf(" ", space + 1));
  return { size: Number(text.slice(start + 1, space)), mtime: nineDigits(time) };
}

/** find prints "1700000000.1234567890": nanoseconds and a zero. */
function nineDigits(time: string): string {
  const point = time.indexOf(".");
  return point < 0 ? `${time}.000000000` : time.slice(0, point + 10).padEnd(point + 10, "0");
}

/** Records stand in the order of a walk: what is below a folder follows it at once. */
function folderAt(text: string, start: number, path: string): Seen {
  const head = text.indexOf(" ", text.indexOf(" ", start) + 1) + 1;
  const prefix = `${text.slice(head, text.indexOf("\0", start))}/`;
  let [size, files, mtime] = [0, 0, "0.000000000"];
  for (let at = text.indexOf("\0", start) + 1; at > 0 && at < text.length; at = text.indexOf("\0", at) + 1) {
    const name = text.indexOf(" ", text.indexOf(" ", at) + 1) + 1;
    if (!text.startsWith(prefix, name)) break;
    if (text[at] !== "f") continue;
    const fact = factsAt(text, at);
    size += fact.size;
    files += 1;
    if (later(fact.mtime, mtime)) mtime = fact.mtime;
  }
  return { path, size, mtime, files };
}

function later(a: string, b: string): boolean {
  return a.length !== b.length ? a.length > b.length : a > b;
}

function bytewise(path: string): string {
  // eslint-disable-next-line no-control-regex -- the question is whether it is ASCII
  return /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, "utf8").toString("latin1");
}

/** The inverse; a name that is no UTF-8 is shown as well as it can be. */
function readable(path: string): string {
  // eslint-disable-next-line no-control-regex -- the question is whether it is ASCII
  return /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

/** Paths of the links among some records. A record begins after the NUL of the one before, with its type. */
export function linksOf(bytes: Buffer): string[] {
  const links: string[] = [];
  let at = bytes.indexOf(NUL_LINK);
  if (bytes[0] === NUL_LINK[1]) links.push(pathAt(bytes, 0));
  for (; at >= 0; at = bytes.indexOf(NUL_LINK, at + 1)) links.push(pathAt(bytes, at + 1));
  return links;
}

/** Folders among some records. */
export function countFolders(bytes: Buffer): number {
  let count = bytes.length > 0 && bytes[0] === NUL_FOLDER[1] ? 1 : 0;
  for (let at = bytes.indexOf(NUL_FOLDER); at >= 0; at = bytes.indexOf(NUL_FOLDER, at + 1)) count += 1;
  return count;
}

function pathAt(bytes: Buffer, start: number): string {
  const path = bytes.indexOf(SPACE, bytes.indexOf(SPACE, start) + 1) + 1;
  return bytes.toString("utf8", path, bytes.indexOf(0, path));
}

const SPACE = " ".charCodeAt(0);
const NUL_LINK = Buffer.from("\0l");
const NUL_FOLDER = Buffer.from("\0d0 0 ");
