#!/bin/bash
# sample v1.0, site local: submits the arrays of this bundle, in stage order.
# Made by cmc. Safe to run again: what was submitted is kept in ROOT/metadata/submissions.tsv and not submitted twice.
usage() {
  cat <<'EOF'
usage: submit.sh --root DIR --campaign-dir DIR [--dry-run] [--again]
  --root          campaign root: outputs, journal and logs are written there
  --campaign-dir  folder that relative input paths start from
  --dry-run       print the sbatch commands, submit nothing
  --again         submit although this bundle was submitted to this root before
EOF
}
set -eu

root='' campaign_dir='' dry_run='' again=''
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=${2:?--root needs a folder}; shift 2 ;;
    --campaign-dir) campaign_dir=${2:?--campaign-dir needs a folder}; shift 2 ;;
    --dry-run) dry_run=1; shift ;;
    --again) again=1; shift ;;
    --help) usage; exit 0 ;;
    *) echo "submit.sh: unknown option '$1'" >&2; usage >&2; exit 3 ;;
  esac
done
if [ -z "$root" ] || [ -z "$campaign_dir" ]; then
  echo "submit.sh: --root and --campaign-dir must be given" >&2
  usage >&2
  exit 3
fi
case $root in /*) ;; *) root=$PWD/$root ;; esac
bundle=$(cd "$(dirname "$0")" && pwd -P)
campaign_dir=$(cd "$campaign_dir" && pwd -P)
digest=$(sed -n 's/^  "digest": "\([0-9a-f]*\)".*/\1/p' "$bundle/bundle.json")

# A bundle that was copied in part, or by a transport that changes bytes, runs nothing.
(cd "$bundle" && sha256sum --check --quiet --strict >&2) <<'EOF'
0eba91b77e2f51834bd6ec1bc467320af747eae3767f9b0c82ef5bbcc8c67bac  batches.json
008ff21444dfa90aa10d301c672b77766b9078f84802c0abcc26b8862a30855d  campaign.json
427d98d3fb2823df70de3d1b6b2a400ff92dbda62a7172d960c9a42ad54d67bb  hdf5.mjs
0f325bcbfda2dc4e172f2d2b348915a957bbca6f7235805bb23639f10dea4302  manifest.sqlite
422cff72a7b33209414d6920dc2c13b0d45ad54a03894477c8d514e529e86b15  worker.mjs
EOF

[ -n "$dry_run" ] || mkdir -p "$root"/{metadata,journal,staging,logs}
[ ! -d "$root" ] || root=$(cd "$root" && pwd -P)
log=$root/metadata/submissions.tsv
run=$(date -u +%Y%m%dT%H%M%SZ)-$$
rootsum=$(printf %s "$root" | cksum | cut -d ' ' -f 1)
# squeue and sacct cut lists of array tasks at 64 characters without it.
export SLURM_BITSTR_LEN=0

# One line a step: time, intended | submitted | refused, token, job id. On disk before the next step.
record() { printf '%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$@" >>"$log" && sync "$log"; }
recorded() { [ ! -f "$log" ] || awk -F '\t' -v token="$1" '$3 == token { state = $2 " " $4 } END { print state }' "$log"; }

# An intent without an answer: sbatch may have failed and the job still run. It is looked for by name, never sent blindly again.
lookup() {
  local id
  id=$(squeue --noheader --states=all --name="$1" --format=%F 2>/dev/null | head -n 1) || true
  [ -n "$id" ] || id=$(sacct --noheader --parsable2 --allocations --starttime=now-30days --name="$1" --format=JobID 2>/dev/null | head -n 1) || true
  echo "${id%%_*}"
}

declare -A submitted=()
array_size=1001

# submit NAME STAGE TASKS [afterok:STAGE | afterany:STAGE ...]
submit() {
  local name=$1 stage=$2 tasks=$3 dependency='' upstream offset last token state id command
  shift 3
  for upstream in "$@"; do
    id=${submitted[${upstream#*:}]:-}
    [ -z "$id" ] || dependency=${dependency:+$dependency,}${upstream%%:*}$id
  done
  for ((offset = 0; offset < tasks; offset += array_size)); do
    last=$((tasks - offset < array_size ? tasks - offset - 1 : array_size - 1))
    token=cmc-$name-${digest:0:12}-$rootsum-$offset${again:+-$run}
    command=(sbatch --parsable --job-name="$token" --comment="cmc $stage ${digest:0:16}" --array="0-$last"
      --output="${root//%/%%}/logs/slurm-%A_%a.out" ${dependency:+"--dependency=$dependency" --kill-on-invalid-dep=yes}
      "$bundle/slurm/$name.sbatch" "$bundle" "$root" "$campaign_dir" "$run" "$bundle/slurm/$name.tasks" "$offset" '')
    if [ -n "$dry_run" ]; then
      printf '%q ' "${command[@]}"; echo
      submitted[$stage]=${submitted[$stage]:-}:ID-OF-$name-$offset
      continue
    fi
    read -r state id <<<"$(recorded "$token")"
    if [ "$state" = intended ]; then
      id=$(lookup "$token")
      if [ -z "$id" ]; then
        echo "submit.sh: an earlier submission of $token was not answered and is not in the queue; --again submits it" >&2
        exit 10
      fi
      record submitted "$token" "$id"
    fi
    if [ "$state" = intended ] || [ "$state" = submitted ]; then
      echo "$name: submitted before as $id"
    else
      record intended "$token" -
      if ! id=$("${command[@]}" </dev/null 2>"$log.err"); then
        cat "$log.err" >&2
        # Not an answer: the job may still start.
        grep -qi 'timed out' "$log.err" || record refused "$token" -
        echo "submit.sh: $name was not submitted; earlier arrays stay. Run this again when the cause is gone." >&2
        exit 10
      fi
      id=${id%%;*}
      record submitted "$token" "$id"
      echo "$name: submitted as $id, $((last + 1)) array tasks"
    fi
    submitted[$stage]=${submitted[$stage]:-}:$id
  done
}

submit mock mock 2
submit measure measure 2 afterany:mock
submit covariance covariance 1 afterok:measure
