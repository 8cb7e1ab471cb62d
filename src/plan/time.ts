// Modification times are decimal text "seconds.nanoseconds"; tools differ in trailing zeros (find prints ten digits).

export function sameTime(a: string, b: string): boolean {
  return a === b || trimmed(a) === trimmed(b);
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
