import { stringify } from 'yaml';
import type { DraftIntent, Imported } from './draft.ts';
import { type EditableFile, editableFile, type IntentDocumentText } from './edit-documents.ts';
import { fingerprint, type Locked, type LockedOperation, reachedSchemas } from './fingerprint.ts';
import { intentParts, type PartName } from './intent-parts.ts';
import { schemaJson } from './schema-json.ts';
import { type Change, changesOf } from './update.ts';

/** Files of a set-up by their path, and what is known of them. */
export interface UpdateState {
  readonly locked: Locked;
  /** Files of intents. */
  readonly files: ReadonlyMap<string, string>;
  /** Files of shared schemas; the last takes new ones. */
  readonly schemaFiles: ReadonlyMap<string, string>;
  /** Where new ones go; left out, `intents`. */
  readonly intentFolder?: string;
}
export interface Shown {
  readonly changes: readonly (Change & { readonly absent: boolean })[];
  readonly state: UpdateState;
}
export interface Approved {
  readonly approved: readonly { readonly intent: string; readonly kept: readonly string[] }[];
  readonly refused: readonly { readonly intent: string; readonly reason: string }[];
  readonly keptSchemas: readonly string[];
  readonly state: UpdateState;
}

/**
 * Shows what a source says otherwise, and takes what it is about out of use until somebody approves it: it is disabled in
 * its file, and the file keeps what was approved before. What is new is written, disabled too.
 */
export const showUpdate = (state: UpdateState, fresh: Imported): Shown => {
  const { changes, drafts, lock } = changesOf(state.locked, fresh);
  const files = new Map([...state.files].map(([path, text]) => [path, editableFile(text)]));
  const find = finder(files);
  const operations: Record<string, LockedOperation> = { ...state.locked.operations };
  const shown = changes.map((change) => {
    const { operation, kind } = change;
    const before = operations[operation];
    const now = lock.operations[operation];
    const document = before === undefined ? undefined : find(before);
    if (kind === 'added' && before === undefined && now !== undefined) {
      const draft = drafts.get(operation) as DraftIntent;
      const disabled = 'new at the source';
      append(files, draft, disabled, state.intentFolder ?? 'intents');
      operations[operation] = { ...now, source: '', disabled, shown: now.source };
    } else if (before !== undefined && kind === 'restored') {
      if (document?.part('disabled') === line(before.disabled ?? '')) document.set('disabled', undefined);
      const { disabled: _, shown: __, ...rest } = before;
      operations[operation] = rest;
    } else if (before !== undefined) {
      const disabled =
        kind === 'added'
          ? (before.disabled ?? 'new at the source')
          : kind === 'removed'
            ? 'gone from the source'
            : `changed at the source: ${change.parts.join(', ')}`;
      const written = document?.part('disabled');
      // A person who disabled it had a reason of their own, and it stays.
      if (written === undefined || written === line(before.disabled ?? '')) document?.set('disabled', line(disabled));
      operations[operation] = { ...before, disabled, shown: now?.source ?? '' };
    }
    return { ...change, absent: before !== undefined && document === undefined };
  });
  const texts = new Map([...files].map(([path, file]) => [path, file.text]));
  return { changes: shown, state: { ...state, locked: { ...state.locked, operations }, files: texts } };
};

/**
 * Takes over what was shown of some intents, or of all. A member that a person has written stays as it is.
 * @param ids names of intents, or what the source calls them; `all`
 */
export const approveUpdate = (state: UpdateState, fresh: Imported, ids: readonly string[]): Approved => {
  const { drafts, lock } = changesOf(state.locked, fresh);
  const files = new Map([...state.files].map(([path, text]) => [path, editableFile(text)]));
  const find = finder(files);
  const operations: Record<string, LockedOperation> = { ...state.locked.operations };
  const approved: { intent: string; kept: string[] }[] = [];
  const refused: { intent: string; reason: string }[] = [];
  const schemas = new Set<string>();
  const waiting = Object.entries(operations).filter(([, { disabled }]) => disabled !== undefined);
  for (const id of ids)
    if (id !== 'all' && !waiting.some(([operation, { intent }]) => id === operation || id === intent))
      refused.push({ intent: id, reason: 'nothing waits under that name' });
  for (const [operation, before] of waiting) {
    const { intent } = before;
    if (!ids.some((id) => id === 'all' || id === operation || id === intent)) continue;
    const now = lock.operations[operation];
    const draft = drafts.get(operation);
    const document = find(before);
    const wrong =
      now === undefined || draft === undefined
        ? 'it is gone from the source: delete it, or leave it disabled'
        : document === undefined
          ? 'it is not in the files any more'
          : before.shown !== now.source
            ? 'it has changed again since it was shown: run --update, and read it'
            : undefined;
    if (wrong !== undefined || now === undefined || draft === undefined || document === undefined) {
      refused.push({ intent, reason: wrong ?? '' });
      continue;
    }
    approved.push({ intent, kept: takeOver(document, before, draft) });
    if (document.part('disabled') === line(before.disabled ?? '')) document.set('disabled', undefined);
    operations[operation] = now;
    for (const name of reachedSchemas(draft, fresh.schemas)) schemas.add(name);
  }
  const { schemaFiles, locked, kept } = takeSchemas(state, fresh, schemas);
  return {
    approved,
    refused,
    keptSchemas: kept,
    state: {
      locked: { operations, schemas: locked },
      files: new Map([...files].map(([path, file]) => [path, file.text])),
      schemaFiles,
    },
  };
};

