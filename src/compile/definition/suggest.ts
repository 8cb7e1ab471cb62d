// Did you mean: the nearest of some names, when it is near enough to be a slip.

export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = word.length < 3 ? 1 : Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = name.toLowerCase() === word.toLowerCase() ? 0.5 : editDistance(word, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** `Did you mean "redshift"? There are: realization, redshift.` */
export function didYouMean(word: string, names: readonly string[], kind: string): string {
  const near = nearest(word, names);
  const listed =
    names.length === 0
      ? `There are no ${kind}.`
      : `The ${kind}: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""}.`;
  return near === undefined ? listed : `Did you mean ${near}? ${listed}`;
}

/** Levenshtein, with a swap of neighbours counted as one. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 4) return 99;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}
