import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { toUnit } from './unit.ts';

export interface OnnxModelOptions {
  /** Holds `model.onnx` and `tokenizer.json`, and where the model has them the files sentence-transformers puts beside. */
  readonly folder: string;
  /** A folder whose `node_modules` holds the two peer packages. Default: ours, else the current one. */
  readonly packages?: string;
  /** Put before each text; some models want `query: `. */
  readonly prefix?: string;
  /** Longer texts are cut. Default: what the model was trained with, at most 256. */
  readonly maxTokens?: number;
}

/** A sentence encoder that runs where it is called; a call blocks its thread for some milliseconds. */
export interface OnnxModel {
  readonly dimensions: number;
  /** Which states make the vector: the mean over all pieces, or the first one. */
  readonly pooling: 'mean' | 'cls';
  /** Ids of the pieces, the special ones around them included, cut at `maxTokens`. */
  pieces(text: string): number[];
  /** @returns the vector of a sequence of ids, unit length */
  vectorOf(ids: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Loads a sentence encoder in the layout of sentence-transformers' ONNX export, such as all-MiniLM-L6-v2.
 * One text a run: an int8 model scales its activations over the whole batch, so a neighbour would change the vector.
 * @throws Error that says what to install, or what is wrong with the folder
 */
export const loadOnnxModel = async (options: OnnxModelOptions): Promise<OnnxModel> => {
  const { folder, prefix = '' } = options;
  const { ort, Tokenizer } = peers(options.packages);
  const definition = await readJson(folder, 'tokenizer.json');
  if (definition === undefined) throw new Error(`${folder} has no tokenizer.json`);
  const config = (await readJson(folder, 'tokenizer_config.json')) ?? {};
  const tokenizer = await named('tokenizer.json', async () => new Tokenizer(definition, config));
  const pooling = poolingOf((await readJson(folder, join('1_Pooling', 'config.json'))) ?? {});
  const maxTokens = options.maxTokens ?? (await trainedTokens(folder, config));
  const session = await named('model.onnx', () =>
    ort.InferenceSession.create(join(folder, 'model.onnx'), {
      // The sums of several threads differ from run to run, and a gateway has other work for its cores.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    }),
  );
  const output = outputNames.find((name) => session.outputNames.includes(name)) ?? session.outputNames[0] ?? '';
  const int64 = (values: BigInt64Array) => new ort.Tensor('int64', values, [1, values.length]);

  const vectorOf = async (ids: readonly number[]): Promise<Float32Array> => {
    const feeds: Record<string, unknown> = {};
    for (const name of session.inputNames) {
      if (name === 'input_ids') feeds[name] = int64(BigInt64Array.from(ids, BigInt));
      else if (name === 'attention_mask') feeds[name] = int64(new BigInt64Array(ids.length).fill(1n));
      else if (name === 'token_type_ids') feeds[name] = int64(new BigInt64Array(ids.length));
      else throw new Error(`model.onnx wants an input "${name}", which no sentence encoder we know has`);
    }
    const { data, dims } = (await session.run(feeds, [output]))[output] as OrtTensor;
    const vector = toUnit(pooled(data, dims, pooling));
    if (vector === undefined) throw new Error('the encoder gave no usable vector');
    return vector;
  };
  // A cut through the middle of [CLS] ... [SEP] would take the end mark away.
  const pieces = (text: string): number[] => {
    const { ids } = tokenizer.encode(prefix + text.slice(0, maxTokens * maxCharsAPiece).toWellFormed());
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1) as number];
  };

  const { length: dimensions } = await named('model.onnx', () => vectorOf(pieces('a')));
  return { dimensions, pooling, pieces, vectorOf, close: () => session.release() };
};

/** No language of the tokenizers we know averages more; it keeps 100 KB of text away from the tokenizer. */
const maxCharsAPiece = 16;
const outputNames = ['sentence_embedding', 'last_hidden_state', 'token_embeddings'];

interface OrtTensor {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}
interface Ort {
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      path: string,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: Record<string, unknown>, fetches: readonly string[]): Promise<Record<string, OrtTensor>>;
      release(): Promise<void>;
    }>;
  };
}
type TokenizerClass = new (definition: object, config: object) => { encode(text: string): { ids: number[] } };

const peerVersions = { 'onnxruntime-node': '1.30.0', '@huggingface/tokenizers': '0.2.0' };

const peers = (packages: string | undefined): { ort: Ort; Tokenizer: TokenizerClass } => {
  // Run by npx, our own folder is not where a project installs its packages.
  const places =
    packages === undefined ? [import.meta.url, join(process.cwd(), 'package.json')] : [join(packages, 'package.json')];
  const load = (name: keyof typeof peerVersions): unknown => {
    for (const place of places)
      try {
        return createRequire(place)(name);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'MODULE_NOT_FOUND') throw new Error(`${name} cannot run on this machine: ${message}`);
      }
    const specs = Object.entries(peerVersions).map(([peer, version]) => `${peer}@${version}`);
    throw new Error(
      `the encoder needs the package ${name}, which is not installed in ${packages ?? process.cwd()}. ` +
        `Run: ONNXRUNTIME_NODE_INSTALL=skip npm install ${specs.join(' ')} ` +
        '(without "skip" its install script downloads GPU builds from nuget.org, and fails where that cannot be reached)',
    );
  };
  const ort = load('onnxruntime-node') as Ort;
  return { ort, ...(load('@huggingface/tokenizers') as { Tokenizer: TokenizerClass }) };
};

const readJson = async (folder: string, file: string): Promise<Record<string, unknown> | undefined> => {
  let text: string;
  try {
    text = await readFile(join(folder, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return named(file, async () => JSON.parse(text) as Record<string, unknown>);
};

/** Errors of the libraries, with the file they are about. */
const named = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${file} cannot be used: ${(error as Error).message}`, { cause: error });
  }
};

const poolingOf = (config: Record<string, unknown>): 'mean' | 'cls' => {
  const on = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  if (on.length === 0 || (on.length === 1 && on[0] === 'pooling_mode_mean_tokens')) return 'mean';
  if (on.length === 1 && on[0] === 'pooling_mode_cls_token') return 'cls';
  throw new Error(`1_Pooling/config.json asks for ${on.join(' and ')}; only the mean and the first token are known`);
};

const trainedTokens = async (folder: string, config: Record<string, unknown>): Promise<number> => {
  const said = (await readJson(folder, 'sentence_bert_config.json'))?.max_seq_length ?? config.model_max_length;
  return typeof said === 'number' && said >= 2 ? Math.min(said, 256) : 256;
};

/** @param dims [1, tokens, dimensions], or [1, dimensions] where the model pools by itself */
const pooled = (data: ArrayLike<number>, dims: readonly number[], pooling: 'mean' | 'cls'): ArrayLike<number> => {
  const width = dims.at(-1) ?? 0;
  if (width === 0 || dims[0] !== 1 || dims.length > 3) throw new Error(`an output of shape [${dims}] is no sentence`);
  if (dims.length === 2) return data;
  const sum = new Float64Array(width);
  const rows = pooling === 'cls' ? 1 : data.length / width;
  for (let at = 0; at < rows * width; at++) sum[at % width] = (sum[at % width] as number) + (data[at] as number);
  return sum;
};
