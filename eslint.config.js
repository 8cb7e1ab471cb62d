// What the linter refuses beyond TypeScript's own checks. No rule here needs type information: the run stays under ten seconds.
import js from "@eslint/js";
import ts from "typescript-eslint";

const PURE = [
  "src/plan/**",
  "src/render/**",
  "src/expand/**",
  "src/author/**",
  "src/ir/**",
  "src/reconcile/**",
  "src/state/reduce.ts",
];

export default ts.config(
  {
    ignores: [
      "dist",
      "generated",
      "runs",
      "**/*.d.ts",
      "tests/fixtures",
      "tests/golden/*/*/**",
      "tests/types/*.fault.ts",
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-restricted-globals": ["error", "name", "event", "length"],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      // The builders are generic over points and ports; `any` is how TypeScript says "some" in a constraint.
      "@typescript-eslint/no-explicit-any": "off",
      // noUncheckedIndexedAccess makes `!` the way to say "the index is in range".
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-empty-object-type": "off",
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "performance", "Buffer", "AbortController", "setTimeout", "clearTimeout"].map((name) => [name, "readonly"]), // prettier-ignore
      ),
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Name what you export." }],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/cli/**", "src/worker/**"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "stdout", message: "Nothing below cli/ prints: return a value or an event." },
        { object: "process", property: "stderr", message: "Nothing below cli/ prints: return a value or an event." },
        { object: "process", property: "exit", message: "Only cli/ ends the process." },
      ],
    },
  },
  {
    files: PURE,
    rules: {
      "no-restricted-globals": ["error", "process", "fetch", "performance", "setTimeout", "setInterval"],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Pure folder: randomness arrives as an argument." },
        { object: "Date", property: "now", message: "Pure folder: the clock arrives as an argument." },
        { object: "Date", property: "parse", message: "Pure folder: depends on the time zone." },
        { object: "crypto", property: "randomUUID", message: "Pure folder: ids arrive as arguments." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Pure folder: no clock." },
        {
          selector: "CallExpression[callee.property.name=/^toLocale|^localeCompare$/]",
          message: "Pure folder: the order and form of text must not depend on the locale.",
        },
      ],
    },
  },
);
