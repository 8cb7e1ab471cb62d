// Rules that recognise a slip of campaign authors behind a finding of the type checker. Tried in order; each knows one kind of slip.
import ts from "typescript";
import { cmcCallee, importsOf } from "../source/module.ts";
import { didYouMean } from "../definition/suggest.ts";
import { ABSENT } from "../realm/prelude.ts";
import type { Explained, Finding } from "./explain.ts";
import { enclosing, isStageHandle, literalMismatch, missingNames, propertyNames } from "./finding.ts";
import { propertyPath, roleOf } from "./roles.ts";

type Rule = (finding: Finding) => Explained | undefined;

/** `retries: 3`, where nothing reads `retries`. */
const unknownOption: Rule = ({ code, node, chain, checker }) => {
  if (code !== 2353 && code !== 2561) return undefined;
  const name = /'([^']+)' does not exist in type/.exec(chain.at(-1)!)?.[1] ?? node.getText();
  const literal = enclosing(node, ts.isObjectLiteralExpression);
  const type = literal && checker.getContextualType(literal);
  const names = type ? propertyNames(type, checker) : [];
  const call = enclosing(node, ts.isCallExpression);
  const owner = (literal && propertyPath(literal)[0]) ?? (call ? `${call.expression.getText()}(...)` : "this");
  return {
    code: "compile/unknown-option",
    message: `${owner} has no option ${name.replace(/^"|"$/g, "")}`,
    remedy: didYouMean(name, names, "options"),
  };
};

const ROLE_CODES = {
  point: "compile/unknown-axis",
  inputs: "compile/unknown-input",
  outputs: "compile/unknown-output",
  params: "compile/type",
} as const;
const ROLE_NOUNS = {
  point: ["axis", "axes"],
  inputs: ["input", "inputs"],
  outputs: ["output", "outputs"],
  params: ["parameter", "parameters"],
} as const;

/** A name that the point, the inputs, the outputs or the parameters do not have. */
const unknownMember: Rule = ({ code, node, checker }) => {
  if (code !== 2339 && code !== 2551) return undefined;
  const role = roleOf(node);
  if (role === undefined) return undefined;
  const owner = ts.isPropertyAccessExpression(node.parent)
    ? node.parent.expression
    : enclosing(node, ts.isObjectBindingPattern)!;
  const names = propertyNames(checker.getTypeAtLocation(owner), checker);
  const name = ts.isBindingElement(node) ? node.name.getText() : node.getText();
  const [noun, nouns] = ROLE_NOUNS[role];
  const where =
    role === "outputs" && isStageHandle(owner)
      ? `stage ${(owner as ts.PropertyAccessExpression).expression.getText()}`
      : "the stage";
  return {
    code: ROLE_CODES[role],
    message: `${name} is no ${noun} of ${where}`,
    remedy: didYouMean(name, names, nouns),
  };
};

/** `echo("redshft")`. */
const badEcho: Rule = ({ node, chain }) => {
  if (!chain[0]!.includes("Echo<")) return undefined;
  const slip = literalMismatch(chain);
  const property = enclosing(node, ts.isPropertyAssignment);
  const call = property && ts.isCallExpression(property.initializer) ? property.initializer : undefined;
  if (!slip || !call) return undefined;
  return {
    code: "compile/unknown-axis",
    message: `${slip.given} is no axis of the stage, so it cannot be echoed`,
    remedy: `${didYouMean(slip.given, slip.expected, "axes")} A parameter is echoed as "params.NAME".`,
    node: call.arguments[0] ?? call,
  };
};

