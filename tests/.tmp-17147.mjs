// tests/helpers/worker-bundle.ts
import { copyFileSync, mkdirSync, mkdtempSync as mkdtempSync2, rmSync as rmSync2, writeFileSync } from "node:fs";
import { tmpdir as tmpdir2 } from "node:os";
import { join as join2 } from "node:path";

// src/expand/column.ts
var TextColumn = class _TextColumn {
  constructor(bytes, offsets, rows) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.rows = rows;
  }
  bytes;
  offsets;
  rows;
  static create(expectedRows, expectedBytes = expectedRows * 32) {
    return new _TextColumn(
      Buffer.allocUnsafe(Math.max(64, expectedBytes)),
      new Uint32Array(Math.max(1, expectedRows) + 1),
      0
    );
  }
  /** A column over bytes that are already laid out (cache, file). `offsets` has rows + 1 entries. */
  static view(bytes, offsets) {
    return new _TextColumn(bytes, offsets, offsets.length - 1);
  }
  get length() {
    return this.rows;
  }
  push(text) {
    const start = this.offsets[this.rows];
    const worst = text.length * 3;
    if (start + worst > this.bytes.length) this.growBytes(start + worst);
    if (this.rows + 2 > this.offsets.length) this.growOffsets();
    const written = this.bytes.write(text, start, "utf8");
    this.rows += 1;
    this.offsets[this.rows] = start + written;
  }
  at(row) {
    return this.bytes.toString("utf8", this.offsets[row], this.offsets[row + 1]);
  }
  /** Bytes of one value, without a copy: hash input. */
  bytesAt(row) {
    return this.bytes.subarray(this.offsets[row], this.offsets[row + 1]);
  }
  /** What `view` takes back. */
  parts() {
    return {
      bytes: this.bytes.subarray(0, this.offsets[this.rows]),
      offsets: this.offsets.subarray(0, this.rows + 1)
    };
  }
  growBytes(needed) {
    const bigger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(bigger);
    this.bytes = bigger;
  }
  growOffsets() {
    const bigger = new Uint32Array(this.offsets.length * 2);
    bigger.set(this.offsets);
    this.offsets = bigger;
  }
};
var DigestColumn = class _DigestColumn {
  constructor(bytes) {
    this.bytes = bytes;
  }
  bytes;
  static create(rows) {
    return new _DigestColumn(Buffer.alloc(rows * 16));
  }
  set(row, hex32) {
    this.bytes.write(hex32, row * 16, 16, "hex");
  }
  /** 32 hex digits. */
  at(row) {
    return this.bytes.toString("hex", row * 16, row * 16 + 16);
  }
};

// src/ir/key.ts
var PLAIN = /^[A-Za-z0-9_.+-]+$/;
function keyValue(value) {
  if (typeof value !== "string") return String(value);
  const unambiguous = PLAIN.test(value) && value !== "true" && value !== "false" && Number.isNaN(Number(value));
  return unambiguous ? value : JSON.stringify(value);
}
function jobKey(stage, point) {
  const axes = Object.keys(point).sort();
  if (axes.length === 0) return stage;
  return `${stage}[${axes.map((axis) => `${axis}=${keyValue(point[axis])}`).join(",")}]`;
}

