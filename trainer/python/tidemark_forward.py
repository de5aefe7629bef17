"""Loads a Tidemark model and runs its network: quantiles in spreads above the base forecast, as the product computes them.

network(folder) returns a function of sequence [lookback, features] and target [horizons, features] that returns
[horizons, 5], the quantiles .005, .025, .5, .975 and .995. Needs numpy only.
"""
import json, pathlib
import numpy as np

def network(folder):
    model = json.loads((pathlib.Path(folder) / "model.json").read_text(encoding="utf-8"))
    flat, at, w = np.fromfile(pathlib.Path(folder) / "weights.bin", "<f4").astype("f8"), 0, {}
    for entry in model["weightsManifest"][0]["weights"]:
        size = int(np.prod(entry["shape"]))
        w[entry["name"]], at = flat[at:at + size].reshape(entry["shape"]), at + size
    members = sorted(name.split("/")[0].removeprefix("memory") for name in w if name.startswith("memory") and name.endswith("/bias"))
    sigmoid, softplus = lambda x: 1 / (1 + np.exp(-x)), lambda x: np.logaddexp(0, x)

    def member(m, sequence, target):
        h, c = np.zeros(w[f"memory{m}/recurrent_kernel"].shape[0]), 0.0
        for x in sequence:
            i, f, g, o = np.split(x @ w[f"memory{m}/kernel"] + h @ w[f"memory{m}/recurrent_kernel"] + w[f"memory{m}/bias"], 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        x = np.hstack([np.tile(h, (len(target), 1)), target])
        for layer in ("hidden_1", "hidden_2"):
            x = np.maximum(0, x @ w[f"{layer}{m}/kernel"] + w[f"{layer}{m}/bias"])
        return np.hstack([x, target]) @ w[f"quantiles{m}/kernel"] + w[f"quantiles{m}/bias"]

    def run(sequence, target):
        median, *gaps = np.mean([member(m, sequence, target) for m in members], axis=0).T
        low, lower, high, higher = map(softplus, gaps)
        return np.stack([median - low - lower, median - low, median, median + high, median + high + higher], axis=1)
    return run
