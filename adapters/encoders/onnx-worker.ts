import { parentPort, workerData } from 'node:worker_threads';
import { loadOnnxModel, type OnnxModelOptions } from './onnx-model.ts';

/** A text to encode; null ends the worker. Each text is answered once, in order. */
export type Ask = string | null;
export type Told =
  | { readonly ready: { readonly dimensions: number; readonly pooling: string } }
  | { readonly vector: Float32Array }
  | { readonly failed: string };

const tell = (told: Told) => parentPort?.postMessage(told);

try {
  const model = await loadOnnxModel(workerData as OnnxModelOptions);
  parentPort?.on('message', async (ask: Ask) => {
    if (ask === null) {
      parentPort?.close();
      return model.close();
    }
    try {
      tell({ vector: await model.vectorOf(model.pieces(ask)) });
    } catch (error) {
      tell({ failed: (error as Error).message });
    }
  });
  tell({ ready: { dimensions: model.dimensions, pooling: model.pooling } });
} catch (error) {
  tell({ failed: (error as Error).message });
}
