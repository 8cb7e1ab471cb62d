// src/compile/campaign-file.ts
import { realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

// src/diagnostics/diagnostic.ts
var DiagnosticError = class extends Error {
  constructor(diagnostics) {
    super(diagnostics.map((d2) => `${d2.code}: ${d2.message}`).join("\n"));
    this.diagnostics = diagnostics;
  }
  diagnostics;
  name = "DiagnosticError";
};
function fail(diagnostic) {
  throw new DiagnosticError([{ severity: "error", ...diagnostic }]);
}

// src/compile/campaign-file.ts
function campaignFile(named, cwd) {
  const path = resolve(cwd, named);
  const stat = statSync(path, { throwIfNoEntry: false });
  const file2 = stat?.isDirectory() ? join(path, "campaign.ts") : path;
  const found2 = stat?.isDirectory() ? statSync(file2, { throwIfNoEntry: false }) : stat;
  if (!found2?.isFile()) fail({ code: "compile/not-found", message: stat?.isDirectory() ? `${named} holds no campaign.ts` : `${named} does not exist` });
  if (!/\.[cm]?ts$/.test(file2)) fail({ code: "compile/not-found", message: `${named} is no TypeScript module` });
  return realpathSync(file2);
}

// src/compile/realm/bundle.ts
import { SourceMap } from "node:module";
import { dirname as dirname2, join as join3 } from "node:path";
import { build } from "esbuild";

// src/compile/installation.ts
import { existsSync } from "node:fs";
import { dirname, join as join2, sep } from "node:path";
import { fileURLToPath } from "node:url";
var found;
function installation() {
  return found ??= find(fileURLToPath(import.meta.url));
}
function find(here) {
  const root = rootOf(dirname(here));
  const source = join2(root, "src");
  const fromSource = here.startsWith(source + sep);
  const built = (name, fallback) => {
    const path = join2(root, "dist", name);
    return !fromSource && existsSync(path) ? path : join2(source, fallback);
  };
  const own = [source + sep, join2(root, "dist") + sep];
  return {
    root,
    types: built("types/index.d.ts", "index.ts"),
    realm: built("realm.mjs", "compile/realm/entry.ts"),
    pure: built("pure.mjs", "compile/realm/pure.ts"),
    nodeModules: nodeModulesOf(root),
    owns: (file2) => own.some((prefix) => file2.startsWith(prefix))
  };
}
function rootOf(folder) {
  for (let dir = folder; dir !== dirname(dir); dir = dirname(dir)) if (existsSync(join2(dir, "package.json"))) return dir;
  throw new Error(`no package.json above ${folder}`);
}
function nodeModulesOf(root) {
  for (let dir = root; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join2(dir, "node_modules");
    if (existsSync(join2(candidate, "esbuild"))) return candidate;
  }
  return join2(root, "node_modules");
}

// src/compile/source/edit.ts
function applyEdits(text, edits) {
  const ordered = [...edits].sort((a, b2) => a.start - b2.start || a.end - b2.end);
  const marks = [{ edited: 0, original: 0 }];
  let out = "";
  let last = 0;
  for (const edit of ordered) {
    out += text.slice(last, edit.start);
    marks.push({ edited: out.length, original: edit.start });
    out += edit.text;
    marks.push({ edited: out.length, original: edit.end });
    last = edit.end;
  }
  out += text.slice(last);
  return { text: out, original: (offset) => back(marks, offset) };
}
function back(marks, offset) {
  let at = 0;
  while (at + 1 < marks.length && marks[at + 1].edited <= offset) at += 1;
  const mark = marks[at];
  const next = marks[at + 1];
  const original = mark.original + (offset - mark.edited);
  return next ? Math.min(original, next.original) : original;
}
function blank(text, start, end) {
  return { start, end, text: text.slice(start, end).replace(/[^\n]/g, " ") };
}
function offsetAt(text, line, column) {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  return Math.min(text.length, start + column - 1);
}

// src/compile/source/prepare.ts
import ts2 from "typescript";

// src/compile/source/module.ts
import { readFileSync } from "node:fs";
import ts from "typescript";
var Modules = class {
  /** Trees of a program that is there already are used as they are. */
  constructor(program) {
    this.program = program;
  }
  program;
  parsed = /* @__PURE__ */ new Map();
  /** Undefined when the file cannot be read or is no TypeScript or JavaScript. */
  get(file2) {
    const known = this.parsed.get(file2) ?? this.program?.getSourceFile(file2);
    if (known) return known;
    if (!/\.[cm]?[jt]sx?$/.test(file2)) return void 0;
    try {
      const source = ts.createSourceFile(file2, readFileSync(file2, "utf8"), ts.ScriptTarget.ES2022, true);
      this.parsed.set(file2, source);
      return source;
    } catch {
      return void 0;
    }
  }
};
function importsOf(source) {
  const names = /* @__PURE__ */ new Map();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.importClause || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const specifier = statement.moduleSpecifier.text;
    const { name, namedBindings } = statement.importClause;
    if (name) names.set(name.text, { specifier, name: "default" });
    if (namedBindings && ts.isNamespaceImport(namedBindings)) names.set(namedBindings.name.text, { specifier, name: "*" });
    if (namedBindings && ts.isNamedImports(namedBindings))
      for (const element of namedBindings.elements) names.set(element.name.text, { specifier, name: (element.propertyName ?? element.name).text });
  }
  return names;
}
function cmcCallee(callee, imports) {
  if (ts.isIdentifier(callee)) {
    const from2 = imports.get(callee.text);
    return from2?.specifier === "cmc" && from2.name !== "*" ? from2.name : void 0;
  }
  if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.expression)) return void 0;
  const from = imports.get(callee.expression.text);
  if (from?.specifier !== "cmc") return void 0;
  return from.name === "*" ? callee.name.text : `${from.name}.${callee.name.text}`;
}
function declaredNames(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap((d2) => boundNames(d2.name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) return statement.name ? [statement.name.text] : [];
  return [];
}
function boundNames(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => ts.isOmittedExpression(element) ? [] : boundNames(element.name));
}
function usedNames(node, into = /* @__PURE__ */ new Set()) {
  const visit = (at) => {
    if (ts.isTypeNode(at) || ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at)) return;
    if (ts.isIdentifier(at)) into.add(at.text);
    else if (ts.isPropertyAccessExpression(at)) visit(at.expression);
    else if (ts.isPropertyAssignment(at)) {
      if (ts.isComputedPropertyName(at.name)) visit(at.name);
      visit(at.initializer);
    } else ts.forEachChild(at, visit);
  };
  visit(node);
  return into;
}

