"""One training step (LSTM 32, 84 steps, 8 features, batch 64, dense 12, Adam, one thread) in another framework.

Prints the milliseconds of an undisturbed step: a fifth were faster. Usage: train-peers.py torch|keras
"""
import os
import sys
import time

import numpy as np

BATCH, STEPS, FEATURES, UNITS, OUT = 64, 84, 8, 32, 12
rng = np.random.default_rng(1)
x = rng.standard_normal((BATCH, STEPS, FEATURES)).astype("float32")
y = rng.standard_normal((BATCH, OUT)).astype("float32")


def torch_step():
    import torch

    torch.set_num_threads(1)
    lstm = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    dense = torch.nn.Linear(UNITS, OUT)
    adam = torch.optim.Adam([*lstm.parameters(), *dense.parameters()], lr=1e-3)
    inputs, wanted = torch.from_numpy(x), torch.from_numpy(y)

    def step():
        adam.zero_grad()
        states, _ = lstm(inputs)
        ((dense(states[:, -1]) - wanted) ** 2).mean().backward()
        adam.step()

    return step


def keras_step():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    import keras

    layers = keras.layers
    model = keras.Sequential([layers.Input((STEPS, FEATURES)), layers.LSTM(UNITS), layers.Dense(OUT)])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
    return lambda: model.train_on_batch(x, y)


step = {"torch": torch_step, "keras": keras_step}[sys.argv[1]]()
times = []
for repeat in range(120):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
warm = sorted(times[40:])
print(1000 * warm[len(warm) // 5])
