// Edits to a module's text before it is bundled, and the way back from a position in the edited text to the original.

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Edited {
  readonly text: string;
  /** Offset in the original of an offset in the edited text. */
  original(offset: number): number;
}

/** Edits must not overlap; two at one place stand in the order given. */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const marks: { edited: number; original: number }[] = [{ edited: 0, original: 0 }];
  let out = "";
  let last = 0;
  for (const edit of ordered) {
    out += text.slice(last, edit.start);
    marks.push({ edited: out.length, original: edit.start });
    out += edit.text;
    marks.push({ edited: out.length, original: edit.end });
    last = edit.end;
  }
  out += text.slice(last);
  return { text: out, original: (offset) => back(marks, offset) };
}

function back(marks: readonly { edited: number; original: number }[], offset: number): number {
  let at = 0;
  while (at + 1 < marks.length && marks[at + 1]!.edited <= offset) at += 1;
  const mark = marks[at]!;
  const next = marks[at + 1];
  const original = mark.original + (offset - mark.edited);
  return next ? Math.min(original, next.original) : original;
}

/** Blanks a range: white space of the same shape, so that nothing after it moves. */
export function blank(text: string, start: number, end: number): Edit {
  return { start, end, text: text.slice(start, end).replace(/[^\n]/g, " ") };
}

/** 1-based line and column to offset, by the text's own line ends. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  return Math.min(text.length, start + column - 1);
}

export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let i = before.indexOf("\n"); i >= 0; i = before.indexOf("\n", i + 1)) line += 1;
  return { line, column: offset - start + 1 };
}
