import { createHash } from 'node:crypto';
import type { DraftIntent, Imported } from './draft.ts';
import { intentParts } from './intent-parts.ts';

/** What an import has written, so that a later one can tell a person's words from its own. */
export interface LockedOperation {
  /** Name of the intent. */
  readonly intent: string;
  /** Of what the source said when it was approved, shared schemas and all; '' where it never was. */
  readonly source: string;
  /** Member of the document -> its text as written. */
  readonly parts: Readonly<Record<string, string>>;
  /** Why it is disabled, where an import has disabled it. */
  readonly disabled?: string;
  /** Of what the source said when that was shown; '' where it said nothing any more. Approved is what was shown. */
  readonly shown?: string;
}
export interface Locked {
  /** By what the source calls it. */
  readonly operations: Readonly<Record<string, LockedOperation>>;
  readonly schemas: Readonly<Record<string, string>>;
}

/** 96 bits of SHA-256: no adversary gains by a collision that a person has to approve. */
export const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** Remembers what an import makes, before it is written. */
export const lockOf = (imported: Imported): Locked => {
  const closures = closuresOf(imported);
  return {
    operations: Object.fromEntries(
      imported.intents.map((draft) => [draft.operation, lockedOperation(draft, closures(draft))]),
    ),
    schemas: Object.fromEntries(
      Object.entries(imported.schemas).map(([name, schema]) => [name, fingerprint(JSON.stringify(schema))]),
    ),
  };
};

const lockedOperation = (draft: DraftIntent, schemas: string): LockedOperation => {
  const parts = [...intentParts(draft)].map(([name, text]) => [name, fingerprint(text.trimEnd())] as const);
  return {
    intent: draft.name,
    // Its name is ours: a new neighbour may move it, and then nothing has changed.
    source: fingerprint(JSON.stringify([parts.filter(([name]) => name !== 'intent'), schemas])),
    parts: Object.fromEntries(parts),
  };
};

/** Names of the shared schemas that an intent reaches. */
export const reachedSchemas = ({ input, output }: DraftIntent, schemas: Imported['schemas']): string[] => {
  const reached = new Set(referred([input, output]));
  // A Set visits what is added to it while it is walked.
  for (const name of reached) for (const next of referred(schemas[name] ?? {})) reached.add(next);
  return [...reached].sort();
};

const closuresOf = ({ schemas }: Imported) => {
  const own = new Map<string, { text: string; next: readonly string[] }>();
  const of = (name: string) => {
    let known = own.get(name);
    if (known === undefined) {
      const text = JSON.stringify(schemas[name] ?? {});
      known = { text: fingerprint(text), next: referredIn(text) };
      own.set(name, known);
    }
    return known;
  };
  return ({ input, output }: DraftIntent): string => {
    const reached = new Set(referred([input, output]));
    for (const name of reached) for (const next of of(name).next) reached.add(next);
    return [...reached]
      .sort()
      .map((name) => `${name} ${of(name).text}`)
      .join('\n');
  };
};

const referred = (schema: unknown): string[] => referredIn(JSON.stringify(schema) ?? '');
const referredIn = (text: string): string[] =>
  [...text.matchAll(/"\$ref":"schema:([\w.-]+)"/g)].map(([, name = '']) => name);
