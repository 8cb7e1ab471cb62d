#!/usr/bin/python3
# Called inside a job: ends it as OUT_OF_MEMORY (0:125), without cgroups and without using any memory. Not an imitation: slurmctld itself
# takes a completion whose low byte is 253 as "out of memory", and the owner of a job may complete it.
import ctypes
import glob
import os

here = os.path.dirname(os.path.abspath(__file__))
os.environ.setdefault("SLURM_CONF", os.path.join(os.path.dirname(here), "etc", "slurm.conf"))
library = ctypes.CDLL(glob.glob("/usr/lib/*/slurm-wlm/libslurmfull.so")[0], ctypes.RTLD_GLOBAL)
if library.slurm_complete_job(ctypes.c_uint32(int(os.environ["SLURM_JOB_ID"])), ctypes.c_uint32(253)) != 0:
    raise SystemExit("slurm_complete_job failed")
