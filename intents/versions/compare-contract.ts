import type { Binding, Effect, Intent } from '../contract.ts';
import { deprecationText } from '../project/deprecation-text.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import type { Change, Level } from './change.ts';
import { compareSchemas } from './compare-schema.ts';
import { sorted } from './part.ts';

export interface Side {
  readonly intent: Intent;
  readonly library: SchemaLibrary;
}

/**
 * Everything that one contract says otherwise than another, each with what it means for its callers, the policies that
 * rest on it and the doors that show it.
 */
export const compareContracts = (before: Side, after: Side): Change[] => {
  const [old, now] = [before.intent, after.intent];
  return [
    ...compareEffect(old.effect, now.effect),
    ...compareSchemas(schemaOf(before, 'input'), schemaOf(after, 'input'), 'input'),
    ...compareOutput(before, after),
    ...comparePurposes(old.purposes, now.purposes),
    ...lists('sinks', old.sinks, now.sinks, (sink, gone) => ({
      // Policies hold back what the words of a model decide; without the sink they do so no more.
      level: gone ? 'major' : 'minor',
      text: `${sink} is ${gone ? 'no sink any more' : 'a sink now'}`,
    })),
    ...comparePromises(old, now),
    ...compareFrom(old, now),
    ...compareCall(old.call, now.call),
    ...compareWords(old, now),
  ];
};

const schemaOf = ({ intent, library }: Side, part: 'input' | 'output') => ({ schema: intent[part] ?? {}, library });

const changed = (level: Level, member: string, text: string): Change => ({ level, path: [member], text });

/** The GraphQL door makes a mutation of what is no read, and an agent may do alone what is not destructive. */
const compareEffect = (was: Effect, is: Effect): Change[] =>
  was === is
    ? []
    : [
        changed(
          was === 'destructive' && is === 'write' ? 'minor' : 'major',
          'effect',
          `the effect is ${is}, and was ${was}`,
        ),
      ];

const compareOutput = (before: Side, after: Side): Change[] => {
  const [was, is] = [before.intent.output, after.intent.output];
  if (was === undefined && is === undefined) return [];
  // Without a schema everything goes out; with one, only what it lists.
  if (was === undefined)
    return [changed('major', 'output', 'the output has a schema now: what it does not list is left out')];
  if (is === undefined) return [changed('major', 'output', 'the output has no schema any more')];
  return compareSchemas(schemaOf(before, 'output'), schemaOf(after, 'output'), 'output');
};

const comparePurposes = (was: readonly string[], is: readonly string[]): Change[] => {
  if (was.length === 0 && is.length > 0)
    return [changed('major', 'purposes', `it may be asked for ${is.join(', ')} alone, and for anything before`)];
  if (is.length === 0 && was.length > 0) return [changed('minor', 'purposes', 'it may be asked for any purpose')];
  return lists('purposes', was, is, (purpose, gone) => ({
    level: gone ? 'major' : 'minor',
    text: `it may ${gone ? 'not be asked for' : 'be asked for'} ${purpose}${gone ? ' any more' : ''}`,
  }));
};

const lists = (
  member: string,
  was: readonly string[],
  is: readonly string[],
  tell: (one: string, gone: boolean) => { level: Level; text: string },
): Change[] => [
  ...was.filter((one) => !is.includes(one)).map((one) => ({ path: [member], ...tell(one, true) })),
  ...is.filter((one) => !was.includes(one)).map((one) => ({ path: [member], ...tell(one, false) })),
];

const strictness = { report: 0, drop: 1, strict: 2 } as const;

const comparePromises = (old: Intent, now: Intent): Change[] => {
  const changes: Change[] = [];
  if (old.idempotent !== now.idempotent)
    changes.push(
      now.idempotent
        ? changed('minor', 'idempotent', 'it may be sent again with its key')
        : changed('major', 'idempotent', 'it may not be sent again with its key any more'),
    );
  if (old.undo !== now.undo)
    changes.push(
      now.undo === undefined
        ? changed('major', 'undo', `it cannot be taken back by ${old.undo} any more`)
        : changed('minor', 'undo', `it is taken back by ${now.undo}`),
    );
  if (old.outputMode !== now.outputMode)
    changes.push(
      changed(
        strictness[now.outputMode] < strictness[old.outputMode] ? 'major' : 'minor',
        'output_mode',
        `an output that breaks its schema is dealt with by ${now.outputMode}, and was by ${old.outputMode}`,
      ),
    );
  if (sorted(old.check ?? null) !== sorted(now.check ?? null))
    changes.push(changed('patch', 'check', 'it is found out otherwise whether it was done'));
  if (old.entity !== now.entity)
    changes.push(
      changed('minor', 'entity', `it is about ${now.entity ?? 'no entity'}, and was about ${old.entity ?? 'none'}`),
    );
  return changes;
};

/** Who is served for an earlier major stays served, with what they send. */
const compareFrom = (old: Intent, now: Intent): Change[] => {
  const changes: Change[] = [];
  if (sorted(old.deprecated ?? null) !== sorted(now.deprecated ?? null))
    changes.push(
      now.deprecated === undefined
        ? changed('minor', 'deprecated', 'it is not deprecated any more')
        : changed('minor', 'deprecated', deprecationText(now.deprecated)),
    );
  for (const { major } of old.from ?? [])
    if (!now.from?.some((one) => one.major === major))
      changes.push(changed('major', 'from', `callers of major ${major} are not served any more`));
  for (const one of now.from ?? []) {
    const before = old.from?.find(({ major }) => major === one.major);
    if (before === undefined) changes.push(changed('minor', 'from', `callers of major ${one.major} are served by it`));
    else if (sorted(before) !== sorted(one))
      changes.push(changed('minor', 'from', `callers of major ${one.major} are served otherwise`));
  }
  return changes;
};

/** Whether another operation does the same nothing here can say; how the same one is called is nobody else's concern. */
const compareCall = (was: Binding, is: Binding): Change[] => {
  if (sorted(was) === sorted(is)) return [];
  const [from, to] = [operationOf(was), operationOf(is)];
  return [
    from === to
      ? changed('patch', 'call', `${to} is called otherwise`)
      : changed('minor', 'call', `it calls ${to}, and called ${from}`),
  ];
};

const operationOf = (call: Binding): string => {
  switch (call.kind) {
    case 'rest':
      return `${call.backend}: ${call.method} ${call.path}`;
    case 'graphql':
      return `${call.backend}: graphql`;
    case 'grpc':
      return `${call.backend}: ${call.service}/${call.method}`;
    case 'mcp':
      return `${call.backend}: tool ${call.tool}`;
  }
};

const compareWords = (old: Intent, now: Intent): Change[] => {
  const changes: Change[] = [];
  if (old.title !== now.title) changes.push(changed('patch', 'title', 'it has another title'));
  if (old.description !== now.description) changes.push(changed('patch', 'description', 'it has another description'));
  const texts = ({ examples }: Intent) => sorted(examples.map(({ text, input }) => [text, input]));
  if (texts(old) !== texts(now)) changes.push(changed('patch', 'examples', 'it has other examples'));
  return changes;
};