/** `.all("realisation")`, `by: "realisation"`, `listing.axis("zz")`. */
const unknownAxisName: Rule = ({ node, chain }) => {
  const slip = literalMismatch(chain);
  if (!slip) return undefined;
  const literal = ts.isStringLiteralLike(node) ? node : undefined;
  const call = enclosing(node, ts.isCallExpression);
  const method = call && ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : "";
  const names = slip.expected;
  if (propertyPath(node)[0] === "by" && propertyPath(node)[1] === "missingInput")
    return {
      code: "compile/unknown-axis",
      message: `${slip.given} is no axis of the stage`,
      remedy: didYouMean(slip.given, names, "axes"),
    };
  if (!literal) return undefined;
  if (method === "all" || method === "quorum")
    return {
      code: "compile/unknown-axis",
      message: `${slip.given} is no axis of the upstream stage`,
      remedy: didYouMean(slip.given, names, "axes"),
    };
  if (method === "axis")
    return {
      code: "compile/unknown-axis",
      message: `${slip.given} is no field of the listing's pattern`,
      remedy: didYouMean(slip.given, names, "fields"),
    };
  return undefined;
};

/** `"10 minuts"`, `"128 GBB"`. */
const badUnit: Rule = ({ node, chain }) => {
  if (!chain.some((line) => line.includes("type '`${number}"))) return undefined;
  const property = enclosing(node, ts.isPropertyAssignment);
  const given =
    /^(?:Type|Argument of type) '"(.*?)"'/.exec(chain[0]!)?.[1] ??
    /Type '"?(.*?)"?' is not assignable/.exec(chain.at(-1)!)?.[1] ??
    "";
  const duration = chain.some((line) => line.includes("`${number}h`"));
  const name = property?.name.getText() ?? "the value";
  return {
    code: "compile/bad-unit",
    message: `${name} is ${JSON.stringify(given)}, which is not a ${duration ? "duration" : "size"}`,
    node: property?.initializer ?? node,
  };
};

/** An upstream stage varies with an axis that this stage does not have. */
const edgeNeedsAxis: Rule = ({ node, chain }) => {
  if (!chain.some((line) => line.includes("property 'needs'"))) return undefined;
  const missing = missingNames(chain);
  if (missing.length === 0) return undefined;
  const port = enclosing(node, ts.isPropertyAssignment)?.name.getText() ?? node.getText();
  const listed = missing.join(", ");
  const gather = `.all(${missing.map((name) => JSON.stringify(name)).join(", ")})`;
  const edge = chain[0]!.includes("EdgeInput<");
  return {
    code: "compile/unknown-axis",
    message: edge
      ? `input ${port} comes from a stage that varies with ${listed}, which this stage does not`
      : `the path of input ${port} needs ${listed}, which is no axis of the stage`,
    remedy: edge
      ? `Add ${listed} to the matrix, or gather over it: ${gather}.`
      : `Add ${listed} to the matrix, or leave it out of the path.`,
  };
};

/** A task that needs a point, inputs, outputs or parameters its stage does not have. */
const taskNeeds: Rule = ({ node, chain, checker }) => {
  const isTask = chain.some((line) => line.includes("property 'accepts'") || line.includes("'TaskFunction<"));
  if (!isTask) return undefined;
  const role = chain
    .map((line) => /^Types of property '(point|inputs|outputs|params)' are incompatible/.exec(line)?.[1])
    .find((found) => found !== undefined) as keyof typeof ROLE_CODES | undefined;
  const missing = missingNames(chain);
  if (role && missing.length > 0) {
    const [noun, nouns] = ROLE_NOUNS[role];
    return {
      code: ROLE_CODES[role],
      message: `the task needs ${missing.length > 1 ? nouns : noun} ${missing.join(", ")}, which the stage does not give it`,
      remedy:
        role === "params"
          ? `Give it: task(fn, { params: { ${missing[0]}: ... } }).`
          : `Declare ${missing.join(", ")} in the stage, or change the task's context type.`,
    };
  }
  const call = enclosing(node, ts.isCallExpression);
  if (chain.at(-1)!.startsWith("Type 'unknown'") && call?.arguments[0] === node) return withoutContext(call, checker);
  const slip = literalMismatch(chain);
  if (slip && chain.some((line) => line.includes("JobContext<")))
    return {
      code: "compile/unknown-output",
      message: `the task needs output ${slip.expected.join(", ")}; the stage has ${slip.given}`,
      node,
    };
  return undefined;
};