// src/compile/source/prepare.ts
function prepareModule(source, tasks, entry, loops) {
  const { text } = source;
  const gone = unusedFunctions(source, tasks, entry);
  const within = (node) => gone.some((statement) => node.pos >= statement.pos && node.end <= statement.end) || tasks.some((task) => node.pos >= task.start - 1 && node.end <= task.end && node.getStart(source) >= task.start);
  const edits = [
    ...gone.map((statement) => blank(text, statement.getStart(source), statement.end)),
    ...tasks.filter((task) => !gone.some((s) => task.start >= s.pos && task.end <= s.end)).map(({ start, end, id }) => ({ start, end, text: `({ $task: ${id} } as any)` }))
  ];
  const visit = (node) => {
    if (within(node)) return;
    if (ts2.isIterationStatement(node, false)) {
      const body = node.statement;
      const mark = `__cmcAt=${loops.length};`;
      loops.push({ file: source.fileName, start: node.getStart(source) });
      if (ts2.isBlock(body)) edits.push({ start: body.getStart(source) + 1, end: body.getStart(source) + 1, text: mark });
      else edits.push({ start: body.getStart(source), end: body.getStart(source), text: `{${mark}` }, { start: body.end, end: body.end, text: "}" });
    }
    ts2.forEachChild(node, visit);
  };
  visit(source);
  return applyEdits(text, edits);
}
function unusedFunctions(source, tasks, entry) {
  const isFunction = (statement) => ts2.isFunctionDeclaration(statement) || ts2.isVariableStatement(statement) && statement.declarationList.declarations.every((d2) => d2.initializer !== void 0 && (ts2.isArrowFunction(d2.initializer) || ts2.isFunctionExpression(d2.initializer)));
  const exported = (statement) => ts2.canHaveModifiers(statement) && ts2.getModifiers(statement)?.some((m) => m.kind === ts2.SyntaxKind.ExportKeyword);
  const candidates = new Set(source.statements.filter((statement) => isFunction(statement) && (entry || !exported(statement)) && declaredNames(statement).length > 0));
  for (; ; ) {
    const used = /* @__PURE__ */ new Set();
    for (const statement of source.statements) if (!candidates.has(statement)) namesOutsideTasks(statement, tasks, source, used);
    const rescued = [...candidates].filter((statement) => declaredNames(statement).some((name) => used.has(name)));
    if (rescued.length === 0) return [...candidates];
    for (const statement of rescued) candidates.delete(statement);
  }
}
function namesOutsideTasks(statement, tasks, source, into) {
  const visit = (node) => {
    if (tasks.some((task) => node.getStart(source) === task.start && node.end === task.end)) return;
    if (ts2.isIdentifier(node)) into.add(node.text);
    ts2.forEachChild(node, visit);
  };
  visit(statement);
}

