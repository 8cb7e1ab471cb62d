// Stand-ins for SLURM's programs on PATH: the test says how each call ends (text, exit code, signal, never), and reads how it was asked.
// They know no jobs. A call without an answer fails, loudly.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = ["sbatch", "squeue", "sacct", "scancel", "scontrol"] as const;
export type Program = (typeof PROGRAMS)[number];

export interface FakeAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  /** 0 if absent. */
  readonly code?: number;
  /** After it has said its words it ends itself so. */
  readonly signal?: "TERM" | "KILL";
  /** Seconds before it says anything. */
  readonly delay?: number;
  /** After it has said its words it stays, until it is ended. */
  readonly hang?: boolean;
  /** It ends, and leaves a child with its pipes behind. */
  readonly leaveChild?: boolean;
}

export interface FakeCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What stdin was: `/dev/null`. */
  readonly stdin: string;
}

export interface FakeSlurmPrograms {
  /** For PATH; `path` is that with the system's own folders. */
  readonly bin: string;
  readonly path: string;
  /** One answer for each of the next calls of the program, in this order. */
  readonly answer: (program: Program, ...answers: readonly FakeAnswer[]) => void;
  /** For every call that has no answer of its own. */
  readonly always: (program: Program, answer: FakeAnswer) => void;
  /** In the order they came. */
  readonly calls: (program?: Program) => readonly FakeCall[];
}

/** Folders calls/N and answers/PROGRAM/N are taken by making or renaming them: two calls at once never get the same. */
const SCRIPT = `#!/bin/sh
here=$(dirname "$(dirname "$0")")
program=$(basename "$0")
n=100000
until mkdir "$here/calls/$n" 2>/dev/null; do n=$((n + 1)); done
record=$here/calls/$n
printf '%s' "$program" >"$record/program"
env -0 >"$record/env"
readlink /proc/self/fd/0 >"$record/stdin"
for word in "$@"; do printf '%s\\0' "$word"; done >"$record/args"
answer=
for next in "$here/answers/$program"/1?????; do
  if mv "$next" "$record/answer" 2>/dev/null; then answer=$record/answer; break; fi
done
[ -n "$answer" ] || answer=$here/answers/$program/always
[ -d "$answer" ] || { echo "fake $program: the test gave no answer for: $*" >&2; exit 99; }
[ ! -f "$answer/delay" ] || sleep "$(cat "$answer/delay")"
cat "$answer/stdout"
cat "$answer/stderr" >&2
[ ! -f "$answer/leaveChild" ] || sleep 30 &
[ ! -f "$answer/hang" ] || sleep 30
[ ! -f "$answer/signal" ] || kill -"$(cat "$answer/signal")" $$
exit "$(cat "$answer/code")"
`;

/** @param dir an empty folder of the test */
export function fakeSlurmPrograms(dir: string): FakeSlurmPrograms {
  const bin = join(dir, "bin");
  for (const folder of ["bin", "calls", ...PROGRAMS.map((program) => `answers/${program}`)])
    mkdirSync(join(dir, folder), { recursive: true });
  for (const program of PROGRAMS) writeFileSync(join(bin, program), SCRIPT, { mode: 0o755 });

  const write = (program: Program, name: string, { stdout, stderr, code, ...rest }: FakeAnswer) => {
    const folder = join(dir, "answers", program, name);
    mkdirSync(folder, { recursive: true });
    const files = { stdout: stdout ?? "", stderr: stderr ?? "", code: String(code ?? 0), ...rest };
    for (const [file, value] of Object.entries(files)) {
      if (value !== undefined && value !== false) writeFileSync(join(folder, file), String(value));
    }
  };
  let number = 100_000;
  return {
    bin,
    path: [bin, "/usr/bin", "/bin"].join(delimiter),
    answer: (program, ...answers) => answers.forEach((answer) => write(program, String(number++), answer)),
    always: (program, answer) => write(program, "always", answer),
    calls: (program) =>
      readdirSync(join(dir, "calls"))
        .sort()
        .map((name) => readCall(join(dir, "calls", name)))
        .filter((call) => program === undefined || call.program === program),
  };
}

function readCall(folder: string): FakeCall {
  const text = (file: string) => readFileSync(join(folder, file), "utf8");
  const words = (file: string) => text(file).split("\0").slice(0, -1);
  const env = words("env").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  return { program: text("program"), args: words("args"), env: Object.fromEntries(env), stdin: text("stdin").trim() };
}
