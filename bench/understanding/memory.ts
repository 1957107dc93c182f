import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../../intents/catalogue.ts';
import type { Intent } from '../../intents/contract.ts';
import type { Row } from './clinc.ts';

// What does understanding add to the memory of one process? A process with 150 intents of CLINC150, 10 examples each,
// learned in a worker that has ended and asked for 10,000 texts, beside one that has read the same catalogue and no more.
// Both compile nothing anew, as the command line does, and both have a young generation of the size that V8 lets it grow to,
// as every process has that has served for some seconds: a gateway under typed calls alone comes to 61 to 67 MB of it.
// Otherwise most of what is measured would be how far it happened to have grown.

export interface Memory {
  /** What the system counts, MB, after everything unused was given back. */
  readonly rss: number;
  /** What the program holds, MB: objects and buffers. */
  readonly held: number;
}

const flags = ['--expose-gc', '--min-semi-space-size=32', '--max-semi-space-size=32'];
const self = fileURLToPath(import.meta.url);
const asked = 10_000;

/**
 * @param data the folder with CLINC150
 * @returns of a process that learned itself, and of the next, which took up what that one had learned
 */
export const memoryAdded = (data: string): { readonly learning: Memory; readonly takingUp: Memory } => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-memory-'));
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const run = (mode: string): Memory =>
    JSON.parse(execFileSync(process.execPath, [...flags, self, mode, data, folder], { encoding: 'utf8', env }));
  try {
    run('compiling');
    const plain = run('without');
    const beside = ({ rss, held }: Memory): Memory => ({ rss: rss - plain.rss, held: held - plain.held });
    return { learning: beside(run('with')), takingUp: beside(run('with')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const measured = (): Memory => {
  fillYoung();
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss: rss / 1e6, held: (heapUsed + arrayBuffers) / 1e6 };
};

/** Allocates more than the young generation holds, so that all of it is resident. */
const fillYoung = (): void => {
  const living: object[] = [];
  for (let at = 0; at < 5_000_000; at++) living[at % 1000] = { at, twice: 2 * at };
};

const catalogueOf = (rows: readonly { readonly text: string; readonly label: string }[]): Catalogue => {
  const byLabel = new Map<string, string[]>();
  for (const { text, label } of rows) byLabel.set(label, [...(byLabel.get(label) ?? []), text]);
  const intents = [...byLabel].map(
    ([label, texts]): Intent => ({
      name: `clinc.${label.replaceAll('_', '-')}`,
      version: '1.0.0',
      major: 1,
      id: `clinc.${label}@1`,
      title: label.replaceAll('_', ' '),
      description: '',
      effect: 'read',
      purposes: [],
      entity: undefined,
      examples: texts.map((text) => ({ text, input: {}, annotations: [] })),
      input: { type: 'object', properties: {}, additionalProperties: false },
      output: undefined,
      call: { kind: 'rest', backend: 'none', method: 'GET', path: '/' },
      undo: undefined,
      sinks: [],
      outputMode: 'report',
      source: { file: 'clinc', line: 1, column: 1 },
    }),
  );
  return { intents, library: { resolveRef: (schema: object) => schema } } as unknown as Catalogue;
};

const one = async (mode: string, data: string, folder: string): Promise<Memory> => {
  // Of what understanding imports, this is the rest of the gateway's as well.
  await import('zod');
  const { drawn, readClinc } = await import('./clinc.ts');
  const { train, val: texts } = readClinc(data);
  const catalogue = catalogueOf(drawn(train, 10, 0));
  if (mode === 'compiling') await import('../../gateway/understanding.ts');
  if (mode !== 'with') {
    const memory = measured();
    return catalogue.intents.length > 0 ? memory : { rss: 0, held: 0 };
  }
  const { understand } = await import('../../gateway/understanding.ts');
  const understood = await understand(catalogue, { resolve: { targets: {}, lines: {} } } as never, undefined, {
    folder,
    say: () => {},
  });
  const { signal } = new AbortController();
  for (let at = 0; at < asked; at++)
    for (const classifier of understood.classifiers)
      await classifier.classify((texts[at % texts.length] as Row)[0], 5, signal, []);
  const memory = measured();
  return understood.report.labels > 0 && catalogue.intents.length > 0 ? memory : { rss: 0, held: 0 };
};

const [, script, mode, data, folder] = process.argv;
if (script === self && mode !== undefined && data !== undefined && folder !== undefined)
  console.log(JSON.stringify(await one(mode, data, folder)));
