import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onnxEncoder } from '../../adapters/encoders/onnx.ts';
import { bandOf, inBand } from '../../intents/resolve/learn/band.ts';
import { learn } from '../../intents/resolve/learn/learn.ts';
import { calibrationError } from '../../intents/resolve/measure/calibration.ts';
import { lineFor } from '../../intents/resolve/measure/coverage.ts';
import type { Said } from '../../intents/resolve/measure/judged.ts';
import { type Clinc, drawn, type Row } from './clinc.ts';

export interface EncoderFigures {
  /** Of the encoder's own learning, asked about everything. */
  readonly accuracy: number;
  /** Of both: the encoder is asked where the built-in tier is under the line that cross-validation sets for 97 %. */
  readonly together: number;
  /** Share of the texts that the encoder is asked about. */
  readonly asked: number;
  /** Over what it is asked about, all draws pooled; so few texts show an error even of a perfect calibration. */
  readonly ece: number;
  readonly p50Ms: number;
}

/**
 * What a sentence encoder adds behind the built-in tier, with ten examples an intent, over three draws.
 * @param folder of the encoder: `model.onnx` and `tokenizer.json`
 * @param packages folder whose `node_modules` holds onnxruntime-node and @huggingface/tokenizers; undefined: ours
 * @returns undefined where there is no such encoder
 */
export const encoderFigures = async (
  clinc: Clinc,
  inside: readonly Row[],
  folder: string,
  packages: string | undefined,
): Promise<EncoderFigures | undefined> => {
  if (!existsSync(join(folder, 'model.onnx'))) return undefined;
  const encoder = await onnxEncoder({ folder, ...(packages !== undefined && { packages }) });
  const never = new AbortController().signal;
  const times: number[] = [];
  const vectorOf = async (text: string): Promise<Float32Array> => {
    const start = performance.now();
    const [vector] = await encoder.encode([text], never);
    times.push(performance.now() - start);
    return vector as Float32Array;
  };
  const vectorsOf = async (texts: readonly string[]) => {
    const vectors: Float32Array[] = [];
    for (const text of texts) vectors.push(await vectorOf(text));
    return vectors;
  };
  try {
    const asked = await vectorsOf(inside.map(([text]) => text));
    const said: Said[] = [];
    let [right, together] = [0, 0];
    for (const seed of [0, 1, 2]) {
      const texts = drawn(clinc.train, 10, seed);
      const vectors = await vectorsOf(texts.map(({ text }) => text));
      const first = learn(texts);
      const second = learn(texts, { vectors, encoderId: encoder.id });
      const band = bandOf(texts, vectors, first, second);
      const behind = band === undefined ? second : inBand(first, second, band);
      const line = lineFor(first.report, 0.97) ?? 1;
      inside.forEach(([text, label], at) => {
        const [low] = first.rank(text, 1).candidates;
        const [high] = behind.rank(text, 1, asked[at]).candidates;
        const isRight = high?.label === label;
        if (isRight) right++;
        if ((low?.confidence ?? 0) >= line) together += low?.label === label ? 1 : 0;
        else {
          together += isRight ? 1 : 0;
          said.push({ confidence: high?.confidence ?? 0, right: isRight });
        }
      });
    }
    const all = 3 * inside.length;
    const [p50Ms = 0] = times.sort((a, b) => a - b).slice(times.length >> 1);
    const ece = calibrationError(said) ?? 0;
    return { accuracy: right / all, together: together / all, asked: said.length / all, ece, p50Ms };
  } finally {
    await encoder.close();
  }
};
