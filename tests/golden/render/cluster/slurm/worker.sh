#!/bin/bash
# sample v1.0, site cluster: one worker, on the node where it is to run. Arguments: the worker's.
# Made by cmc; started by the array and pool scripts.
module load python/3.11
module load cray-hdf5
export HDF5_USE_FILE_LOCKING=FALSE
# Not before: site profiles and module functions use variables that are not set.
set -u
# Costs every Node 20 process 30 ms; nothing here opens a connection.
unset NODE_EXTRA_CA_CERTS
# Nodes that this worker's jobs may use: of a stream, or of the whole allocation.
export CMC_NODELIST="${CMC_NODELIST:-${SLURM_JOB_NODELIST:-}}"

CMC_SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/cmc.XXXXXXXX") || exit 71
trap 'rm -rf "$CMC_SCRATCH"' EXIT
export CMC_SCRATCH XDG_CACHE_HOME="$CMC_SCRATCH/XDG_CACHE_HOME" MPLCONFIGDIR="$CMC_SCRATCH/MPLCONFIGDIR"
mkdir "$XDG_CACHE_HOME" "$MPLCONFIGDIR"

# Not exec: the folder is removed afterwards. Signals are passed on.
numactl --localalloc '/opt/node 20/bin/node' "$(dirname "$0")/../worker.mjs" "$@" </dev/null &
worker=$!
for name in TERM INT HUP USR1; do
  # shellcheck disable=SC2064 # now: each trap knows its signal
  trap "signalled=1; kill -s $name $worker 2>/dev/null" "$name"
done
# A signal ends `wait`: it begins again.
while signalled=; wait "$worker"; status=$?; [ -n "$signalled" ]; do :; done
exit "$status"