/** @returns members that a person has written, and that the source has otherwise now */
const takeOver = (document: IntentDocumentText, before: LockedOperation, draft: DraftIntent): string[] => {
  const kept: string[] = [];
  const fresh = intentParts(draft);
  for (const name of new Set([...(Object.keys(before.parts) as PartName[]), ...fresh.keys()])) {
    const text = fresh.get(name)?.trimEnd();
    const written = document.part(name);
    if (written === text || name === 'intent') continue;
    const untouched = (written === undefined ? undefined : fingerprint(written)) === before.parts[name];
    const moved = (text === undefined ? undefined : fingerprint(text)) !== before.parts[name];
    if (untouched) document.set(name, text);
    else if (moved) kept.push(name);
  }
  return kept;
};

const takeSchemas = (
  { locked, schemaFiles }: UpdateState,
  fresh: Imported,
  wanted: ReadonlySet<string>,
): { schemaFiles: ReadonlyMap<string, string>; locked: Record<string, string>; kept: string[] } => {
  const files = new Map(
    [...schemaFiles].map(([path, text]) => [path, (JSON.parse(text) as { schemas: Record<string, unknown> }).schemas]),
  );
  const hashes = { ...locked.schemas };
  const kept: string[] = [];
  const changed = new Set<string>();
  for (const name of wanted) {
    const schema = fresh.schemas[name];
    const [path, home] = [...files].find(([, schemas]) => Object.hasOwn(schemas, name)) ??
      [...files].at(-1) ?? ['schemas.json', {}];
    const now = fingerprint(JSON.stringify(schema));
    const written = Object.hasOwn(home, name) ? fingerprint(JSON.stringify(home[name])) : undefined;
    if (written === now) hashes[name] = now;
    else if (written === hashes[name]) {
      home[name] = schema;
      files.set(path, home);
      changed.add(path);
      hashes[name] = now;
    } else if (hashes[name] !== now) kept.push(name);
  }
  const texts = new Map(schemaFiles);
  for (const path of changed) texts.set(path, schemasText(files.get(path) ?? {}));
  return { schemaFiles: texts, locked: hashes, kept };
};

const schemasText = (schemas: Readonly<Record<string, unknown>>): string =>
  `{ "schemas": {\n${Object.entries(schemas)
    .map(([name, schema]) => `${JSON.stringify(name)}: ${schemaJson(schema)}`)
    .join(',\n')}\n} }\n`;

const append = (files: Map<string, EditableFile>, draft: DraftIntent, disabled: string, folder: string): void => {
  const path = `${folder}/${draft.group}.yaml`;
  const file = files.get(path) ?? editableFile('');
  const parts = [...intentParts(draft)];
  const at = parts.findIndex(([name]) => name === 'version') + 1;
  file.append(
    [
      ...parts.slice(0, at).map(([, text]) => text),
      `${line(disabled)}\n`,
      ...parts.slice(at).map(([, text]) => text),
    ].join(''),
  );
  files.set(path, file);
};

/** By its name, else by the call that was written for it: a person may have given it a better name. */
const finder = (files: ReadonlyMap<string, EditableFile>) => {
  const all = [...files.values()].flatMap(({ documents }) => documents);
  const byName = new Map(all.map((document) => [document.name, document]));
  let byCall: ReadonlyMap<string, IntentDocumentText> | undefined;
  return ({ intent, parts }: LockedOperation): IntentDocumentText | undefined => {
    byCall ??= new Map(all.map((document) => [fingerprint(document.part('call') ?? ''), document]));
    return byName.get(intent) ?? byCall.get(parts.call ?? '');
  };
};

const line = (disabled: string): string => stringify({ disabled }, { lineWidth: 0 }).trimEnd();
