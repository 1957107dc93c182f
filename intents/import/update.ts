import type { DraftIntent, Imported } from './draft.ts';
import { type Locked, type LockedOperation, lockOf } from './fingerprint.ts';

/** What a source says otherwise than when it was last approved. */
export interface Change {
  readonly operation: string;
  readonly intent: string;
  readonly kind: 'added' | 'changed' | 'removed' | 'restored';
  /** Members of the intent that the source would now have otherwise, and `schemas`. */
  readonly parts: readonly string[];
}

/**
 * Compares a source with what was last approved of it.
 * @param fresh imported just now, from the same source
 * @param names of all intents that there are: a new one takes none of them
 */
export const changesOf = (
  locked: Locked,
  fresh: Imported,
): { changes: Change[]; drafts: ReadonlyMap<string, DraftIntent>; lock: Locked } => {
  const drafts = withKnownNames(locked, fresh);
  const lock = lockOf({ ...fresh, intents: [...drafts.values()] });
  const changes: Change[] = [];
  for (const [operation, now] of Object.entries(lock.operations)) {
    const before = locked.operations[operation];
    const change = (kind: Change['kind'], parts: readonly string[]) =>
      changes.push({ operation, intent: now.intent, kind, parts });
    if (before === undefined || before.source === '') change('added', []);
    else if (before.source !== now.source) change('changed', changedParts(before, now));
    else if (before.disabled !== undefined) change('restored', []);
  }
  for (const [operation, { intent }] of Object.entries(locked.operations))
    if (lock.operations[operation] === undefined) changes.push({ operation, intent, kind: 'removed', parts: [] });
  return { changes, drafts, lock };
};

/** A name that an operation once had stays its own, whatever its neighbours are called now. */
const withKnownNames = (locked: Locked, fresh: Imported): ReadonlyMap<string, DraftIntent> => {
  const taken = new Set(Object.values(locked.operations).map(({ intent }) => intent));
  return new Map(
    fresh.intents.map((draft) => {
      const known = locked.operations[draft.operation];
      if (known !== undefined) return [draft.operation, { ...draft, name: known.intent }];
      let name = draft.name;
      for (let count = 2; taken.has(name); count++) name = `${draft.name}-${count}`;
      taken.add(name);
      return [draft.operation, { ...draft, name }];
    }),
  );
};

const changedParts = (before: LockedOperation, now: LockedOperation): string[] => {
  const names = [...new Set([...Object.keys(before.parts), ...Object.keys(now.parts)])];
  const parts = names.filter((name) => before.parts[name] !== now.parts[name]);
  return parts.length > 0 ? parts : ['schemas'];
};
