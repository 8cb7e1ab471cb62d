// The text of campaign.ts, written with ts-morph, in the form the formatter leaves alone and `cmc check` accepts. Decides nothing.
import type { ImportedCampaign } from "./campaign.ts";
import { commentText, listText, objectText, type Property } from "./properties.ts";
import type { Script } from "./script.ts";

/** `head`: blocks of comment lines at the top. */
export async function moduleText(
  campaign: ImportedCampaign,
  script: Script,
  head: readonly (readonly string[])[],
): Promise<string> {
  const { Project } = await import("ts-morph");
  const file = new Project({ useInMemoryFileSystem: true }).createSourceFile("campaign.ts");
  const names = ["axis", "command", "defineCampaign", "defineStage", "hdf5", "pad"];
  file.addImportDeclaration({ moduleSpecifier: "cmc", namedImports: script.found ? names : [...names, "variable"] });
  const { realization, redshift } = campaign;
  file.addStatements([
    `\n${scriptText(script)}`,
    `\n${comments(realization.above)}const realization = axis.range("realization", ${objectText(realization.options, 0, 47)});`,
    `${redshift.above.length > 0 ? "\n" : ""}${comments(redshift.above)}const redshift = ${redshiftText(redshift.items)};`,
    `\nexport const mock = ${stageText(campaign, script)};`,
    `\n${comments(campaign.aboveDefinition)}export default defineCampaign(${objectText(campaign.definition, 0, Infinity)});`,
  ]);
  return `${head.map(comments).join("//\n")}${file.getFullText()}`;
}

/** In a repository that nobody found here, a variable says where it is. */
function scriptText({ found, path }: Script): string {
  if (found) return `const script = ${JSON.stringify(path)};`;
  return [
    `const repository = variable("repository", ${objectText(REPOSITORY, 0, 43)});`,
    `const script = \`\${repository}/${path}\`;`,
  ].join("\n");
}

const REPOSITORY: readonly Property[] = [
  { name: "type", value: "path" },
  { name: "default", value: "." },
  { name: "description", value: "checkout of covariance-mocks: its scripts make the catalogues" },
];

function redshiftText(items: readonly string[]): string {
  const line = `axis.list("redshift", [${items.join(", ")}])`;
  if ("const redshift = ;".length + line.length <= 120) return line;
  return `axis.list(\n  "redshift",\n  ${listText(items, 2, 2)},\n)`;
}

function stageText({ path, tasks, machine, params, execution }: ImportedCampaign, script: Script): string {
  const ranks: readonly string[] = tasks > 1 ? ['"srun"', '"-n"', `${tasks}, // one MPI rank a task`] : [];
  const argv = [
    ...ranks, '"python"', "script", `${JSON.stringify(machine)}, // the machine`, "outputs.catalog",
    '"--realization"', "point.realization", '"--redshift"', "point.redshift",
  ]; // prettier-ignore
  const options: Property[] = [
    ...(script.found ? [{ name: "code", value: { code: "[script]" }, above: ["A change of it reruns."] }] : []),
    {
      name: "params",
      value: params.properties,
      above: [...params.above, "In every job's file and receipt; the script has no arguments for them."],
    },
  ];
  const lines = [
    "run: command(",
    "  ({ point, outputs }) => [",
    ...argv.map((word) => `    ${word.includes(", //") ? word : `${word},`}`),
    "  ],",
    ...`  ${objectText(options, 2)},`.split("\n"),
    "),",
    // Without the braces of the object they stand in.
    ...objectText(execution, 0, Infinity).split("\n").slice(1, -1).map((line) => line.slice(2)),
  ]; // prettier-ignore
  return [
    "defineStage(",
    `  { name: "mock", matrix: [realization, redshift] },`,
    "  {",
    "    outputs: {",
    "      catalog: hdf5(",
    `        ({ realization, redshift }) => ${path},`,
    "      ),",
    "    },",
    "  },",
    "  {",
    ...lines.map((line) => (line === "" ? line : `    ${line}`)),
    "  },",
    ")",
  ].join("\n");
}

function comments(lines: readonly string[]): string {
  return lines.map((line) => `${commentText("//", line)}\n`).join("");
}
