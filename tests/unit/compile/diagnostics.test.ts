// Every refusal of the compiler, by a campaign that earns it: code, place and remedy.
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../src/diagnostics/catalogue.ts";
import type { CompileRequest } from "../../../src/compile/compile.ts";
import { campaign, diagnosticsOf, marked, scratch } from "./scratch.ts";

interface Case {
  readonly code: keyof typeof CATALOGUE;
  readonly says: string;
  /** «» around the expected span. */
  readonly source: string;
  /** Part of the remedy; absent: the catalogue's. */
  readonly remedy?: string | RegExp;
  readonly files?: Readonly<Record<string, string>>;
  readonly more?: Partial<CompileRequest>;
}

const stage = (identity: string, outputs: string, execution = "run: task(nothing)", inputs = "") =>
  `export const s = defineStage({ ${identity} }, { ${inputs}outputs: { ${outputs} } }, { ${execution} });`;
const good = stage('name: "s"', 'o: json(() => "o.json")');

const CASES: Readonly<Record<string, Case>> = {
  "a type error": {
    code: "compile/type",
    says: "lgmp: Type 'string' is not assignable to type 'number'",
    source: campaign(
      "async function f(ctx: JobContext<{ lgmp: number }>) {}\n" +
        stage('name: "s"', 'o: json(() => "o")', 'run: task(f, { params: { «lgmp»: "12" } })'),
      "s",
    ),
  },
  "a word that is no choice": {
    code: "compile/type",
    says: 'jobType is "cpu_intense", which is not allowed',
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), resources: { «jobType»: "cpu_intense" }'),
      "s",
    ),
    remedy: "Did you mean cpu_intensive?",
  },
  "a syntax error": {
    code: "compile/syntax",
    says: "',' expected",
    source: campaign("const x = [1 «2»];\n" + good, "s"),
  },
  "a misspelt axis": {
    code: "compile/unknown-axis",
    says: "redshft is no axis of the stage",
    source: campaign(
      stage('name: "s", matrix: [axis.list("redshift", [1])]', "o: json(({ «redshft» }) => `${redshft}`)"),
      "s",
    ),
    remedy: "Did you mean redshift?",
  },
  "a misspelt echo": {
    code: "compile/unknown-axis",
    says: "aa is no axis",
    source: campaign(
      stage('name: "s", matrix: [a]', 'o: hdf5(({ a }) => `${a}`, { attributes: { z: echo(«"aa"») } })'),
      "s",
    ),
  },
  "an output that is not there": {
    code: "compile/unknown-output",
    says: "catalogue is no output of stage s",
    source: campaign(
      stage('name: "s"', 'catalog: json(() => "o")') +
        '\nexport const t = defineStage({ name: "t" }, { inputs: { i: s.outputs.«catalogue».each() }, outputs: { o: json(() => "p") } }, { run: task(nothing) });',
      "s, t",
    ),
    remedy: "Did you mean catalog?",
  },
  "an input that is not there": {
    code: "compile/unknown-input",
    says: "hallos is no input of the stage",
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        "run: task((ctx) => ctx.log(ctx.inputs.«hallos»))",
        'inputs: { halos: inputFile(() => "h") }, ',
      ),
      "s",
    ),
    remedy: "Did you mean halos?",
  },
  "an option nothing reads": {
    code: "compile/unknown-option",
    says: "defineStage(...) has no option retries",
    source: campaign(stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), «retries»: 3"), "s"),
    remedy: "The options: run, resources",
  },
  "a default duration that is none": {
    code: "compile/bad-unit",
    says: 'walltime is "1 hour", which is not a duration',
    source: campaign(good, "s", ', execution: { resources: { «walltime»: "1 hour" as "1h" } }'),
  },
  "a default that every stage says itself": {
    code: "compile/unknown-option",
    says: "execution.resources.cpus has no effect: every stage says it itself, or has no use for it",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), resources: { cpus: 2 }"),
      "s",
      ", execution: { resources: { «cpus»: 4, gpus: 1 } }",
    ),
    remedy: "Remove it.",
  },
  "a default for exits, and no command": {
    code: "compile/unknown-option",
    says: "execution.retry.exits.75 has no effect",
    source: campaign(good, "s", ", execution: { retry: { attempts: 2, exits: { «75»: 20 } } }"),
    remedy: "Remove it.",
  },
  "a default job type in the wrong place": {
    code: "compile/unknown-option",
    says: "execution.resources has no option jobType",
    source: campaign(
      `const resources = { jobType: "balanced", cpus: 1 } as const;\n${good}`,
      "s",
      ", execution: { «resources» }",
    ),
    remedy: "execution.jobType",
  },
  "a lock file that is not there": {
    code: "compile/lock-file",
    says: "stage s declares the lock file conda-lock.yml, and there is no such file",
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        'run: task(nothing), environment: { «conda»: lockFile("conda-lock.yml") }',
      ),
      "s",
    ),
  },
  "a lock file that is a folder, inside of a fact": {
    code: "compile/lock-file",
    says: "stage s declares the lock file ., and that is a folder",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), environment: { python: { «pip»: lockFile(".") } }'),
      "s",
    ),
  },
  "a container digest that is none": {
    code: "compile/bad-definition",
    says: 'container: digest is "sha256:12"; expected sha256: and 64 hexadecimal digits',
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        'run: task(nothing), environment: { container: { image: "survey", «digest»: "sha256:12" } }',
      ),
      "s",
    ),
    remedy: "podman images --digests",
  },
  "a module that is none": {
    code: "compile/bad-definition",
    says: 'modules names "python 3.11", which is no module',
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), environment: { «modules»: ["python 3.11"] }'),
      "s",
    ),
    remedy: "module load",
  },
  "a Node of a command": {
    code: "compile/unknown-option",
    says: "environment: node has no effect on a command: its program is not run by the worker's Node",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: command(() => ["true"]), environment: { «node»: "20" }'),
      "s",
    ),
    remedy: "Remove it",
  },
  "a Node that is none": {
    code: "compile/bad-definition",
    says: 'environment: node is "20.", which is no version',
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), environment: { «node»: "20." as "20" }'),
      "s",
    ),
    remedy: '"20.11.1"',
  },
  "an option nothing reads, in a constant": {
    code: "compile/unknown-option",
    says: "resources has no option memry",
    source: campaign(
      'const resources = { walltime: "1m", memry: "1 GB" } as const;\n' +
        stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), «resources»"),
      "s",
    ),
    remedy: "Did you mean memory?",
  },
  "escalation of what is not declared": {
    code: "compile/unknown-option",
    says: "escalate.oom multiplies memory, which the stage does not declare",
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        "run: task(nothing), retry: { attempts: 2, escalate: { «oom»: { memory: 2 } } }",
      ),
      "s",
    ),
    remedy: "Declare resources.memory",
  },
  "escalation of what some points do not declare": {
    code: "compile/unknown-option",
    says: "escalate.timeout multiplies walltime, which the stage's resources lack for some jobs",
    source: campaign(
      stage(
        'name: "s", matrix: [a]',
        "o: json(({ a }) => `${a}`)",
        'run: task(nothing), resources: ({ a }) => (a > 1 ? { walltime: "1m" } : {}), retry: { attempts: 2, escalate: { «timeout»: { walltime: 2 } } }',
      ),
      "s",
    ),
    remedy: "for every point",
  },
  "tries by exit code of a task": {
    code: "compile/unknown-option",
    says: "exits has no effect on a task: it has no exit code",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), retry: { attempts: 2, «exits»: { 2: 1 } }"),
      "s",
    ),
    remedy: "Remove it",
  },
  "tries for an exit code that means success": {
    code: "compile/unknown-option",
    says: "exits: 9 is a success of this command",
    source: campaign(
      stage(
        'name: "s"',
        'o: file(() => "o")',
        'run: command(() => ["true"], { okExits: [0, 9] }), retry: { attempts: 2, exits: { «9»: 1 } }',
      ),
      "s",
    ),
    remedy: "Remove it",
  },
  "a checkpoint of a task": {
    code: "compile/unknown-option",
    says: "checkpoint has no effect on a task: it runs inside the worker and hears no signal",
    source: campaign(stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), «checkpoint»: {}"), "s"),
    remedy: "Run a command",
  },
  "a checkpoint that means success": {
    code: "compile/bad-definition",
    says: "exit code 9 means success (okExits) and cannot mean a checkpoint",
    source: campaign(
      stage(
        'name: "s"',
        'o: file(() => "o")',
        'run: command(() => ["true"], { okExits: [0, 9] }), checkpoint: { «exit»: 9 }',
      ),
      "s",
    ),
    remedy: "another exit code",
  },
  "a warning that is due before the start": {
    code: "compile/bad-definition",
    says: "checkpoint: the warning is due 120 s before the end of 60 s (walltime)",
    source: campaign(
      stage(
        'name: "s"',
        'o: file(() => "o")',
        'run: command(() => ["true"]), resources: { walltime: "1m" }, «checkpoint»: {}',
      ),
      "s",
    ),
    remedy: "shorter than resources.walltime",
  },
  "an environment fact that is no JSON": {
    code: "compile/not-json",
    says: "environment.since is a function, which is not plain JSON".replace("a function", "function"),
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), «environment»: { since: (() => 1) as any }"),
      "s",
    ),
  },
  "a policy without external input": {
    code: "compile/unknown-option",
    says: "missingInput has no effect",
    source: campaign(
      stage(
        'name: "s", matrix: [a]',
        "o: json(({ a }) => `${a}`)",
        'run: task(nothing), «missingInput»: { policy: "fail" }',
      ),
      "s",
    ),
    remedy: "Remove it",
  },
  "a unit": {
    code: "compile/bad-unit",
    says: 'walltime is "10 minuts", which is not a duration',
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), resources: { walltime: «"10 minuts"» }'),
      "s",
    ),
  },
  "a unit that the types cannot see": {
    code: "compile/bad-unit",
    says: 'memory is "1e3 GB"',
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), resources: { «memory»: "1e3 GB" }'),
      "s",
    ),
  },
  "an axis": {
    code: "compile/bad-axis",
    says: "axis r excludes 17, which it does not have",
    source: campaign('const r = «axis.range»("r", { count: 3, exclude: [17] });\n' + good, "s"),
    remedy: "Remove it from exclude",
  },
  "a pattern": {
    code: "compile/bad-pattern",
    says: "has a brace that is no field",
    source: campaign('const l = «listing»("l", { root: "in", pattern: "{a" });\n' + good, "s"),
    files: { "in/x": "" },
    remedy: "A field is {name}",
  },
  "a stage name": {
    code: "compile/bad-definition",
    says: 'stage name "a b" is not allowed',
    source: campaign(stage('«name»: "a b"', 'o: json(() => "o")'), "s"),
    remedy: "Use letters",
  },
  "a version": {
    code: "compile/bad-definition",
    says: 'version "1.0" is not allowed',
    source: campaign(good, "s").replace('version: "v1.0"', '«version»: "1.0"'),
    remedy: "Write v1.0",
  },
  "no attempts": {
    code: "compile/bad-definition",
    says: "attempts is 0; expected a whole number, at least 1",
    source: campaign(stage('name: "s"', 'o: json(() => "o")', "run: task(nothing), retry: { «attempts»: 0 }"), "s"),
  },
  "a digest that is neither yes nor no": {
    code: "compile/bad-definition",
    says: 'digest is "sha256"; expected true or false',
    source: campaign(stage('name: "s"', 'o: json(() => "o", { «digest»: "sha256" as never })'), "s"),
  },
  "a path that leaves the root": {
    code: "compile/bad-path",
    says: 'output o of s contains "..": "../o"',
    source: campaign(stage('name: "s"', '«o»: json(() => "../o")'), "s"),
  },
  "a path in a folder of cmc": {
    code: "compile/bad-path",
    says: "lies in staging/",
    source: campaign(stage('name: "s"', '«o»: json(() => "staging/o")'), "s"),
  },
  "a path that is no text": {
    code: "compile/bad-path",
    says: "the path of output o is undefined, not text",
    source: campaign(stage('name: "s", matrix: [a]', '«o»: json(({ a }) => (({ 1: "x" }) as any)[a])'), "s"),
  },
  "a path two jobs share": {
    code: "compile/shared-output",
    says: "s[a=1,b=x] and s[a=1,b=y] would both write o1",
    source: campaign(stage('name: "s", matrix: [a, b]', "«o»: json(({ a }) => `o${a}`)"), "s"),
    remedy: "Use b in the path.",
  },
  "a path inside a folder that is an output": {
    code: "compile/shared-output",
    says: "would write d/o inside d, an output of",
    source: campaign(stage('name: "s"', 'd: dir(() => "d"), «o»: json(() => "d/o")'), "s"),
  },
  "two stages of one name": {
    code: "compile/duplicate-stage",
    says: "two stages have the name s",
    source: campaign(
      good +
        '\nexport const t = defineStage({ «name»: "s" }, { outputs: { o: json(() => "p") } }, { run: task(nothing) });',
      "s, t",
    ),
  },
  "a stage that is not listed": {
    code: "compile/unlisted-stage",
    says: "stage t is defined and not listed",
    source: campaign(
      good +
        '\nexport const t = defineStage({ «name»: "t" }, { outputs: { o: json(() => "p") } }, { run: task(nothing) });',
      "s",
    ),
  },
  "a circle": {
    code: "compile/stage-cycle",
    says: "stages need each other in a circle: s -> t -> s",
    source: campaign(
      'const back: { kind: "edge"; from: { stage: string; output: string }; join: "each"; over: string[] } = { kind: "edge", from: { stage: "t", output: "o" }, join: "each", over: [] };\n' +
        'export const s = defineStage({ name: "s" }, { «inputs»: { i: back }, outputs: { o: json(() => "o") } }, { run: task(nothing) });\n' +
        'export const t = defineStage({ name: "t" }, { inputs: { i: s.outputs.o.each() }, outputs: { o: json(() => "p") } }, { run: task(nothing) });',
      "s, t",
    ),
  },
  "an upstream job that is not there": {
    code: "compile/edge-unmatched",
    says: "1 of 2 jobs find no job of stage s at input i; first t[a=3]",
    source: campaign(
      stage('name: "s", matrix: [a]', "o: json(({ a }) => `${a}`)") +
        '\nexport const t = defineStage({ name: "t", matrix: [axis.list("a", [1, 3])] }, { inputs: { «i»: s.outputs.o.each() }, outputs: { o: json(({ a }) => `p${a}`) } }, { run: task(nothing) });',
      "s, t",
    ),
  },
  "no jobs": {
    code: "compile/empty-stage",
    says: "stage s has no jobs",
    source: campaign(stage('name: "s", «matrix»: [a.where(() => false)]', "o: json(({ a }) => `${a}`)"), "s"),
  },
  "too many jobs": {
    code: "compile/too-many-jobs",
    says: "the campaign has 4000000 jobs",
    source: campaign(
      stage(
        'name: "s", «matrix»: [axis.range("x", { count: 2000 }), axis.range("y", { count: 2000 })]',
        "o: json(({ x, y }) => `${x}/${y}`)",
      ),
      "s",
    ),
  },
  "no campaign": {
    code: "compile/no-campaign",
    says: "campaign.ts has no campaign as its default export",
    source: 'export const x = 1;\n«export default» { name: "x" };\n',
  },
  "parameters that are no JSON": {
    code: "compile/not-json",
    says: "params.when is an instance of Map",
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        "run: task(async (ctx: JobContext<any>) => {}, { «params»: { when: new Map() } })",
      ),
      "s",
    ),
  },
  "parameters that are no number": {
    code: "compile/not-json",
    says: "params.x is NaN",
    source: campaign(
      stage(
        'name: "s", matrix: [a]',
        "o: json(({ a }) => `${a}`)",
        "run: task(async (ctx: JobContext<any>) => {}, { «params»: ({ a }: { a: number }) => ({ x: Math.sqrt(1 - a) }) })",
      ),
      "s",
    ),
  },
  "the clock": {
    code: "compile/impure",
    says: "Date.now() is not available",
    source: campaign("const x = «Date.now»();\n" + good, "s"),
    remedy: "pass a date as a campaign variable",
  },
  today: {
    code: "compile/impure",
    says: "new Date() is not available",
    source: campaign("const x = «new Date().getTime»();\n" + good, "s"),
    remedy: "campaign variable",
  },
  randomness: {
    code: "compile/impure",
    says: "Math.random() is not available",
    source: campaign(
      stage(
        'name: "s", matrix: [a]',
        "o: json(({ a }) => `${a}`)",
        "run: task(async (ctx: JobContext<any>) => {}, { params: () => ({ x: «Math.random»() }) })",
      ),
      "s",
    ),
    remedy: "seedFrom(...)",
  },
  locale: {
    code: "compile/impure",
    says: "toLocaleString is not available",
    source: campaign("const x = «(1).toLocaleString»();\n" + good, "s"),
    remedy: "Locale differs",
  },
  "the environment": {
    code: "compile/impure",
    says: "process is not available",
    source: campaign("const x = «process».env.HOME;\n" + good, "s"),
  },
  "the network": {
    code: "compile/impure",
    says: "fetch is not available",
    source: campaign('const x = «fetch»("http://x");\n' + good, "s"),
  },
  "the file system": {
    code: "compile/impure",
    says: "readFileSync of node:fs is not available",
    source: `import { readFileSync } from "node:fs";\nconst x = «readFileSync»("x", "utf8");\n${campaign(good, "s")}`,
    remedy: "through a listing",
  },
  "an import that is not there": {
    code: "compile/import",
    says: "./nowhere.ts cannot be found",
    source: `import { x } from «"./nowhere.ts"»;\n${campaign(good + "\nx;", "s")}`,
  },
  "an import a task needs": {
    code: "compile/import",
    says: 'Could not resolve "./gone.js"',
    source: campaign(
      '// @ts-ignore\nimport { x } from «"./gone.js"»;\n' +
        stage('name: "s"', 'o: json(() => "o")', "run: task(async () => { x(); })"),
      "s",
    ),
    remedy: /Install|Import/,
  },
  "an exception": {
    code: "compile/threw",
    says: "Error: no good",
    source: campaign('function check() { throw «new» Error("no good"); }\ncheck();\n' + good, "s"),
  },
  "an exception in a path": {
    code: "compile/threw",
    says: "TypeError: Cannot read properties of undefined",
    source: campaign(stage('name: "s", matrix: [a]', "o: json(({ a }) => (undefined as any).«x»)"), "s"),
  },
  "an endless loop": {
    code: "compile/timeout",
    says: "evaluation did not end within 1 s; this loop was running",
    source: campaign("let n = 0;\n«w»hile (n >= 0) n = 1;\n" + good, "s"),
    more: { seconds: 1 },
    remedy: "endless loop",
  },
  "an endless loop in a path": {
    code: "compile/timeout",
    says: "this loop was running",
    source: campaign(stage('name: "s", matrix: [a]', "o: json(({ a }) => { «f»or (;;) {} })"), "s"),
    more: { seconds: 1 },
    remedy: "endless loop",
  },
  "a task that cannot be traced": {
    code: "compile/task-reference",
    says: "make() is computed, so its code cannot be found",
    source: campaign(
      "function make() { return nothing; }\n" + stage('name: "s"', 'o: json(() => "o")', "run: task(«make()»)"),
      "s",
    ),
  },
  "a task that captures": {
    code: "compile/task-reference",
    says: "the function uses n, which exists only while the campaign is compiled",
    source: campaign(
      'function make(n: string) { return defineStage({ name: "s" }, { outputs: { o: json(() => "o") } }, { run: task(«(ctx) => ctx.log(n)») }); }\nexport const s = make("x");',
      "s",
    ),
  },
  "a task that uses a variable": {
    code: "compile/task-reference",
    says: "uses variable(...) of cmc",
    source: campaign(
      'const v = variable("v", { default: "x" });\n' +
        stage('name: "s"', 'o: json(() => "o")', "«run»: task((ctx) => ctx.log(v))"),
      "s",
    ),
    remedy: "through params",
  },
  "a variable that is missing": {
    code: "compile/variable-missing",
    says: "variable v is not set",
    source: campaign('const v = «variable»("v");\n' + good, "s"),
    remedy: "--set v=VALUE",
  },
  "a variable of the wrong type": {
    code: "compile/variable-invalid",
    says: 'variable v is "x"; expected a number',
    source: campaign('const v = «variable»("v", { type: "number" });\n' + good, "s"),
    more: { set: { v: "x" } },
    remedy: "Give a number",
  },
  "a variable declared twice": {
    code: "compile/variable-twice",
    says: "variable v is declared twice",
    source: campaign(
      'const v = variable("v", { default: "1" });\nconst w = «variable»("v", { default: "2" });\n' + good,
      "s",
    ),
  },
  "a listing without a folder": {
    code: "compile/listing-missing",
    says: "the folder in of listing l is not there",
    source: campaign('const l = listing("l", { «root»: "in", pattern: "{a}" });\n' + good, "s"),
  },
  "a listing without files": {
    code: "compile/listing-empty",
    says: "no file below in matches {a}.h5",
    source: campaign('const l = «listing»("l", { root: "in", pattern: "{a}.h5" });\n' + good, "s"),
    files: { "in/x": "" },
    remedy: "Check the folder",
  },
  "code that is not there": {
    code: "compile/code-missing",
    says: "declares run.py as code",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: command(() => ["true"], { «code»: ["run.py"] })'),
      "s",
    ),
  },
  "a gate without threshold": {
    code: "compile/gate-metric",
    says: "gate g has no threshold",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), gates: { «g»: { metric: "m" } }'),
      "s",
    ),
  },
  "a move that names a stage on one side only": {
    code: "compile/bad-move",
    says: "from names stage and to names axis",
    source: campaign(`${good}\n«moved»({ from: { stage: "r" }, to: { axis: "a" } } as never);`, "s"),
  },
  "a move to nowhere": {
    code: "compile/bad-move",
    says: "there is no stage ss",
    source: campaign(`${good}\nmoved({ from: { stage: "r" }, to: { «stage»: "ss" } });`, "s"),
    remedy: "The stages: s.",
  },
  "a move from what is still there": {
    code: "compile/bad-move",
    says: "stage s is still in the campaign",
    source: campaign(
      `${good}\n${good.replaceAll("const s ", "const t ").replaceAll('"s"', '"t"').replaceAll("o.json", "t.json")}\nmoved({ from: { «stage»: "s" }, to: { stage: "t" } });`,
      "s, t",
    ),
  },
  "a policy for a field that the stage does not have": {
    code: "compile/unknown-option",
    says: "onChange.upstream has no effect: the stage has no upstream stage",
    source: campaign(
      stage('name: "s"', 'o: json(() => "o")', 'run: task(nothing), onChange: { «upstream»: "warn" }'),
      "s",
    ),
  },
  "a fan-in inside an argument": {
    code: "compile/bad-definition",
    says: "inputs.i.each stands inside a longer argument",
    source: campaign(
      stage(
        'name: "s"',
        'o: json(() => "o")',
        "«run»: command(({ inputs }) => [`--in=${inputs.i.each}`])",
        'inputs: { i: inputFiles(() => ["p"]) }, ',
      ),
      "s",
    ),
    remedy: "argument of its own",
  },
  "an unknown --set": {
    code: "cli/unknown-set",
    says: "--set names inptu",
    source: campaign('const v = variable("input", { default: "1" });\n' + good, "s"),
    more: { set: { inptu: "1" } },
    remedy: "Did you mean input?",
  },
};