// src/expand/table.ts
function stageOfRow(table, row) {
  for (let i = table.stages.length - 1; i >= 0; i--) if (row >= table.stages[i].first) return table.stages[i];
  throw new RangeError(`row ${row} of ${table.count}`);
}
function pointOf(stage, index) {
  const point = {};
  stage.stage.axes.forEach((axis, a) => point[axis.name] = axis.values[stage.coords[a][index]]);
  return point;
}
function keyOf(stage, index) {
  return jobKey(stage.stage.name, pointOf(stage, index));
}
function recipeOf(stage, index) {
  const { recipe } = stage;
  return {
    params: recipe.params.at(index),
    code: recipe.code,
    inputs: recipe.inputs.at(index),
    environment: recipe.environment,
    upstream: recipe.upstream.at(index),
    digest: recipe.digest.at(index)
  };
}
function upstreamRows(column, index) {
  if (column.kind === "each") return column.row.subarray(index, index + 1);
  if (column.kind === "group") {
    const g = column.group[index];
    return column.members.subarray(column.starts[g], column.starts[g + 1]);
  }
  return new Uint32Array(0);
}
function jobLine(table, stage, index) {
  const { stage: ir } = stage;
  const inputs = {};
  ir.inputs.forEach((input, i) => inputs[input.port] = jobInput(table, input, stage.inputs[i], index));
  const outputs = {};
  ir.outputs.forEach((output, o) => outputs[output.name] = stage.outputs[o].at(index));
  const resources = stage.resources?.at(index);
  return {
    key: keyOf(stage, index),
    stage: ir.name,
    point: pointOf(stage, index),
    params: JSON.parse(stage.params.at(index)),
    inputs,
    outputs,
    ...stage.argv ? { argv: JSON.parse(stage.argv.at(index)) } : {},
    recipe: recipeOf(stage, index),
    ...resources ? { resources: JSON.parse(resources) } : {}
  };
}
function jobInput(table, input, column, index) {
  if (input.kind !== "edge") {
    if (column.kind !== "paths") throw new TypeError(`port ${input.port} has no paths`);
    const text = column.paths.at(index);
    return input.kind === "file" ? { kind: "file", path: text } : { kind: "files", paths: JSON.parse(text) };
  }
  const elements = [];
  const output = (stage) => stage.stage.outputs.findIndex((o) => o.name === input.from.output);
  for (const row of upstreamRows(column, index)) {
    const upstream = stageOfRow(table, row);
    const i = row - upstream.first;
    elements.push({
      key: keyOf(upstream, i),
      path: upstream.outputs[output(upstream)].at(i),
      point: pointOf(upstream, i)
    });
  }
  return { kind: "edge", elements };
}

// src/ir/canonical.ts
import { hash } from "node:crypto";
function digest128(data) {
  return hash("sha256", data, "hex").slice(0, 32);
}

// tests/helpers/worker-build.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
var SRC = fileURLToPath(new URL("../../src", "file:///work/main/tests/helpers/x.ts"));
var built;
function workerFiles() {
  return built ??= buildInto(mkdtempSync(join(tmpdir(), "cmc-worker-")));
}
async function buildInto(outdir) {
  process.on("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: {
      worker: join(SRC, "worker/main.ts"),
      hdf5: join(SRC, "validators/hdf5/entry.ts")
    },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    charset: "utf8",
    minify: true,
    legalComments: "none",
    // h5wasm (emscripten) and ajv are CommonJS inside and call require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
    },
    logLevel: "warning"
  });
  return outdir;
}

