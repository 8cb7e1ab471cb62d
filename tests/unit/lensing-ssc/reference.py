"""Reference numbers for real-data.test.ts, by numpy and h5py alone: shares no code with the campaign.

    apt-get install -y python3-numpy python3-h5py
    /usr/bin/python3 reference.py ../../../../shared/data/lensing-ssc ensemble_stats.npz > reference.json

ensemble_stats.npz is output/analysis/ensemble_stats.npz of github.com/atokiwaipmu/LensingSSC, branch public, commit
5536d31 (MIT): the authors' own covariances. Without it the entry "authors" is left out.
"""
import glob
import json
import re
import sys

import h5py
import numpy as np

GOLDEN = (1 + np.sqrt(5)) / 2
KEPT = ["power_spectra/ngal_0/cl", "power_spectra/ngal_30/cl", "bispectra/ngal_0/squeezed",
        "smoothed_statistics/ngal_0/sl_2/pdf", "smoothed_statistics/ngal_7/sl_5/peaks",
        "smoothed_statistics/ngal_50/sl_10/minkowski/v1"]


def load(root, box, zs):
    files = sorted(glob.glob(f"{root}/{box}/stats/stats_zs{zs:.1f}_s*_oa10.h5"),
                   key=lambda name: int(re.search(r"_s(\d+)_", name).group(1)))
    stacks = {}
    for name in files:
        with h5py.File(name) as file:
            def visit(path, item):
                if isinstance(item, h5py.Dataset) and item.ndim == 2:
                    stacks.setdefault(path, []).append(item[()].astype(np.float64))
            file.visititems(visit)
    return {path: np.stack(parts) for path, parts in stacks.items()}


def lattice(points):
    i = np.arange(points) - points // 2
    return np.arcsin(2 * i / points) + np.pi / 2, np.mod(2 * np.pi * i / GOLDEN, 2 * np.pi)


def minimised(points):
    theta, phi = lattice(points)
    r = np.radians(10) * np.sqrt(2)
    keep = (theta > r) & (theta < np.pi - r) & (np.abs(theta - np.pi / 2) > r / 2)
    for plane in np.arange(5) * np.pi / 2:
        keep &= np.abs(phi - plane) > r / 2
    return np.flatnonzero(keep)


def systematic(stacks):
    """Rows beyond 10 robust sigma, in one bin, in more than half of the seeds; bins without a credible MAD are silent."""
    rows = {}
    for path, x in stacks.items():
        flat = x.reshape(-1, x.shape[-1])
        median = np.median(flat, axis=0)
        sigma = 1.4826 * np.median(np.abs(flat - median), axis=0)
        low, high = np.quantile(flat, [0.1587, 0.8413], axis=0)
        ok = (sigma > 0) & ((high - low) / 2 <= 1.5 * sigma)
        z = np.where(ok, np.abs(x - median) / np.where(ok, sigma, 1), 0)
        count = (z > 10).sum(axis=0)
        for row in sorted(set(np.nonzero(count > len(x) / 2)[0].tolist())):
            best = max(range(x.shape[-1]), key=lambda b: (count[row, b], z[:, row, b].max()))
            rows.setdefault(row, []).append(dict(statistic=path, bin=best, seeds=int(count[row, best]),
                                                 smallest=z[:, row, best].min(), worst=z[:, row, best].max()))
    return {str(row): sorted(found, key=lambda one: -one["worst"]) for row, found in rows.items()}


def degenerate(x):
    return (x.var(axis=1) <= (8 * 2.0**-24 * np.abs(x.mean(axis=1))) ** 2).any(axis=0)


def masked(values, mask):
    return [None if bad else float(value) for value, bad in zip(values, mask)]


def redshift(root, zs):
    big, tiled = load(root, "bigbox", zs), load(root, "tiled", zs)
    found = {"bigbox": systematic(big), "tiled": systematic(tiled)}
    gone = sorted({int(row) for rows in found.values() for row in rows})
    selections = {"all": np.arange(265), "clean": np.setdiff1d(np.arange(265), gone),
                  "rmp": np.setdiff1d(minimised(265), gone)}
    out = dict(zs=zs, systematic=found, rows={name: len(rows) for name, rows in selections.items()}, statistics={}, sums={})
    rng = np.random.default_rng(1)
    for path in big:
        entry, sums = {}, {}
        for name, rows in selections.items():
            a, b = big[path][:, rows], tiled[path][:, rows]
            mask = degenerate(a) | degenerate(b)
            fa, fb = a.reshape(-1, 8), b.reshape(-1, 8)
            with np.errstate(all="ignore"):
                variance, mean = fa.var(axis=0) / fb.var(axis=0), fa.mean(axis=0) / fb.mean(axis=0)
            cov = np.cov(fb, rowvar=False)
            # masked bins; sums over the others of variance ratio and mean ratio; sum and trace of the tiled covariance
            sums[name] = [int(mask.sum()), float(variance[~mask].sum()), float(mean[~mask].sum()), float(cov.sum()),
                          float(np.trace(cov))]
            entry[name] = dict(variance=masked(variance, mask), mean=masked(mean, mask))
        out["sums"][path] = sums
        if path in KEPT:
            out["statistics"][path] = entry
    # Bootstrap errors of the headline: another generator, more resamples; agreement is statistical.
    a, b = (stack["power_spectra/ngal_0/cl"][:, selections["clean"]] for stack in (big, tiled))
    draws = []
    for _ in range(4000):
        x, y = (s[rng.integers(0, len(s), len(s))].reshape(-1, 8) for s in (a, b))
        draws.append((x.var(axis=0) / y.var(axis=0), x.mean(axis=0) / y.mean(axis=0)))
    errors = np.std(draws, axis=0, ddof=1)
    out["bootstrap"] = dict(varianceError=errors[0].tolist(), meanError=errors[1].tolist())
    return out


def authors(name):
    stored = np.load(name, allow_pickle=True)["covariances"].item()
    return {f"{box} {zs:.1f}": stored[(box, zs)][("ngal_0", "sl_2")]["power_spectra"].tolist()
            for box in ("bigbox", "tiled") for zs in (1.0, 2.5)}


def short(value):
    """Ten digits: the test compares to 1e-6, the authors' matrices to 1e-9."""
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [short(item) for item in value]
    return float(f"{value:.11g}") if isinstance(value, float) else value


reference = dict(redshifts=[redshift(sys.argv[1], zs) for zs in (1.0, 2.5)])
if len(sys.argv) > 2:
    reference["authors"] = authors(sys.argv[2])
json.dump(short(reference), sys.stdout)
print()