describe("every refusal has a code, a place and a remedy", () => {
  it.each(Object.entries(CASES))("%s", async (_, { code, says, source, remedy, files, more }) => {
    const { text, line, column, length } = marked(source);
    const found = await diagnosticsOf(scratch({ ...files, "campaign.ts": text }), more);
    const first = found.find((diagnostic) => diagnostic.code === code);
    expect(
      found.map((d) => `${d.code} ${d.span?.line}:${d.span?.column} ${d.message}`),
      text,
    ).toContainEqual(expect.stringContaining(code));
    expect(first!.message).toContain(says);
    expect(first!.message.length).toBeLessThan(300);
    if (source.includes("«")) {
      expect(first!.span).toMatchObject({ file: "campaign.ts", line, column, length });
      expect(first!.span!.lines!.find((l) => l.number === line)!.text).toBe(text.split("\n")[line - 1]);
    }
    const advice = first!.remedy ?? CATALOGUE[code].remedy;
    if (remedy)
      expect(advice).toMatch(
        remedy instanceof RegExp ? remedy : new RegExp(remedy.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")),
      );
    else expect(advice.length).toBeGreaterThan(10);
  });

  it("covers the catalogue", () => {
    const tested = new Set(Object.values(CASES).map((entry) => entry.code as string));
    // Warnings, and what is no fault of a module's text: tested in compile.test.ts and command-code.test.ts.
    const elsewhere = [
      "compile/not-found",
      "compile/listing-needed",
      "compile/listing-unused",
      "compile/code-undeclared",
    ];
    expect(
      Object.keys(CATALOGUE).filter(
        (code) => code.startsWith("compile/") && !tested.has(code) && !elsewhere.includes(code),
      ),
    ).toEqual([]);
  });
});
