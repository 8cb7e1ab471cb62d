// Lines that fit: long text is broken at spaces and hangs under its first line. Colour codes have no width.

// eslint-disable-next-line no-control-regex -- colour codes begin with ESC
const COLOUR_CODE = /\u001b\[[0-9;]*m/g;

export function visible(text: string): number {
  return text.replace(COLOUR_CODE, "").length;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - visible(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - visible(text))) + text;
}

/** Least room worth breaking for: below it a terminal may wrap as it likes. */
const LEAST = 24;

/** `head` and then `text`, which hangs under itself. */
export function hang(
  head: string,
  text: string,
  width: number,
  paint: (line: string) => string = (line) => line,
): string {
  const indent = visible(head);
  const room = Math.max(LEAST, width - indent);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && visible(last) + 1 + visible(word) <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, i) => `${i === 0 ? head : " ".repeat(indent)}${paint(line)}`.trimEnd()).join("\n");
}
