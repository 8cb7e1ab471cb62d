// A production with its templates and the machine's defaults as one: the most special file that says something is heard.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Note } from "./comments.ts";
import type { Path, YamlFile } from "./yaml-file.ts";
import { sameAs } from "./yaml-file.ts";

/** A value, and who says it. */
export interface Said<T = unknown> {
  readonly value: T;
  readonly file: YamlFile;
  readonly path: Path;
}

export interface Layers {
  /** The most special first. */
  readonly files: readonly YamlFile[];
  /** Of several paths in one file, the first that is there. */
  find<T>(...paths: Path[]): Said<T> | undefined;
}

/** Everything that is said of one production. */
export interface Sources {
  readonly all: Layers;
  /** Of the production and its templates. */
  readonly own: Layers;
  /** Of the machine's defaults; says nothing where there are none. */
  readonly machine: Layers;
}

export function layersOf(files: readonly YamlFile[]): Layers {
  return {
    files,
    find: <T>(...paths: Path[]) => {
      for (const file of files)
        for (const path of paths) {
          const value = valueAt(file.value, path);
          if (value !== undefined && value !== null) return { value: value as T, file, path };
        }
      return undefined;
    },
  };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, name) =>
      typeof inside === "object" && inside !== null ? (inside as Record<string | number, unknown>)[name] : undefined,
    value,
  );
}

export function textOf({ file, path }: Said): string | undefined {
  return file.text(path);
}

export function noteAt(file: YamlFile, path: Path): Note | undefined {
  return file.comments.notes.find((noted) => sameAs(noted.path, path))?.note;
}

export function about(
  said: Said,
  code: Diagnostic["code"],
  severity: Diagnostic["severity"],
  message: string,
  remedy?: string,
): Diagnostic {
  return { code, severity, message, span: said.file.span(said.path), ...(remedy === undefined ? {} : { remedy }) };
}
