// What the build makes of files that are not TypeScript (scripts/assets.mjs): text, and validators compiled ahead from JSON schemas.

declare module "*.hbs" {
  const text: string;
  export default text;
}

declare module "*.yaml" {
  const text: string;
  export default text;
}

declare module "*.pl" {
  const text: string;
  export default text;
}

declare module "*.py" {
  const text: string;
  export default text;
}

declare module "*.schema.json.validate" {
  interface Problem {
    /** JSON pointer to the value at fault. */
    readonly instancePath: string;
    readonly keyword: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly message?: string;
  }
  interface Validate {
    (value: unknown): boolean;
    readonly errors?: readonly Problem[] | null;
  }
  const validate: Validate;
  export default validate;
}
