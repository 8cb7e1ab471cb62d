// Placeholders inside a command's argv: stand for paths that are known only where the job runs. Not a template language.
// They are private-use characters around a name, so they survive string concatenation (`--out=${outputs.catalog}`)
// and cannot be confused with anything a scientist types; compile/ refuses campaigns that contain them.

const OPEN = "\uE0C1";
const CLOSE = "\uE0C2";

/** `output:catalog`, `input:halos`, `list:mocks` (file listing the paths of a fan-in), `each:mocks` (one argument a path), `staging`, `scratch`. */
export function placeholder(name: string): string {
  return OPEN + name + CLOSE;
}

export function hasPlaceholder(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** Replaces every placeholder. `resolve` returns several strings only for an argument that is one whole placeholder. */
export function fillArgument(argument: string, resolve: (name: string) => string | readonly string[]): string[] {
  const whole = new RegExp(`^${OPEN}([^${CLOSE}]*)${CLOSE}$`).exec(argument);
  if (whole) {
    const value = resolve(whole[1]!);
    return typeof value === "string" ? [value] : [...value];
  }
  const filled = argument.replace(new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "g"), (_, name: string) => {
    const value = resolve(name);
    return typeof value === "string" ? value : value.join(" ");
  });
  return [filled];
}

/** For people: `<output:catalog>`. */
export function showPlaceholders(argument: string): string {
  return argument.replaceAll(OPEN, "<").replaceAll(CLOSE, ">");
}
