// Generates the reference pages that repeat what the source says: docs/reference/diagnostics.md and docs/reference/api.md.
// `--check` writes nothing and fails when a page is stale. It is no prose: tutorials and explanations are written by hand.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const ROOT = dirname(import.meta.dirname);
const HEADER = (source) => `<!-- Generated from ${source} by \`npm run docs\`. Do not edit. -->\n\n`;

async function load(entry) {
  const options = { entryPoints: [join(ROOT, entry)], bundle: true, format: "esm", write: false };
  const { outputFiles } = await build(options);
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

async function diagnosticsPage() {
  const [{ CATALOGUE }, { EXIT }] = await Promise.all([
    load("src/diagnostics/catalogue.ts"),
    load("src/diagnostics/exit.ts"),
  ]);
  let page = HEADER("src/diagnostics/catalogue.ts");
  page +=
    "# Diagnostics\n\nCodes are the contract; the text of a message may change. Warnings never change the exit code.\n";
  let area = "";
  for (const [code, { exit, means, remedy }] of Object.entries(CATALOGUE)) {
    const folder = code.split("/")[0];
    if (folder !== area) page += `\n## ${folder}\n\n| code | exit | meaning | what to do |\n|---|---|---|---|\n`;
    area = folder;
    page += `| \`${code}\` | ${EXIT[exit]} | ${cell(means)} | ${cell(remedy)} |\n`;
  }
  page += "\n## Exit codes\n\n| exit | name |\n|---|---|\n";
  for (const [name, code] of Object.entries(EXIT)) page += `| ${code} | ${name} |\n`;
  return page;
}

/** What an editor shows: the declaration without bodies, and its docstring. */
function declaration(node, Node) {
  if (Node.isVariableDeclaration(node)) return `const ${node.getName()}: ${node.getType().getText(node)};`;
  if (Node.isFunctionDeclaration(node)) {
    const body = node.getBody();
    const text = node.getText();
    return `${(body ? text.slice(0, body.getStart() - node.getStart()) : text).replace(/^export /, "").trimEnd()}`.replace(/;?$/, ";"); // prettier-ignore
  }
  return node.getText().replace(/^export /, "");
}

async function apiPage() {
  const { Project, Node } = await import("ts-morph");
  const project = new Project({ tsConfigFilePath: join(ROOT, "tsconfig.json"), skipAddingFilesFromTsConfig: true });
  const index = project.addSourceFileAtPath(join(ROOT, "src/index.ts"));
  project.resolveSourceFileDependencies();
  const entries = [...index.getExportedDeclarations()];
  const values = entries.filter(([, [node]]) => Node.isFunctionDeclaration(node) || Node.isVariableDeclaration(node));
  let page = HEADER("src/index.ts");
  page += '# What a campaign imports from "cmc"\n';
  for (const [title, some] of [
    ["Functions", values],
    ["Types", entries.filter((entry) => !values.includes(entry))],
  ]) {
    page += `\n## ${title}\n`;
    for (const [name, nodes] of some.sort(([a], [b]) => (a < b ? -1 : 1))) page += section(name, nodes, Node);
  }
  return page;
}

function section(name, nodes, Node) {
  // Overloads: every signature but the implementation.
  const functions = nodes.filter(Node.isFunctionDeclaration).flatMap((node) => {
    const overloads = node.getOverloads();
    return overloads.length > 0 ? overloads : [node];
  });
  const shown = [...new Set(functions.length > 0 ? functions : nodes)];
  const documented = shown.map((node) => (Node.isVariableDeclaration(node) ? node.getVariableStatement() : node));
  const docs = documented.flatMap((node) => (Node.isJSDocable(node) ? node.getJsDocs() : []));
  const prose = [...new Set(docs.map((doc) => doc.getInnerText()))].join("\n\n");
  const code = [...new Set(shown.map((node) => declaration(node, Node)))].join("\n\n");
  return `\n### ${name}\n\n${prose ? `${prose}\n\n` : ""}\`\`\`ts\n${code}\n\`\`\`\n`;
}

const source = (path) => readFileSync(join(ROOT, path), "utf8");
const pages = {
  "docs/reference/diagnostics.md": await diagnosticsPage(),
  "docs/reference/api.md": await apiPage(),
  "docs/reference/schema/campaign.schema.json": source("src/ir/schema/campaign.schema.json"),
  "docs/reference/schema/job.schema.json": source("src/ir/schema/job.schema.json"),
  "docs/reference/schema/bundle.schema.json": source("src/ir/schema/bundle.schema.json"),
  "docs/reference/schema/site.schema.json": source("src/site/site.schema.json"),
};
const check = process.argv.includes("--check");
for (const [file, text] of Object.entries(pages)) {
  const path = join(ROOT, file);
  const current = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (current === text) continue;
  if (check) {
    console.error(`${file} is stale: run \`npm run docs\``);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  }
}