// src/compile/source/trace.ts
import ts3 from "typescript";
function traceTasks(source) {
  const imports = importsOf(source);
  const tasks = [];
  const untraceable = [];
  const topLevel = new Map(source.statements.flatMap((statement) => declaredNames(statement).map((name) => [name, statement])));
  const visit = (node) => {
    if (ts3.isCallExpression(node) && node.arguments[0] && cmcCallee(node.expression, imports) === "task") {
      const argument = unwrap(node.arguments[0]);
      const place = { file: source.fileName, start: argument.getStart(source), end: argument.end };
      const code = codeOf(argument);
      if (typeof code === "string") untraceable.push({ ...place, message: code });
      else tasks.push({ ...place, ...code });
    }
    ts3.forEachChild(node, visit);
  };
  const codeOf = (argument) => {
    if (ts3.isArrowFunction(argument) || ts3.isFunctionExpression(argument)) {
      const captured = capturedNames(argument);
      if (captured.length > 0) return `the function uses ${captured.join(", ")}, which exist${captured.length === 1 ? "s" : ""} only while the campaign is compiled`;
      return { code: { kind: "local", expression: argument.getText(source) }, label: labelOf(argument) };
    }
    if (ts3.isIdentifier(argument)) {
      const from = imports.get(argument.text);
      if (localNames(argument).has(argument.text)) return `${argument.text} is not known until the campaign runs`;
      if (from && from.name !== "*") return { code: { kind: "import", specifier: from.specifier, name: from.name }, label: from.name === "default" ? argument.text : from.name };
      if (topLevel.has(argument.text)) return { code: { kind: "local", expression: argument.text }, label: argument.text };
      return `${argument.text} is not a function of this module or an import`;
    }
    if (ts3.isPropertyAccessExpression(argument) && ts3.isIdentifier(argument.expression)) {
      const from = imports.get(argument.expression.text);
      if (from?.name === "*") return { code: { kind: "import", specifier: from.specifier, name: argument.name.text }, label: argument.name.text };
    }
    return `${shorten(argument.getText(source))} is computed, so its code cannot be found`;
  };
  visit(source);
  return { tasks, untraceable };
}
function capturedNames(expression) {
  const around = localNames(expression);
  if (around.size === 0) return [];
  const own = /* @__PURE__ */ new Set();
  const collect = (node) => {
    if (ts3.isVariableDeclaration(node) || ts3.isParameter(node)) boundNames(node.name).forEach((name) => own.add(name));
    if (ts3.isFunctionDeclaration(node) && node.name) own.add(node.name.text);
    ts3.forEachChild(node, collect);
  };
  collect(expression);
  return [...usedNames(expression)].filter((name) => around.has(name) && !own.has(name));
}
function localNames(node) {
  const names = /* @__PURE__ */ new Set();
  for (let at = node.parent; at && !ts3.isSourceFile(at); at = at.parent) {
    if (ts3.isFunctionLike(at)) for (const parameter of at.parameters) boundNames(parameter.name).forEach((name) => names.add(name));
    if (ts3.isBlock(at)) for (const statement of at.statements) declaredNames(statement).forEach((name) => names.add(name));
    if ((ts3.isForStatement(at) || ts3.isForOfStatement(at) || ts3.isForInStatement(at)) && at.initializer && ts3.isVariableDeclarationList(at.initializer))
      for (const declaration of at.initializer.declarations) boundNames(declaration.name).forEach((name) => names.add(name));
  }
  return names;
}
function labelOf(node) {
  let label = "task";
  for (let at = node; !ts3.isSourceFile(at); at = at.parent) {
    if (ts3.isVariableDeclaration(at) && ts3.isIdentifier(at.name)) label = at.name.text;
    const first = ts3.isCallExpression(at) ? at.arguments[0] : void 0;
    if (label === "task" && first && ts3.isObjectLiteralExpression(first)) {
      const name = first.properties.find((p) => ts3.isPropertyAssignment(p) && ts3.isIdentifier(p.name) && p.name.text === "name");
      if (name && ts3.isStringLiteralLike(name.initializer)) label = name.initializer.text;
    }
  }
  return label;
}
function unwrap(expression) {
  let at = expression;
  while (ts3.isParenthesizedExpression(at) || ts3.isAsExpression(at) || ts3.isSatisfiesExpression(at) || ts3.isNonNullExpression(at)) at = at.expression;
  return at;
}
function shorten(text) {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

// src/compile/realm/bundle.ts
async function bundleForEvaluation(entry, modules) {
  const { realm, nodeModules, owns } = installation();
  const folder = dirname2(entry);
  const edited = /* @__PURE__ */ new Map();
  const tasks = [];
  const loops = [];
  const untraceable = [];
  const prepared = (path) => {
    const source = modules.get(path);
    if (!source) return void 0;
    const traced = traceTasks(source);
    const numbered = traced.tasks.map((task, i) => ({ ...task, id: tasks.length + i }));
    tasks.push(...traced.tasks);
    untraceable.push(...traced.untraceable);
    const result = prepareModule(source, numbered, path === entry, loops);
    edited.set(path, result);
    return result.text;
  };
  const original = (file2, line, column) => {
    const edit = edited.get(file2);
    if (!edit) return offsetAt(modules.get(file2)?.text ?? "", line, column);
    return edit.original(offsetAt(edit.text, line, column));
  };
  try {
    const result = await build({
      stdin: { contents: `import { openRealm } from "cmc";
import * as campaign from ${JSON.stringify(entry)};
openRealm(campaign.default);`, resolveDir: folder, sourcefile: "cmc:open", loader: "js" },
      absWorkingDir: folder,
      outfile: join3(folder, "cmc-evaluation.js"),
      write: false,
      bundle: true,
      format: "cjs",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["import"],
      target: "es2022",
      metafile: true,
      sourcemap: "external",
      sourcesContent: false,
      supported: { "dynamic-import": false },
      tsconfigRaw: {},
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      nodePaths: [nodeModules],
      alias: { cmc: realm },
      logOverride: { "direct-eval": "error", "unsupported-dynamic-import": "error" },
      plugins: [{
        name: "prepare",
        setup(setup) {
          setup.onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path }) => {
            if (owns(path) || path.includes("/node_modules/")) return void 0;
            const contents = prepared(path);
            return contents === void 0 ? void 0 : { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
          });
        }
      }]
    });
    if (untraceable.length > 0) return { untraceable, messages: [], original };
    const script = result.outputFiles.find((file2) => file2.path.endsWith(".js")).text;
    const map = new SourceMap(JSON.parse(result.outputFiles.find((file2) => file2.path.endsWith(".map")).text));
    const origin = (line, column) => {
      const found2 = map.findOrigin(line, column);
      if (found2.fileName === void 0) return void 0;
      const file2 = join3(folder, found2.fileName);
      return { file: file2, offset: original(file2, found2.lineNumber, found2.columnNumber) };
    };
    return { script, tasks, loops, inputs: bundleInputs(result.metafile, folder), origin };
  } catch (error) {
    const messages = error.errors;
    if (!messages) throw error;
    return { untraceable, messages, original };
  }
}
function bundleInputs(metafile, folder) {
  return Object.keys(metafile.inputs).filter((path) => !/^[a-z-]+:/.test(path)).map((path) => join3(folder, path));
}