/** task(fn) that fits no overload: parameters are missing, or it does not fit its stage, which is told at `run`. */
function withoutContext(call: ts.CallExpression, checker: ts.TypeChecker): Explained {
  const context = checker.getTypeAtLocation(call.arguments[0]!).getCallSignatures()[0]?.parameters[0];
  const params = context && checker.getTypeOfSymbol(context).getProperty("params");
  const names =
    params && call.arguments.length === 1
      ? checker
          .getTypeOfSymbol(params)
          .getProperties()
          .map((symbol) => symbol.name)
      : [];
  if (names.length === 0) return { code: "compile/type", message: "the task does not fit its stage", secondary: true };
  return {
    code: "compile/type",
    message: `the task needs ${names.length > 1 ? "parameters" : "parameter"} ${names.join(", ")}, which the stage does not give it`,
    remedy: `Give it: task(fn, { params: { ${names[0]}: ... } }).`,
  };
}

/** `variable("mode", { choices: [...], default: "another" })`. */
const badDefault: Rule = ({ code, node, source }) => {
  const call = enclosing(node, ts.isCallExpression);
  const options = call?.arguments[1];
  if (
    code !== 2769 ||
    !options ||
    !ts.isObjectLiteralExpression(options) ||
    cmcCallee(call.expression, importsOf(source)) !== "variable"
  )
    return undefined;
  const value = (name: string) =>
    options.properties.find((p): p is ts.PropertyAssignment => ts.isPropertyAssignment(p) && p.name.getText() === name)
      ?.initializer;
  const [choices, given] = [value("choices"), value("default")];
  if (!choices || !given || !ts.isArrayLiteralExpression(choices)) return undefined;
  const names = choices.elements.flatMap((element) => (ts.isStringLiteralLike(element) ? [element.text] : []));
  const text = ts.isStringLiteralLike(given) ? given.text : given.getText();
  return {
    code: "compile/type",
    message: `the default ${text} is none of the choices`,
    remedy: didYouMean(text, names, "choices"),
    node: given,
  };
};

/** `process`, `console`, `fetch`: there is no machine around a campaign. */
const absentName: Rule = ({ code, node, chain }) => {
  if (![2304, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592].includes(code)) return undefined;
  const name = /^Cannot find (?:name|namespace) '([^']+)'/.exec(chain[0]!)?.[1];
  if (name === undefined || !(ABSENT as readonly string[]).includes(name)) return undefined;
  return { code: "compile/impure", message: `${name} is not available in a campaign`, node };
};

const badImport: Rule = ({ code, chain }) => {
  if (![2305, 2306, 2307, 2613, 2614, 2724, 2732, 2792, 7016, 5097].includes(code)) return undefined;
  const module = /^Cannot find module '([^']+)'/.exec(chain[0]!)?.[1];
  return {
    code: "compile/import",
    message: module === undefined ? chain[0]!.replace(/\.$/, "") : `${module} cannot be found`,
  };
};

/** `jobType: "cpu"`: a text that is none of some few. */
const badChoice: Rule = ({ node, chain, checker }) => {
  const slip = literalMismatch(chain);
  if (!slip) return undefined;
  const property = enclosing(node, ts.isPropertyAssignment);
  const type = property?.name === node ? checker.getContextualType(property.initializer) : undefined;
  const named = type?.isUnion() ? type.types.flatMap((part) => (part.isStringLiteral() ? [part.value] : [])) : [];
  const expected = slip.expected.length > 0 && named.length === 0 ? slip.expected : named;
  if (expected.length === 0) return undefined;
  const name = propertyPath(node)[0] ?? "the argument";
  return {
    code: "compile/type",
    message: `${name} is ${JSON.stringify(slip.given)}, which is not allowed`,
    remedy: didYouMean(slip.given, expected, "values"),
  };
};

export const RULES: readonly Rule[] = [
  absentName,
  badImport,
  unknownOption,
  unknownMember,
  badEcho,
  badUnit,
  edgeNeedsAxis,
  taskNeeds,
  badDefault,
  unknownAxisName,
  badChoice,
];
