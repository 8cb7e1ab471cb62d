// Real processes for tests that kill: bundles a program of tests/fixtures/state/programs and starts it.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

export function bundle(name: string): string {
  const outfile = join(mkdtempSync(join(tmpdir(), "cmc-program-")), `${name}.mjs`);
  const entry = join(import.meta.dirname, "../../fixtures/state/programs", `${name}.ts`);
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
  return outfile;
}

export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<void>;
  /** Resolves when the output has a line that matches. */
  line(pattern: RegExp): Promise<string>;
}

export function start(program: string, ...args: string[]): Running {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  let wake = () => {};
  child.stdout.on("data", (data: Buffer) => {
    text += data.toString();
    wake();
  });
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const found = (pattern: RegExp) => text.split("\n").slice(0, -1).find((one) => pattern.test(one)); // prettier-ignore
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      wake = () => {
        const match = found(pattern);
        if (match !== undefined) resolve(match);
      };
      wake();
      void exited.then(() => reject(new Error(`ended without ${String(pattern)}: ${text}`)));
    });
  return { child, output: () => text, exited, line };
}
