// Keys of a whole stage, fast: the text of every axis value is made once. Says the same as jobKey (ir/key.ts).
import type { StageTable } from "../expand/table.ts";
import { keyValue } from "../ir/key.ts";

/** Key of the job at an index within its stage. */
export type KeyOf = (index: number) => string;

export function keysOf(stage: Pick<StageTable, "stage" | "coords">): KeyOf {
  const { name, axes } = stage.stage;
  if (axes.length === 0) return () => name;
  const parts = axes
    .map((axis, a) => ({
      name: axis.name,
      coords: stage.coords[a]!,
      texts: axis.values.map((value) => `${axis.name}=${keyValue(value)}`),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return (index) => {
    let key = `${name}[`;
    for (let p = 0; p < parts.length; p++) {
      const { texts, coords } = parts[p]!;
      key += p === 0 ? texts[coords[index]!]! : `,${texts[coords[index]!]!}`;
    }
    return `${key}]`;
  };
}
