// The import table of docs/ARCHITECTURE.md as rules. A folder may import itself, what stands beside its name, and diagnostics.

const MAY = {
  author: ["ir"],
  ir: [],
  expand: ["ir", "author"],
  compile: ["expand", "ir", "author"],
  state: ["ir", "expand"],
  observe: ["ir", "expand", "state"],
  plan: ["ir", "expand", "state"],
  site: ["ir", "author"],
  verify: ["ir", "expand", "state", "observe", "plan", "validators", "worker"],
  render: ["ir", "expand", "plan", "state", "site"],
  validators: ["ir", "author", "state"],
  worker: ["ir", "state", "validators", "author"],
  executors: ["ir", "state", "plan", "expand", "worker", "site", "render"],
  apply: ["compile", "expand", "ir", "author", "state", "observe", "plan", "site", "render", "validators", "executors", "worker", "verify"],
  import: ["ir", "author", "compile", "state"],
  insight: ["ir", "expand", "state", "plan"],
  refactor: ["ir", "compile", "state"],
}; // prettier-ignore

/** Who sees "cmc" as a campaign sees it. */
const INDEX_USERS = ["compile"];

/** Packages with one home: they are heavy, or their output is part of a fingerprint. */
const HOMES = {
  typescript: ["compile", "refactor"],
  "ts-morph": ["compile", "import"],
  esbuild: ["compile"],
  "sql.js": ["state"],
  handlebars: ["render"],
  h5wasm: ["validators"],
  commander: ["cli"],
  picocolors: ["cli", "diagnostics"],
};

/** Functional core: no files, no processes, no machine. */
const PURE = "^src/(plan|render|expand|author|ir|reconcile)/|^src/state/reduce\\.ts$";

const folders = Object.entries(MAY).map(([folder, others]) => ({
  name: `imports-of-${folder}`,
  comment: `${folder}/ may import ${[...others, "diagnostics"].join(", ")}; see docs/ARCHITECTURE.md`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: {
    path: "^src/",
    pathNot: [
      `^src/(${[folder, ...others, "diagnostics"].join("|")})/`,
      "^src/assets\\.d\\.ts$",
      ...(INDEX_USERS.includes(folder) ? ["^src/index\\.ts$"] : []),
    ],
  },
}));

const homes = Object.entries(HOMES).map(([name, where]) => ({
  name: `home-of-${name}`,
  comment: `${name} is loaded in ${where.join(", ")} only`,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/(${where.join("|")})/` },
  to: { path: `(^|node_modules/)${name.replace(".", "\\.")}(/|$)` },
}));

export default {
  forbidden: [
    {
      name: "no-circular",
      comment: "cycles of types only are erased by the compiler and allowed",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "diagnostics-imports-nothing",
      severity: "error",
      from: { path: "^src/diagnostics/" },
      to: { path: "^src/", pathNot: "^src/diagnostics/" },
    },
    {
      name: "index-is-author",
      comment: "src/index.ts is what a campaign may import",
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(author|ir)/" },
    },
    {
      name: "nothing-imports-cli",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "pure",
      comment: "plan, render, expand, author, ir and the reducer see no files, processes or machine",
      severity: "error",
      from: { path: PURE },
      to: { path: "^(node:)?(fs|fs/promises|child_process|os|worker_threads|net|http|https|timers)$" },
    },
    ...folders,
    ...homes,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.d\\.ts$" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
