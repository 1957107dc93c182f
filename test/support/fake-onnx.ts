import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A folder that passes for both an encoder and its two packages: vectors are made of letters, and at "die" the thread ends.
 * Each that is let go puts a letter into the file `released`.
 * So what is ours can be tried where onnxruntime cannot be had, and made to fail as it never would.
 */
export const fakeOnnx = (): { folder: string; packages: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-fake-onnx-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'model.onnx'), 'fake');
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
  const put = (name: string, code: string) => {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), code);
  };
  put(
    'onnxruntime-node',
    `exports.Tensor = class { constructor(_type, data, dims) { this.data = data; this.dims = dims; } };
exports.InferenceSession = { create: async () => ({
  inputNames: ['input_ids'],
  outputNames: ['sentence_embedding'],
  async run({ input_ids: { data } }) {
    if (data.some((id) => id === 0n)) process.exit(1);
    const vector = new Float32Array(16);
    for (const id of data) vector[Number(id) % 16] += 1;
    return { sentence_embedding: { data: vector, dims: [1, 16] } };
  },
  async release() { require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'released'))}, 'x'); },
}) };`,
  );
  put(
    '@huggingface/tokenizers',
    `exports.Tokenizer = class {
  encode(text) { return { ids: text.includes('die') ? [0] : [1, ...[...text].map((letter) => letter.codePointAt(0))] }; }
};`,
  );
  return { folder, packages: folder };
};
