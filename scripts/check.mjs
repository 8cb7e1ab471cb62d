// `npm run check`: what CI runs. Static steps two at a time, one line each, the output of failing ones only; then all tests.
import { spawn } from "node:child_process";
import { dirname } from "node:path";

const ROOT = dirname(import.meta.dirname);
const STEPS = [
  { name: "build", script: "build" },
  { name: "types", script: "types" },
  { name: "lint", script: "lint" },
  { name: "arch", script: "arch" },
  { name: "format", script: "format:check" },
  { name: "dead code", script: "dead" },
  { name: "docs", script: "docs", args: ["--check"] },
];

function run({ name, script, args = [] }) {
  const start = performance.now();
  return new Promise((done) => {
    const child = spawn("npm", ["run", "--silent", script, ...(args.length ? ["--", ...args] : [])], { cwd: ROOT });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("close", (code) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${seconds} s  ${name}`);
      if (code !== 0) console.log(Buffer.concat(output).toString("utf8").trimEnd());
      done(code === 0);
    });
  });
}

async function lane(queue, results) {
  for (let step = queue.shift(); step; step = queue.shift()) results.push(await run(step));
}

const queue = [...STEPS];
const results = [];
await Promise.all([lane(queue, results), lane(queue, results)]);
const ok = results.every(Boolean);

if (process.argv.includes("--static")) process.exitCode = ok ? 0 : 1;
else {
  // Last, and with its own output: people and CI read the end of a log.
  const tests = spawn("npm", ["test"], { cwd: ROOT, stdio: "inherit" });
  tests.on("close", (code) => (process.exitCode = ok ? (code ?? 1) : 1));
}
