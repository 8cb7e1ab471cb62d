// Comments of a YAML file and what each explains: the key below it, the value it stands behind, or the file as a whole. Pure.
import type { Path } from "./yaml-file.ts";

/** A key, or an item of a list, and where it begins. */
export interface Mark {
  /** Of the key; of an item, its list's. */
  readonly path: Path;
  readonly offset: number;
  /** An item's text. */
  readonly item?: string;
}

export interface Note {
  /** Lines without `#`. */
  readonly above: readonly string[];
  readonly beside?: string;
}

export interface Comments {
  /** By path. */
  readonly notes: readonly { readonly path: Path; readonly note: Note }[];
  /** Blocks that belong to no key: the head of the file, remarks between blank lines, the end. */
  readonly remarks: readonly (readonly string[])[];
}

interface Comment {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Nothing but white space before it. */
  readonly own: boolean;
}

/** What `yaml` puts between the tokens, which are otherwise the text. */
const CONTROL = new Set(["\x02", "\x18", "\x1f"]);

export function commentsOf(source: string, tokens: Iterable<string>, marks: readonly Mark[]): Comments {
  const lines = source.split("\n");
  const lineOf = lineCounter(source);
  const placed = marks.map((mark) => ({ ...mark, line: lineOf(mark.offset).line }));
  const notes = new Map<string, { path: Path; above: string[]; beside?: string }>();
  const noteOf = (path: Path) => {
    const id = JSON.stringify(path);
    if (!notes.has(id)) notes.set(id, { path, above: [] });
    return notes.get(id)!;
  };
  const remarks: string[][] = [];
  for (const block of blocks(find(source, tokens, lineOf))) {
    const [first, last] = [block[0]!, block.at(-1)!];
    const text = block.map((comment) => comment.text);
    if (!first.own) {
      const mark = placed.findLast(({ line }) => line <= first.line);
      if (!mark) remarks.push(text);
      else if (mark.item !== undefined) noteOf(mark.path).above.push(`${mark.item}: ${text[0]!}`);
      else noteOf(mark.path).beside = text[0]!;
      continue;
    }
    const next = placed.find(({ line }) => line > last.line);
    const isHead = !placed.some(({ line }) => line < first.line);
    const apart = (lines[last.line] ?? "").trim() === "";
    if (next && !isHead && !apart) noteOf(next.path).above.push(...text);
    else remarks.push(text);
  }
  return { notes: [...notes.values()].map(({ path, ...note }) => ({ path, note })), remarks };
}

function find(
  source: string,
  tokens: Iterable<string>,
  lineOf: (offset: number) => { line: number; start: number },
): Comment[] {
  const found: Comment[] = [];
  let offset = 0;
  let scalar = false;
  for (const token of tokens) {
    if (CONTROL.has(token)) {
      scalar = token === "\x1f";
      continue;
    }
    if (token.startsWith("#") && !scalar) {
      const { line, start } = lineOf(offset);
      const own = source.slice(start, offset).trim() === "";
      found.push({ line, column: offset - start, text: token.replace(/^# ?/, "").trimEnd(), own });
    }
    scalar = false;
    offset += token.length;
  }
  return found;
}

/** Comments on lines of their own, one below the other at one depth, are one block. */
function blocks(comments: readonly Comment[]): Comment[][] {
  const found: Comment[][] = [];
  for (const comment of comments) {
    const last = found.at(-1)?.at(-1);
    const continues = last?.own && comment.own && last.line + 1 === comment.line && last.column === comment.column;
    if (continues) found.at(-1)!.push(comment);
    else found.push([comment]);
  }
  return found;
}

/** 1-based line of an offset, and where that line starts. */
function lineCounter(source: string): (offset: number) => { line: number; start: number } {
  const starts = [0];
  for (let i = source.indexOf("\n"); i >= 0; i = source.indexOf("\n", i + 1)) starts.push(i + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    const line = after < 0 ? starts.length : after;
    return { line, start: starts[line - 1]! };
  };
}
