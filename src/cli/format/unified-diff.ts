// Two texts as a unified diff: what `patch` reads. By lines; pure.

/** Lines shown around a change. */
const CONTEXT = 3;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Empty where the texts are equal. Ends with a newline. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const lines = compared(split(before), split(after));
  const changed = lines.flatMap(({ sign }, i) => (sign === " " ? [] : [i]));
  if (changed.length === 0) return "";
  const out = [`--- a/${name}`, `+++ b/${name}`];
  for (let i = 0; i < changed.length;) {
    let last = i;
    while (last + 1 < changed.length && changed[last + 1]! - changed[last]! <= 2 * CONTEXT) last += 1;
    const [from, to] = [Math.max(0, changed[i]! - CONTEXT), Math.min(lines.length, changed[last]! + CONTEXT + 1)];
    const hunk = lines.slice(from, to);
    out.push(`@@ -${range(lines, from, hunk, "+")} +${range(lines, from, hunk, "-")} @@`);
    for (const { sign, text } of hunk) out.push(sign + text.replace(/\n$/, ""), ...(text.endsWith("\n") ? [] : ["\\ No newline at end of file"])); // prettier-ignore
    i = last + 1;
  }
  return `${out.join("\n")}\n`;
}

/** Lines that are other than before. */
export function linesChanged(before: string, after: string): number {
  const lines = compared(split(before), split(after));
  const of = (sign: Line["sign"]) => lines.filter((line) => line.sign === sign).length;
  return Math.max(of("-"), of("+"));
}

function range(all: readonly Line[], from: number, hunk: readonly Line[], without: Line["sign"]): string {
  const start = all.slice(0, from).filter(({ sign }) => sign !== without).length;
  const count = hunk.filter(({ sign }) => sign !== without).length;
  return `${count === 0 ? start : start + 1},${count}`;
}

function split(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1; // prettier-ignore
  const same = (text: string): Line => ({ sign: " ", text });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** Longest common subsequence, by a table: modules have hundreds of lines. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i * width + j] =
        before[i] === after[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const out: Line[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length;) {
    const ahead = (di: number, dj: number) => longest[(i + di) * width + j + dj]!;
    if (i < before.length && j < after.length && before[i] === after[j]) {
      out.push({ sign: " ", text: before[i++]! });
      j++;
    } else if (i < before.length && (j === after.length || ahead(1, 0) >= ahead(0, 1)))
      out.push({ sign: "-", text: before[i++]! }); // prettier-ignore
    else out.push({ sign: "+", text: after[j++]! });
  }
  return out;
}
