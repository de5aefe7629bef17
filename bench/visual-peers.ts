// Runs in the browser, beside the visual: what it is measured against.
import * as tf from '@tensorflow/tfjs';
import { decodeModel } from '@tidemark/shared/contract/model-file';
import { createForecaster } from '@tidemark/shared/forecasting';
import uPlot from 'uplot';

const FIRST = 240_000;

Object.assign(globalThis, {
  peers: {
    /** Draws a band, a forecast and an actual with uPlot; ms until the picture is handed to the screen. */
    async uplot(columns: number[][], width: number, height: number): Promise<number> {
      const place = document.createElement('div');
      document.body.replaceChildren(place);
      const began = performance.now();
      const options: uPlot.Options = {
        width,
        height,
        legend: { show: false },
        series: [
          {},
          { stroke: '#1d2b3a', width: 1.75 },
          { stroke: '#2a7f9e', dash: [4, 3] },
          { stroke: '#2a7f9e', width: 0.75 },
          { stroke: '#2a7f9e', width: 0.75 },
        ],
        bands: [{ series: [4, 3], fill: 'rgb(42 127 158 / 16%)' }],
      };
      await new Promise<void>((drawn) => {
        new uPlot({ ...options, hooks: { draw: [() => drawn()] } }, columns as uPlot.AlignedData, place);
      });
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      return performance.now() - began;
    },

    /** From the model's text to the last fan of a window, as the visual does it; ms. */
    infer(modelText: string, values: number[]): number {
      const began = performance.now();
      const forecaster = createForecaster(decodeModel(modelText).artifact);
      const state = forecaster.start('Acme', FIRST);
      values.forEach((value, k) => {
        forecaster.forecast(state);
        forecaster.observe(state, FIRST + k, value);
      });
      forecaster.forecast(state);
      return performance.now() - began;
    },

    /** The same network in tfjs on its CPU backend, all windows in one batch; ms. */
    async tfjs(modelJson: string, weights: number[], windows: number): Promise<number> {
      await tf.setBackend('cpu');
      const began = performance.now();
      const { modelTopology, weightsManifest } = JSON.parse(modelJson);
      const model = await tf.loadLayersModel(
        tf.io.fromMemory({
          modelTopology,
          weightSpecs: weightsManifest[0].weights,
          weightData: Uint8Array.from(weights).buffer,
        }),
      );
      const inputs = model.inputs.map((input) => tf.zeros([windows, ...(input.shape.slice(1) as number[])]));
      const outputs = model.predict(inputs) as tf.Tensor;
      await outputs.data();
      const spent = performance.now() - began;
      tf.dispose([inputs, outputs]);
      model.dispose();
      return spent;
    },
  },
});
