// Folders that differ from machine to machine, taken out of what is fingerprinted: moving the input folder reruns nothing.

export interface Stripper {
  /** A path below a root begins with the root's name instead. */
  path(path: string): string;
  /** As `path`, for every place inside JSON text where a path may begin: after a quote, "=", ":" or ",". */
  json(text: string): string;
  /** Folders of the roots that `path` has met. */
  readonly used: ReadonlySet<string>;
}

/** `roots`: name that stands for it -> folder. Longer folders win. */
export function prefixStripper(roots: Readonly<Record<string, string>>): Stripper {
  const used = new Set<string>();
  const known = Object.entries(roots)
    .map(([name, folder]) => ({ name, folder: folder.replace(/\/+$/, "") }))
    .filter(({ folder }) => folder !== "")
    .sort((a, b) => b.folder.length - a.folder.length || (a.name < b.name ? -1 : 1));
  const inText = known
    .filter(({ folder }) => folder.length > 1)
    .map(({ name, folder }) => ({
      name: JSON.stringify(name).slice(1, -1),
      pattern: new RegExp(`(["=:,])${escape(JSON.stringify(folder).slice(1, -1))}(?=["/:,])`, "g"),
    }));
  return {
    used,
    path(path) {
      let stripped: string | undefined;
      for (const { name, folder } of known)
        if (path.startsWith(folder) && (path.length === folder.length || path[folder.length] === "/")) {
          used.add(folder);
          stripped ??= name + path.slice(folder.length);
        }
      return stripped ?? path;
    },
    json(text) {
      let out = text;
      for (const { name, pattern } of inText) out = out.replace(pattern, (_, before: string) => before + name);
      return out;
    },
  };
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