// src/compile/realm/evaluate.ts
import vm from "node:vm";

// src/compile/realm/prelude.ts
var PRELUDE = `"use strict";
Error.stackTraceLimit = 40;
(() => {
  const impure = (what, remedy) => function () {
    const error = new Error(what + " is not available while a campaign is compiled");
    error.code = "compile/impure";
    error.remedy = remedy;
    error.at = [];
    throw error;
  };
  const CLOCK = "A campaign gives the same jobs every time: pass a date as a campaign variable.";
  const ZONE = "Local time differs between machines: use Date.UTC and the getUTC... methods.";
  const LOCALE = "Locale differs between machines: use String(...), toFixed(...), padStart(...) or compare with < and >.";
  const replace = (owner, name, value) => Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });

  replace(Math, "random", impure("Math.random()", "Derive a seed from the job's identity: seedFrom(...)."));
  Object.freeze(Math);

  const RealDate = Date;
  const dated = /^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d))?$/;
  const readable = (text) => (dated.test(text) ? text : impure("a date read from " + JSON.stringify(text), "Write it as 2026-01-31 or 2026-01-31T12:00:00Z.")());
  const PureDate = function Date(...given) {
    if (!new.target) return impure("Date()", CLOCK)();
    if (given.length === 0) return impure("new Date()", CLOCK)();
    if (given.length > 1) return impure("new Date(year, month, ...)", ZONE)();
    return Reflect.construct(RealDate, [typeof given[0] === "string" ? readable(given[0]) : given[0]], new.target);
  };
  PureDate.prototype = RealDate.prototype;
  replace(PureDate, "UTC", RealDate.UTC);
  replace(PureDate, "now", impure("Date.now()", CLOCK));
  replace(PureDate, "parse", (text) => RealDate.parse(readable(String(text))));
  replace(RealDate.prototype, "constructor", PureDate);
  for (const name of Object.getOwnPropertyNames(RealDate.prototype))
    if (/^(get|set)(?!UTC|Time$)/.test(name) || ["toString", "toDateString", "toTimeString"].includes(name))
      replace(RealDate.prototype, name, impure("Date.prototype." + name, ZONE));
  Object.defineProperty(RealDate.prototype, Symbol.toPrimitive, { value: impure("a date as text in local time", ZONE) });
  Object.freeze(PureDate);
  globalThis.Date = PureDate;

  for (const owner of [Object, Array, Number, BigInt, String, RealDate, Object.getPrototypeOf(Uint8Array)])
    for (const name of Object.getOwnPropertyNames(owner.prototype))
      if (/^(toLocale|localeCompare$)/.test(name) && owner !== Object) replace(owner.prototype, name, impure(name, LOCALE));

  for (const name of ["Intl", "WeakRef", "FinalizationRegistry", "Atomics", "SharedArrayBuffer", "WebAssembly", "console", "escape"]) delete globalThis[name];
})();`;

