// Handlebars, loaded when a bundle is rendered, set up for shell scripts: no HTML escaping, no silent empty values, quoting by name.

/** One word for a POSIX shell. Plain words stay as they are, so that scripts can be read. */
export function quote(word: string | number): string {
  const text = String(word);
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text for a comment or a directive, which end at the line's end. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ");
}

/** A compiler of templates; `strict`: a name the data does not have is an error. */
export async function templates(): Promise<(template: string) => (data: object) => string> {
  const { default: handlebars } = await import("handlebars");
  const own = handlebars.create();
  own.registerHelper("quote", (value: string | number) => quote(value));
  own.registerHelper("words", (values: readonly string[]) => values.map((value) => `${quote(value)} `).join(""));
  own.registerHelper("line", (value: string) => oneLine(value));
  return (template) => own.compile(template, { noEscape: true, strict: true });
}
