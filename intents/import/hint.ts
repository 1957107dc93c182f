import type { Effect } from '../contract.ts';
import { intentName, semver } from '../contract-document.ts';
import { parseExample } from '../example.ts';
import { isObject } from '../json.ts';
import type { DraftCall, DraftIntent, Lossy } from './draft.ts';
import { unique } from './naming.ts';
import { isBalanced, plainText } from './plain-text.ts';
import { sinksOf as sinksGuessed } from './rpc-naming.ts';

/** What the source of an operation says of its intent, and where it says it. */
export interface Hinted {
  /** `x-intent`, the arguments of `@intent`, the option `(ostiary.v1.intent)` as JSON; undefined for none. */
  readonly raw: unknown;
  readonly place: string;
  /** Where the operation itself stands. */
  readonly at: string;
  readonly note: (place: string, reason: string) => void;
  /** Names of intents so far, and all that hints give; grows. */
  readonly names: NamesTaken;
}

/** Names that are taken, and those that hints have claimed and not used yet. */
export interface NamesTaken {
  readonly taken: Set<string>;
  readonly claimed: Set<string>;
}

const known = 'name version title description effect purposes examples entity undo sinks'.split(' ');
const effects = { read: 'read', write: 'write', destructive: 'destructive' } as const;

/** Keeps the names that hints give from being taken by operations that have none. */
export const hintedNames = (hints: Iterable<unknown>): NamesTaken => {
  const claimed = new Set<string>();
  for (const hint of hints) if (isObject(hint) && isName(hint.name)) claimed.add(hint.name);
  return { taken: new Set(claimed), claimed };
};

/**
 * Puts what the source says of its intent over what was made of the operation, and gives the draft a name of its own.
 * A hint is for a draft that a person approves: it grants nothing, and what is wrong in it is left out and noted.
 */
export const applyHint = <Call extends DraftCall>(
  draft: DraftIntent<Call>,
  { raw, place, at, note, names }: Hinted,
): DraftIntent<Call> => {
  const hint = raw === undefined || raw === null ? {} : isObject(raw) ? raw : undefined;
  if (hint === undefined) note(place, 'the hint is left out: it must be an object');
  const said = hint ?? {};
  const left = (member: string, reason: string) => note(`${place}/${member}`, `"${member}" left out: ${reason}`);
  for (const member of Object.keys(said))
    if (!known.includes(member)) left(member.slice(0, 60), 'no hint has that name');
  const name = nameOf(said.name, draft.name, names, left);
  if (name !== draft.name && !isName(said.name)) note(at, `the name ${draft.name} is taken: this one is ${name}`);
  const effect = effectOf(said.effect, left) ?? draft.effect;
  const { sinks, slots } = sinksOf(said.sinks, draft, left);
  const purposes = textsOf(said.purposes).filter((purpose) => /^[a-z][a-z0-9-]*$/.test(purpose));
  if (purposes.length < textsOf(said.purposes).length) left('purposes', 'a purpose is named like fraud-review');
  if (said.entity !== undefined && said.entity !== '')
    left('entity', 'an import has no ontology; write it in when the ontology has it');
  const version = semver.safeParse(said.version);
  if (said.version !== undefined && said.version !== '' && !version.success)
    left('version', 'it is written like 2.1.0');
  const examples = textsOf(said.examples).filter((example) => isExample(example, slots, left));
  const undo = isName(said.undo) ? said.undo : undefined;
  if (said.undo !== undefined && said.undo !== '' && undo === undefined)
    left('undo', 'an intent is named like orders.refund');
  return {
    ...draft,
    name,
    group: name.split('.')[0] as string,
    ...(version.success ? { version: version.data } : {}),
    title: plainText(said.title, 160) || draft.title,
    description: plainText(said.description, 500) || draft.description,
    effect,
    sinks: effect === 'read' ? [] : (sinks ?? (draft.effect === 'read' ? sinksGuessed(draft.input) : draft.sinks)),
    examples: distinct([...examples, ...draft.examples]).slice(0, Math.max(3, examples.length)),
    ...(undo === undefined ? {} : { undo }),
    ...(purposes.length === 0 ? {} : { purposes }),
  };
};

/** Leaves out an `undo` that names no intent of the import: the loader would refuse it. */
export const undoneByKnown = <Call extends DraftCall>(
  intents: readonly DraftIntent<Call>[],
): { intents: DraftIntent<Call>[]; lossy: Lossy[] } => {
  const names = new Set(intents.map(({ name }) => name));
  const lossy: Lossy[] = [];
  return {
    lossy,
    intents: intents.map((intent) => {
      if (intent.undo === undefined || names.has(intent.undo)) return intent;
      const { undo, ...rest } = intent;
      lossy.push({ operation: intent.operation, place: intent.name, reason: `"undo" left out: there is no ${undo}` });
      return rest as DraftIntent<Call>;
    }),
  };
};

type Left = (member: string, reason: string) => void;

const isName = (name: unknown): name is string => intentName.safeParse(name).success;

const nameOf = (said: unknown, made: string, { taken, claimed }: NamesTaken, left: Left): string => {
  if (said === undefined || said === '') return unique(made, taken);
  if (!isName(said)) {
    left('name', 'an intent is named like orders.refund, in lower case');
    return unique(made, taken);
  }
  if (claimed.delete(said)) return said;
  const name = unique(said, taken);
  left('name', `${said} is taken: this one is ${name}`);
  return name;
};

const effectOf = (said: unknown, left: Left): Effect | undefined => {
  if (said === undefined || said === 'EFFECT_UNSPECIFIED') return undefined;
  const written = String(said)
    .toLowerCase()
    .replace(/^effect_/, '');
  const effect = Object.hasOwn(effects, written) ? effects[written as Effect] : undefined;
  if (effect === undefined) left('effect', 'it is read, write or destructive');
  return effect;
};

const sinksOf = (
  said: unknown,
  { input }: DraftIntent,
  left: Left,
): { sinks: readonly string[] | undefined; slots: ReadonlySet<string> } => {
  const slots = new Set(Object.keys(input.properties ?? {}));
  if (said === undefined) return { sinks: undefined, slots };
  const given = textsOf(said);
  const sinks = given.filter((sink) => sink.startsWith('/') && slots.has(sink.slice(1)));
  if (sinks.length < given.length) left('sinks', 'a sink is a pointer to a member of the input, like /order_id');
  return { sinks: sinks.length < given.length ? undefined : sinks, slots };
};

const isExample = (written: string, slots: ReadonlySet<string>, left: Left): boolean => {
  try {
    if (written.trim() === '' || written.length > 1000 || !isBalanced(written)) throw new Error('it is empty or long');
    for (const { slot } of parseExample(written).annotations)
      if (!slots.has(slot)) throw new Error(`"${slot}" is not a member of the input`);
    return true;
  } catch (error) {
    left('examples', `"${written.slice(0, 60)}": ${(error as Error).message}`);
    return false;
  }
};

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter(
    (item): item is string => typeof item === 'string',
  );

const distinct = (texts: readonly string[]): string[] => [
  ...new Map(texts.map((text) => [text.toLowerCase(), text])).values(),
];