// src/compile/realm/evaluate.ts
var SCRIPT_NAME = "cmc-evaluation.js";
function isProblem(answer) {
  return "problem" in answer;
}
function isTimedOut(answer) {
  return "timedOut" in answer;
}
function evaluate(script, given, seconds) {
  const context = vm.createContext(/* @__PURE__ */ Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  const run = (code, lineOffset = 0) => String(vm.runInContext(code, context, { filename: SCRIPT_NAME, lineOffset, timeout: seconds * 1e3 }));
  const ask = (code, lineOffset) => {
    try {
      return JSON.parse(run(code, lineOffset));
    } catch (error) {
      if (error.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw hostError(error);
      return { timedOut: { loop: Number(run("__cmcLoop()")), seconds } };
    }
  };
  vm.runInContext(PRELUDE, context, { filename: "cmc-prelude.js" });
  run(`globalThis.__cmcGiven = ${JSON.stringify(JSON.stringify(given))}; ""`);
  const outcome = ask(wrapped(script), -1);
  if (isProblem(outcome) || isTimedOut(outcome)) return outcome;
  return {
    describe: () => ask("__cmc.describe()"),
    columns: (stage, from, to) => ask(`__cmc.columns(${stage}, ${from}, ${to})`)
  };
}
function wrapped(script) {
  return `(() => { let __cmcAt = -1; globalThis.__cmcLoop = () => __cmcAt; const module = { exports: {} }; const exports = module.exports; try {
${script}
return '{"opened":true}'; } catch (error) { return globalThis.__cmc ? globalThis.__cmc.problem(error) : JSON.stringify({ problem: { name: error?.name, message: String(error?.message), stack: String(error?.stack) } }); } })()`;
}
function hostError(error) {
  const { message, stack } = error;
  return new Error(`evaluation: ${String(message)}`, { cause: String(stack) });
}

// src/compile/compile.ts
var t0 = performance.now();
var file = campaignFile(process.argv[2], process.cwd());
var b = await bundleForEvaluation(file, new Modules());
if (!("script" in b)) {
  console.log(JSON.stringify(b, null, 1));
  process.exit(1);
}
console.log(performance.now() - t0, b.tasks.length, b.loops.length, b.script.length);
var r = evaluate(b.script, { set: {}, environment: {}, file: {}, cwd: process.cwd(), campaignDir: "/tmp", listings: { stats: ["bigbox/stats/stats_zs1.0_s100_oa10.h5"] } }, 5);
if (!("describe" in r)) {
  console.log(r);
  process.exit(1);
}
console.log(performance.now() - t0);
var d = r.describe();
console.log(JSON.stringify(d).slice(0, 3e3));
console.log(r.columns(0, 0, 2));
