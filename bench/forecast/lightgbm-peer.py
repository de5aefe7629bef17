"""LightGBM quantile regression with online conformal calibration (CQR) on folders of benchmark sets.

Usage: python lightgbm-peer.py FOLDER, with FOLDER/<set>.csv of `series,bucket_start,value`, hole-free two-hour buckets.
Prints one JSON object: {set: {series: {"h1": S, "h12": S, "cov95-h1": C, "trades-inside95-h1": T}}}, where S is the
mean interval score of the 95 % band over the last fifth of the buckets, in units of the values, and T is null where no
bucket trades. The same split as bench:forecast: learned from the first 65 %, calibrated online from there on with the
last 1,008 scores whose target had been observed at the origin.
"""
import csv
import json
import math
import pathlib
import sys

import lightgbm
import numpy as np

WEEK = 84
LOW, HIGH = 0.025, 0.975
SCORES = 1008
EVERY = 4
ROUNDS = 150
SETTINGS = dict(
    objective="quantile", learning_rate=0.05, num_leaves=15, min_data_in_leaf=20,
    num_threads=1, verbose=-1, deterministic=True, seed=1,
)


def inputs(y, first_slot, h):
    """Features of every target t ≥ 4 weeks + h, seen from t − h."""
    n = len(y)
    total = np.concatenate([[0.0], np.cumsum(y)])
    trade = np.concatenate([[0.0], np.cumsum(y != 0)])
    targets = np.arange(4 * WEEK + h, n)
    origin = targets - h
    columns = [y[origin - k] for k in range(12)]
    columns += [y[targets - WEEK * k] for k in (1, 2, 3, 4)]
    columns += [np.mean([y[targets - WEEK * k] for k in (1, 2, 3, 4)], axis=0)]
    columns += [(total[origin + 1] - total[origin + 1 - w]) / w for w in (12, WEEK, 4 * WEEK)]
    columns += [(trade[origin + 1] - trade[origin + 1 - w]) / w for w in (12, WEEK, 4 * WEEK)]
    slot = (first_slot + targets) % WEEK
    columns += [slot % 12, slot // 12]
    return targets, np.column_stack(columns)


def bands(y, first_slot, h, scale):
    """Targets and calibrated 95 % limits of every bucket from 65 % of the history on."""
    learned = int(0.65 * len(y))
    targets, x = inputs(y, first_slot, h)
    train = targets < learned
    low, high = (
        lightgbm.train({**SETTINGS, "alpha": alpha}, lightgbm.Dataset(x[train], y[targets[train]]), ROUNDS).predict(x[~train])
        for alpha in (LOW, HIGH)
    )
    targets = targets[~train]
    low, high = np.minimum(low, high), np.maximum(low, high)
    unit = high - low + scale
    scores = np.maximum(low - y[targets], y[targets] - high) / unit
    offset = np.zeros(len(targets))
    now = 0.0
    for i in range(len(targets)):
        known = scores[max(0, i - h + 1 - SCORES) : max(0, i - h + 1)]
        if i % EVERY == 0 and len(known) >= WEEK:
            rank = min(len(known), math.ceil((len(known) + 1) * 0.95))
            now = np.partition(known, rank - 1)[rank - 1]
        offset[i] = now
    return targets, low - offset * unit, high + offset * unit


def judge(y, first_slot, nonnegative):
    test = int(0.8 * len(y))
    learned = int(0.65 * len(y))
    scale = max(np.mean(np.abs(y[WEEK:learned] - y[: learned - WEEK])), 1e-3 * np.mean(np.abs(y)), 1e-6)
    row = {}
    for h in (1, 12):
        targets, low, high = bands(y, first_slot, h, scale)
        part = targets >= test
        actual, low, high = y[targets[part]], low[part], high[part]
        if nonnegative:
            low, high = np.maximum(0, low), np.maximum(0, high)
        high = np.maximum(low, high)
        score = high - low + 40 * np.maximum(0, low - actual) + 40 * np.maximum(0, actual - high)
        inside = (actual >= low) & (actual <= high)
        row[f"h{h}"] = float(score.mean())
        row[f"cov95-h{h}"] = float(inside.mean())
        row[f"trades-inside95-h{h}"] = float(inside[actual != 0].mean()) if (actual != 0).any() else None
    return row


def read(file):
    series = {}
    with open(file, newline="") as lines:
        for name, start, value in list(csv.reader(lines))[1:]:
            values, first = series.setdefault(name, ([], start))
            values.append(float(value))
    return series


def slot_of(start):
    when = np.datetime64(start)
    hours = int((when - np.datetime64("1970-01-01T00:00:00")) / np.timedelta64(1, "h"))
    return (hours // 2 + 3 * 12) % WEEK


if __name__ == "__main__":
    rows = {}
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.csv")):
        rows[file.stem] = {}
        for name, (values, start) in read(file).items():
            y = np.array(values)
            rows[file.stem][name] = judge(y, slot_of(start), bool((y >= 0).all()))
    json.dump(rows, sys.stdout, indent=1)
    print()
