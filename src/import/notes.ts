// The comments of a production on their way: each is taken once, beside what it explains; what nobody took is told at the top. Stateful.
import type { Note } from "./comments.ts";
import { type Layers, noteAt, type Said } from "./layers.ts";
import type { Path, YamlFile } from "./yaml-file.ts";

export interface Notes {
  /** Of a value. `conversion`: how the number came about, said first. */
  take(said: Said | undefined, conversion?: string): Partial<Note>;
  /** Of a section, by the most special of these layers that explains it. All of it stands above. */
  section(of: Layers, ...paths: Path[]): readonly string[];
  /** Heads of the files, remarks, and notes on what has no place of its own. */
  rest(files: readonly YamlFile[]): readonly (readonly string[])[];
}

export function notesFor(layers: Layers): Notes {
  const taken = new Set<string>();
  const id = (file: YamlFile, path: Path) => JSON.stringify([file.path, path]);
  const takeAt = (file: YamlFile, path: Path): Note | undefined => {
    if (taken.has(id(file, path))) return undefined;
    taken.add(id(file, path));
    return noteAt(file, path);
  };
  return {
    take: (said, conversion) => {
      const note = said && takeAt(said.file, said.path);
      const beside = [conversion, note?.beside].filter((text) => text !== undefined).join("; ");
      return {
        ...(note && note.above.length > 0 ? { above: note.above } : {}),
        ...(beside === "" ? {} : { beside }),
      };
    },
    section: (of, ...paths) => {
      for (const file of of.files)
        for (const path of paths) {
          const note = takeAt(file, path);
          if (note) return [...note.above, ...(note.beside === undefined ? [] : [note.beside])];
        }
      return [];
    },
    rest: (files) =>
      files.flatMap((file) => [
        ...file.comments.remarks,
        ...file.comments.notes
          // What another file says instead is not explained by this one.
          .filter(({ path }) => !taken.has(id(file, path)) && (layers.find(path)?.file ?? file) === file)
          .map(({ path, note: { above, beside } }) => {
            const [first = "", ...more] = [...above, ...(beside === undefined ? [] : [beside])];
            return [`${path.join(".")}: ${first}`, ...more];
          }),
      ]),
  };
}

/** For what is computed and shown to nobody. */
export const SILENT: Notes = { take: () => ({}), section: () => [], rest: () => [] };
