// A stand-in for SLURM's clients on PATH: `sbatch` runs the script at once, one task after the other, as SLURM would start it.
// What it was asked is in `calls`; files named answer-* let a test decide how it answers.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SBATCH = `#!/bin/bash
here=$(dirname "$0")
id=$(( $(cat "$here/next" 2>/dev/null || echo 100) ))
[ ! -f "$here/answer-refuse" ] || { echo "sbatch: error: $(cat "$here/answer-refuse")" >&2; exit 1; }
echo $((id + 1)) >"$here/next"
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --*) options+=("$1"); shift ;;
    *) break ;;
  esac
done
printf '%s\\037' "$id" "\${#options[@]}" "\${options[@]}" "$@" >>"$here/calls"
echo >>"$here/calls"
name=; array=; output=
for option in "\${options[@]}"; do
  case $option in
    --job-name=*) name=\${option#*=} ;;
    --array=*) array=\${option#*=} ;;
    --output=*) output=\${option#*=} ;;
  esac
done
echo "$name $id" >>"$here/queue"
script=$1; shift
range=\${array%%%*}
for ((task = \${range%-*}; task <= \${range#*-}; task++)); do
  log=\${output//%%/$'\\1'}; log=\${log//%A/$id}; log=\${log//%a/$task}; log=\${log//$'\\1'/%}
  SLURM_JOB_ID=$id SLURM_ARRAY_JOB_ID=$id SLURM_ARRAY_TASK_ID=$task bash "$script" "$@" >"$log" 2>&1
  echo "$id $task $?" >>"$here/ended"
done
[ ! -f "$here/answer-lost" ] || { echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2; exit 1; }
echo "$id;cluster"
`;

const SQUEUE = `#!/bin/bash
for option in "$@"; do case $option in --name=*) name=\${option#*=} ;; esac; done
awk -v name="$name" '$1 == name { print $2 }' "$(dirname "$0")/queue" 2>/dev/null
`;

export interface Call {
  readonly id: number;
  readonly options: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
}

export interface FakeSlurm {
  readonly bin: string;
  readonly calls: () => readonly Call[];
  /** Array tasks that ended: "id task exit". */
  readonly ended: () => readonly string[];
  /** Makes the next sbatch calls answer so; "" takes it back. */
  readonly answer: (kind: "refuse" | "lost", text: string) => void;
}

export function fakeSlurm(dir: string): FakeSlurm {
  const bin = join(dir, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "sbatch"), SBATCH, { mode: 0o755 });
  writeFileSync(join(bin, "squeue"), SQUEUE, { mode: 0o755 });
  writeFileSync(join(bin, "sacct"), "#!/bin/sh\n", { mode: 0o755 });
  const lines = (file: string) => {
    try {
      return readFileSync(join(bin, file), "utf8").trimEnd().split("\n");
    } catch {
      return [];
    }
  };
  return {
    bin,
    calls: () => lines("calls").map(readCall),
    ended: () => lines("ended"),
    answer: (kind, text) =>
      text ? writeFileSync(join(bin, `answer-${kind}`), text) : rmSync(join(bin, `answer-${kind}`), { force: true }),
  };
}

/** Fields end with unit separators: id, number of options, options, script, its arguments. */
function readCall(line: string): Call {
  const [id, count, ...words] = line.split("\x1f").slice(0, -1);
  const options = words.slice(0, Number(count));
  const [script, ...args] = words.slice(Number(count));
  return { id: Number(id), options, script: script!, args };
}
