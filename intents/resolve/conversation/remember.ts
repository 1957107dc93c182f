import type { Intent, Provenance } from '../../contract.ts';
import { type Input, isObject, type Json, type JsonSchema, pointerPath } from '../../json.ts';
import { listedIn } from './listed.ts';
import { entityOf } from './reading.ts';
import { type Conversation, carried, type Mention, type PendingQuestion, type Turn } from './state.ts';

const mostMentions = 6;
const mostLists = 2;
const longestValue = 100;

/** What a turn leaves for the next one. */
export interface Leaves {
  /** The request that was understood; undefined where none was. */
  readonly turn: Turn | undefined;
  readonly intent: Intent | undefined;
  /** What the caller was shown of the answer. */
  readonly output: unknown;
  readonly pending: PendingQuestion | undefined;
}

/** The conversation after a turn: the last request stays until there is another, a question only until the next turn. */
export const remember = (before: Conversation, { turn, intent, output, pending }: Leaves): Conversation => {
  const last = turn ?? before.last;
  const spoken = turn === undefined || intent === undefined ? [] : mentionsOf(intent, turn, output);
  const older = spoken.length === 0 ? before.mentions : before.mentions.map((one) => ({ ...one, age: one.age + 1 }));
  const mentions = [
    ...spoken,
    ...older.filter(({ entity, value }) => !spoken.some((one) => one.entity === entity && one.value === value)),
  ];
  const list = intent === undefined ? undefined : listedIn(intent, output);
  const lists = before.listed ?? [];
  const listed =
    list === undefined ? lists : [list, ...lists.filter(({ entity }) => entity !== list.entity)].slice(0, mostLists);
  return {
    ...(last === undefined ? {} : { last }),
    mentions: mentions.slice(0, mostMentions),
    ...(listed.length === 0 ? {} : { listed }),
    ...(pending === undefined ? {} : { pending }),
  };
};

/** Identifiers of entities in what was asked and in what was shown, that of the intent's own entity first. */
const mentionsOf = (intent: Intent, { input, provenance }: Turn, output: unknown): Mention[] => {
  const asked = identifiersIn(intent.input, input).flatMap(({ name, ...named }): Mention[] => {
    const from = provenance[`/${name}`] ?? 'model';
    // What a model made up was not spoken of.
    return from === 'model' ? [] : [{ ...named, from: carried(from), age: 0 }];
  });
  const shown = identifiersIn(intent.output ?? {}, isObject(output) ? (output as Input) : {}).map(
    ({ entity, value }): Mention => ({ entity, value, from: 'backend', age: 0 }),
  );
  const own = ({ entity }: Mention) => (entity === intent.entity ? 0 : 1);
  return [...asked, ...shown.filter((one) => !asked.some(({ value }) => value === one.value))].sort(
    (a, b) => own(a) - own(b),
  );
};

const identifiersIn = ({ properties = {} }: JsonSchema, values: Input) =>
  Object.entries(properties).flatMap(([name, schema]) => {
    const entity = entityOf(schema);
    const value: Json | undefined = Object.hasOwn(values, name) ? values[name] : undefined;
    if (entity === undefined || typeof value !== 'string' || value.length > longestValue) return [];
    return [{ name, entity, value }];
  });

/**
 * What of an input is brought along: nothing that a default fills in again, and nothing secret.
 * @param secret paths of members that never leave this process
 */
export const broughtAlong = (
  input: Input,
  provenance: Readonly<Record<string, Provenance>>,
  secret: readonly (readonly string[])[],
): { input: Input; provenance: Record<string, Provenance> } => {
  let kept: Input = input;
  const origins: Record<string, Provenance> = {};
  for (const [pointer, from] of Object.entries(provenance)) {
    const path = pointerPath(pointer);
    if (from === 'default') kept = without(kept, path);
    else if (!secret.some((one) => one.every((name, index) => path[index] === name))) origins[pointer] = from;
  }
  for (const path of secret) kept = without(kept, path);
  return { input: kept, provenance: origins };
};

const without = (input: Input, [name = '', ...rest]: readonly string[]): Input => {
  if (!Object.hasOwn(input, name)) return input;
  const { [name]: own, ...others } = input;
  return rest.length > 0 && isObject(own)
    ? { ...others, [name]: without(own as Input, rest) }
    : rest.length > 0
      ? input
      : others;
};