// tests/helpers/worker-bundle.ts
var COMMAND = { kind: "command", env: {}, okExits: [0] };
async function testCampaign(stages, options = {}) {
  const home = options.home ?? mkdtempSync2(join2(tmpdir2(), "cmc-test-"));
  const bundleDir = join2(home, "bundle");
  const root = join2(home, "root");
  const campaignDir = join2(home, "campaign");
  for (const folder of [join2(bundleDir, "jobs"), join2(bundleDir, "stages"), root, campaignDir])
    mkdirSync(folder, { recursive: true });
  const table = tableOf(stages);
  const files = await workerFiles();
  for (const name of ["worker.mjs", "hdf5.mjs"]) copyFileSync(join2(files, name), join2(bundleDir, name));
  writeFileSync(join2(bundleDir, "campaign.json"), JSON.stringify(table.campaign));
  for (const stage of stages)
    if (stage.task !== void 0) writeFileSync(join2(bundleDir, "stages", `${stage.name}.mjs`), stage.task);
  const batches = batchesOf(table, options.batchSize ?? 1e3);
  const writeJobs = (some) => {
    for (const batch of some) {
      const stage = table.stages.find((s) => s.stage.name === batch.stage);
      const lines = [...batch.rows].map((row) => `${JSON.stringify(jobLine(table, stage, row - stage.first))}
`);
      writeFileSync(join2(bundleDir, "jobs", `${batch.id}.jsonl`), lines.join(""));
    }
  };
  writeJobs(batches);
  return {
    home,
    bundleDir,
    root,
    campaignDir,
    table,
    batches,
    writeJobs,
    remove: () => rmSync2(home, { recursive: true, force: true })
  };
}
function batchesOf(table, size) {
  return table.stages.flatMap((stage) => {
    const batches = [];
    for (let from = 0; from < stage.count; from += size) {
      const rows = Uint32Array.from({ length: Math.min(size, stage.count - from) }, (_, i) => stage.first + from + i);
      batches.push({
        id: `${stage.stage.name}-${String(batches.length).padStart(4, "0")}`,
        stage: stage.stage.name,
        rows
      });
    }
    return batches;
  });
}
function tableOf(stages) {
  const built2 = [];
  let first = 0;
  for (const stage of stages) {
    built2.push(stageTable(stage, first, built2));
    first += stage.count;
  }
  const campaign = {
    irVersion: 1,
    name: "test",
    version: "v1",
    description: "",
    tags: [],
    base: ".",
    variables: {},
    listings: [],
    stages: built2.map((stage) => stage.stage),
    execution: { batchSize: 1e3 }
  };
  return { campaign, stages: built2, count: first };
}
function stageTable(stage, first, upstream) {
  const { count } = stage;
  const text = (value) => {
    const column = TextColumn.create(count);
    for (let i = 0; i < count; i++) column.push(value(i));
    return column;
  };
  const params = text((i) => JSON.stringify(stage.params?.(i) ?? {}));
  const argv = stage.argv && text((i) => JSON.stringify(stage.argv(i)));
  const digests = DigestColumn.create(count);
  for (let i = 0; i < count; i++)
    digests.set(i, digest128(`${stage.name} ${stage.salt ?? ""} ${params.at(i)} ${argv?.at(i) ?? ""}`));
  return {
    stage: {
      name: stage.name,
      description: "",
      tags: [],
      axes: [{ name: "i", values: Array.from({ length: count }, (_, i) => i) }],
      inputs: (stage.inputs ?? []).map((input) => input.ir),
      outputs: (stage.outputs ?? []).map((output) => output.ir),
      run: stage.run ?? (stage.task === void 0 ? COMMAND : { kind: "task", entry: `${stage.name}.ts#run` }),
      code: { digest: "00", sources: [] },
      environment: {},
      resources: stage.resources ?? {},
      retry: { attempts: 1, backoff: { initial: 0.05, factor: 2, max: 1 }, escalate: {}, ...stage.retry },
      missingInput: { policy: "element", by: [] },
      gates: stage.gates ?? [],
      definedAt: { file: "campaign.ts", line: 1 }
    },
    first,
    count,
    coords: [Uint32Array.from({ length: count }, (_, i) => i)],
    params,
    outputs: (stage.outputs ?? []).map((output) => text(output.path)),
    inputs: (stage.inputs ?? []).map((input) => inputColumn(input, count, upstream, text)),
    ...argv ? { argv } : {},
    recipe: {
      params: digests,
      inputs: digests,
      upstream: digests,
      digest: digests,
      code: "00".repeat(16),
      environment: "00".repeat(16)
    }
  };
}
function inputColumn({ ir, paths, each }, count, upstream, text) {
  if (ir.kind === "file") return { kind: "paths", paths: text((i) => paths(i)) };
  if (ir.kind === "files") return { kind: "paths", paths: text((i) => JSON.stringify(paths(i))) };
  const from = upstream.find((stage) => stage.stage.name === ir.from.stage);
  if (ir.join === "each")
    return { kind: "each", row: Uint32Array.from({ length: count }, (_, i) => from.first + (each ? each(i) : i)) };
  const members = Uint32Array.from({ length: from.count }, (_, i) => from.first + i);
  return { kind: "group", group: new Uint32Array(count), starts: Uint32Array.of(0, from.count), members };
}

// ../../tmp/sp/anon.ts
import { spawn } from "node:child_process";
import { join as join3 } from "node:path";
import { readFileSync } from "node:fs";
var N = 1500;
var c = await testCampaign([{ name: "t", count: N, argv: () => ["true"] }], { batchSize: N });
var flags = process.argv.slice(2);
var env = { ...process.env };
delete env.NODE_EXTRA_CA_CERTS;
var p = spawn(process.execPath, [...flags, join3(c.bundleDir, "worker.mjs"), "--bundle", c.bundleDir, "--root", c.root, "--campaign-dir", c.campaignDir, "--run", "r1", "--name", "w0", "--batch", c.batches[0].id], { stdio: "inherit", env });
var last = "";
var t = setInterval(() => {
  try {
    const st = readFileSync(`/proc/${p.pid}/stat`, "utf8").split(" ");
    if (st[2] !== "Z") last = `self ${st[13]} ${st[14]} children ${st[15]} ${st[16]}`;
  } catch {
  }
}, 40);
p.on("exit", () => {
  clearInterval(t);
  console.log(flags.join(" "), last, "us self per job", (last.split(" ").slice(1, 3).reduce((a, b) => a + +b, 0) * 1e4 / N).toFixed(0), "children", (last.split(" ").slice(4, 6).reduce((a, b) => a + +b, 0) * 1e4 / N).toFixed(0));
  c.remove();
  process.exit();
});
setTimeout(() => p.kill(), 6e4);
