import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Encoder } from '../../intents/ports.ts';
import type { OnnxModelOptions } from './onnx-model.ts';
import type { Ask, Told } from './onnx-worker.ts';

export interface OnnxEncoderOptions extends OnnxModelOptions {
  /** At most so many calls wait for their turn. Default 256. */
  readonly maxWaiting?: number;
}

interface Job {
  readonly texts: readonly string[];
  readonly vectors: Float32Array[];
  stopped: boolean;
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: Error) => void;
}

/** So many times a thread that died is replaced; each thousand texts that were encoded give one time back. */
const mostRestarts = 5;
const textsARestart = 1_000;

/**
 * A sentence encoder in this process, through onnxruntime. It runs in a worker, for a run blocks its thread, and takes
 * calls in turn, a text of each, so that a request does not wait for the texts of a whole catalogue. Where the thread
 * dies, the call whose text it was at fails, the others wait for the next thread.
 * @throws Error (rejects) that says what to install, or what is wrong with the folder
 */
export const onnxEncoder = async (options: OnnxEncoderOptions): Promise<Encoder> => {
  const { folder, packages, prefix = '', maxTokens, maxWaiting = 256 } = options;
  const model: OnnxModelOptions = {
    folder,
    prefix,
    ...(packages !== undefined && { packages }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
  const files = ['model.onnx', 'tokenizer.json'];
  const contents = await contentsOf(folder, files);
  let thread = begin(model);
  const { dimensions, pooling } = await thread.ready;

  const jobs: Job[] = [];
  let current: Job | undefined;
  let fault: string | undefined;
  let restarts = 0;
  let encoded = 0;
  /** While a thread is being replaced, calls wait. */
  let idle = true;
  const next = () => {
    current = jobs.shift();
    idle = current === undefined;
    // An idle encoder keeps no process alive.
    if (current === undefined) return thread.worker.unref();
    thread.worker.ref();
    thread.worker.postMessage(current.texts[current.vectors.length] as string satisfies Ask);
  };
  const hear = (told: Told) => {
    const job = current as Job;
    if ('vector' in told) {
      if (++encoded % textsARestart === 0) restarts = Math.max(0, restarts - 1);
      job.vectors.push(told.vector);
      if (job.vectors.length === job.texts.length) job.resolve(job.vectors);
      else if (!job.stopped) jobs.push(job);
    } else if ('failed' in told) job.reject(new Error(told.failed));
    next();
  };
  const end = (why: string) => {
    fault ??= why;
    for (const { reject } of current === undefined ? jobs : [current, ...jobs]) reject(new Error(fault));
    jobs.length = 0;
  };
  const replace = async () => {
    if (fault !== undefined) return;
    current?.reject(new Error('the encoder has stopped at this text'));
    current = undefined;
    idle = false;
    if (++restarts > mostRestarts) return end('the encoder keeps stopping');
    try {
      if ((await contentsOf(folder, files)) !== contents) return end('the files of the encoder have changed');
      if (fault !== undefined) return;
      thread = begin(model);
      await thread.ready;
    } catch (error) {
      return end((error as Error).message);
    }
    watch();
    if (fault === undefined) next();
  };
  const watch = () => {
    const { worker, gone } = thread;
    worker.on('message', hear);
    worker.on('error', () => {});
    worker.unref();
    void gone.then(replace);
  };
  watch();

  return {
    id: `onnx:${contents}:${pooling}${prefix && `:${prefix}`}${maxTokens === undefined ? '' : `:${maxTokens}`}`,
    dimensions,
    async encode(texts, signal) {
      if (fault !== undefined) throw new Error(fault);
      signal.throwIfAborted();
      if (texts.length === 0) return [];
      if (jobs.length >= maxWaiting) throw new Error('the encoder is busy');
      let stop = () => {};
      try {
        return await new Promise((resolve, reject) => {
          const job: Job = { texts, vectors: [], stopped: false, resolve, reject };
          stop = () => {
            // What is being computed cannot be stopped; the rest is not begun.
            job.stopped = true;
            const at = jobs.indexOf(job);
            if (at >= 0) jobs.splice(at, 1);
            reject(signal.reason);
          };
          signal.addEventListener('abort', stop, { once: true });
          jobs.push(job);
          if (idle) next();
        });
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    async close() {
      end('the encoder is closed');
      const { worker, ready, gone } = thread;
      // One that is only starting would not hear it.
      await ready.catch(() => {});
      // Whoever waits for the end must live to see it.
      worker.ref();
      worker.postMessage(null satisfies Ask);
      await gone;
    },
  };
};

/** Starts a thread with the model in it. */
const begin = (model: OnnxModelOptions) => {
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData: model });
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return { worker, gone, ready: ready(worker) };
};

const ready = (worker: Worker): Promise<{ dimensions: number; pooling: string }> =>
  new Promise((resolve, reject) => {
    worker.once('message', (told: Told) => {
      if ('ready' in told) resolve(told.ready);
      else reject(new Error('failed' in told ? told.failed : 'the encoder did not start'));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the encoder did not start')));
  });

/** @returns the start of the SHA-256 over the files: what was learned with other bytes is not to be used with these */
const contentsOf = async (folder: string, files: readonly string[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      for await (const chunk of createReadStream(join(folder, file))) hash.update(chunk as Buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`${folder} has no ${file}`);
      throw error;
    }
  }
  return hash.digest('hex').slice(0, 16);
};
