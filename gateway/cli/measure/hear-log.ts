import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isObject } from '../../../intents/json.ts';
import type { Heard } from '../../../intents/resolve/measure/worth-adding.ts';
import type { StoredEntry } from '../../../policies/ports.ts';
import type { Setup } from '../../setup.ts';

const perRead = 5_000;

/** Reads the whole audit log of a set-up. @returns undefined where nothing was ever recorded */
export const hearLog = async ({ config, folder }: Setup): Promise<Heard[] | undefined> => {
  const { url } = config.store;
  // Opening a store makes one: looking for suggestions must not.
  if (
    url.startsWith('file:') &&
    !existsSync(fileURLToPath(new URL(url.slice('file:'.length), pathToFileURL(`${folder}/`))))
  )
    return undefined;
  const { openStore } = await import('../../wire-stores.ts');
  const store = await openStore({ config, folder });
  try {
    const heard: Heard[] = [];
    for (let after = 0; ; ) {
      const entries = await store.audit.read(after, perRead);
      for (const entry of entries) heard.push(...toHeard(entry));
      const last = entries.at(-1)?.sequence;
      if (last === undefined) return heard;
      after = last;
    }
  } finally {
    await store.close();
  }
};

const kinds: Readonly<Record<string, Heard['kind']>> = { ask: 'words', typed: 'typed', confirmation: 'answer' };

/** @returns nothing for an entry that is no outcome of a request, or not by anybody */
export const toHeard = ({ body }: Pick<StoredEntry, 'body'>): Heard[] => {
  const entry: unknown = JSON.parse(body);
  if (!isObject(entry) || entry.kind !== 'outcome' || !isObject(entry.principal)) return [];
  const kind = kinds[String(entry.asked)];
  if (kind === undefined) return [];
  const { tenant, type, id } = entry.principal;
  const resolution = isObject(entry.resolution) ? entry.resolution : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return [
    {
      at: Date.parse(String(entry.at)),
      who: JSON.stringify([tenant, type, id]),
      kind,
      words: text(entry.words),
      intent: text(entry.intent)?.split('@')[0],
      outcome: String(entry.outcome),
      confidence: typeof resolution.confidence === 'number' ? resolution.confidence : undefined,
      tier: text(resolution.tier),
      confirmation: text(kind === 'answer' ? entry.answers : entry.confirmation),
    },
  ];
};
