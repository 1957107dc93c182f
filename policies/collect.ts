import { schemaAt } from '../intents/check-schema.ts';
import type { Intent } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { type JsonSchema, pointerPath } from '../intents/json.ts';
import type { Source } from '../intents/source.ts';
import { type Aggregate, createAggregate } from './aggregates.ts';
import { allOf, partsOf, type RuleWorld, type Subject } from './compile-rule.ts';
import { type PolicyDocument, toMs } from './document.ts';
import { rangeFault } from './networks.ts';
import { reader } from './read.ts';
import type { Mask, Rate } from './types.ts';

/** A policy file whose shape is right, with the places of everything in it. */
export interface Written {
  readonly value: PolicyDocument;
  readonly source: Source;
}
/** @param on whether the key or the value at the path is meant */
export type Tell = (
  severity: Finding['severity'],
  source: Source,
  path: readonly PropertyKey[],
  code: string,
  message: string,
  on?: 'key' | 'value',
) => void;

/** Everything that has a name, shared by all files; what is compiled of it, and where capabilities and purposes stand. */
export interface Names extends RuleWorld {
  readonly purposes: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlyMap<string, ReadonlySet<string>>;
  /** Section, name and file of each thing that should be used somewhere. */
  readonly declared: readonly { readonly section: Section; readonly name: string; readonly source: Source }[];
}
type Section = 'subjects' | 'capabilities' | 'networks' | 'rates' | 'masks' | 'aggregates';

const builtinMasks: readonly Mask[] = ['drop', 'mask', 'mail-mask'];

/** Collects the names of all files, telling of whatever stands twice or stands for nothing. */
export const collectNames = (
  documents: readonly Written[],
  catalogue: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  tell: Tell,
): Names => {
  const byId = new Map(catalogue.map((intent) => [intent.id, intent]));
  const declared: { section: Section; name: string; source: Source }[] = [];
  const purposes = new Map<string, string>();
  const networks = new Map<string, readonly string[]>();
  const rates = new Map<string, Rate>();
  const masks = new Map<string, Mask>(builtinMasks.map((mask) => [String(mask), mask]));
  const capabilities = new Map<string, ReadonlySet<string>>();
  const sinks = new Map(catalogue.map(({ id, sinks: own }) => [id, own]));
  const levels = documents.flatMap(({ value }) => value.levels);
  const aggregates = new Map<string, Aggregate>();
  const subjects = new Map<string, Subject>();
  const world: RuleWorld = { networks, aggregates, sinks, subjects, rates, masks, levels, resolveRef };

  /** Each entry of a section of every file, after telling of the names that stand twice. */
  const each = <S extends Section>(
    section: S,
    visit: (name: string, value: PolicyDocument[S][string], at: Written) => void,
  ) => {
    const before = new Map<string, string>();
    for (const document of documents)
      for (const [name, value] of Object.entries(document.value[section])) {
        const first = before.get(name);
        if (first !== undefined)
          tell(
            'error',
            document.source,
            [section, name],
            'duplicate',
            `The ${singular[section]} "${name}" already stands at ${first}.`,
            'key',
          );
        else {
          before.set(name, placeOf(document.source, [section, name]));
          declared.push({ section, name, source: document.source });
        }
        visit(name, value as PolicyDocument[S][string], document);
      }
  };

  for (const { value, source } of documents)
    for (const [index, name] of value.purposes.entries()) {
      const at = ['purposes', index];
      const before = purposes.get(name);
      if (before === undefined) purposes.set(name, placeOf(source, at));
      else tell('error', source, at, 'duplicate', `The purpose "${name}" already stands at ${before}.`);
    }
  const withLevels = documents.filter(({ value }) => value.levels.length > 0);
  for (const { source } of withLevels.slice(1))
    tell(
      'error',
      source,
      ['levels'],
      'duplicate',
      'The levels already stand in another file: one order holds for all.',
      'key',
    );
  for (const { value, source } of withLevels)
    for (const [index, level] of value.levels.entries())
      if (value.levels.indexOf(level) < index)
        tell('error', source, ['levels', index], 'duplicate', `The level "${level}" stands twice.`);

  each('networks', (name, ranges, { source }) => {
    for (const [index, range] of ranges.entries()) {
      const fault = rangeFault(range);
      if (fault !== undefined) tell('error', source, ['networks', name, index], 'network', `${fault}.`);
    }
    networks.set(
      name,
      ranges.filter((range) => rangeFault(range) === undefined),
    );
  });
  each('rates', (name, { requests, per, of }) => rates.set(name, { name, requests, perMs: toMs(per), of }));
  each('masks', (name, { keepStart, keepEnd }, { source }) => {
    if (builtinMasks.includes(name as Mask))
      tell('error', source, ['masks', name], 'duplicate', `The mask "${name}" is there already.`, 'key');
    masks.set(name, { name, keepStart, keepEnd });
  });
  each('subjects', (name, { match }, { source }) => {
    const parts = partsOf(match, [], resolveRef, world, true, (fault) =>
      tell('error', source, ['subjects', name, 'match', ...fault.at], 'condition', fault.message, 'key'),
    );
    subjects.set(name, { holds: allOf(parts), reads: Object.keys(match) });
  });
  each('capabilities', (name, { intents, effect }, { source }) => {
    for (const [index, id] of intents.entries()) {
      const at = ['capabilities', name, 'intents', index];
      const intent = byId.get(id);
      if (intent === undefined)
        tell('error', source, at, 'intent', `There is no intent ${id}.${didYouMean(id, byId.keys())}`);
      else if (effect !== undefined && intent.effect !== effect)
        tell('error', source, at, 'effect', `${id} is ${intent.effect}, but the capability says ${effect}.`);
    }
    capabilities.set(name, new Set(intents));
  });
  for (const { value, source } of documents)
    for (const [id, paths] of Object.entries(value.sinks)) {
      const intent = byId.get(id);
      if (intent === undefined) {
        tell(
          'error',
          source,
          ['sinks', id],
          'intent',
          `There is no intent ${id}.${didYouMean(id, byId.keys())}`,
          'key',
        );
        continue;
      }
      for (const [index, path] of paths.entries())
        if (schemaAt(intent.input, pointerPath(path).slice(1), resolveRef) === undefined)
          tell('error', source, ['sinks', id, index], 'sinks', notThere(path, intent));
      sinks.set(id, [...new Set([...(sinks.get(id) ?? []), ...paths.map((path) => path.slice('/in'.length))])]);
    }
  each('aggregates', (name, { can, sum, per, window, when }, { source }) => {
    const at = ['aggregates', name];
    for (const [index, capability] of can.entries())
      if (!capabilities.has(capability))
        tell(
          'error',
          source,
          [...at, 'can', index],
          'capability',
          `There is no capability "${capability}".${didYouMean(capability, capabilities.keys())}`,
        );
    const counted = catalogue.filter(({ id }) => can.some((capability) => capabilities.get(capability)?.has(id)));
    for (const intent of counted) {
      const faulty = (path: string, where: readonly PropertyKey[], number: boolean) => {
        const schema = schemaAt(intent.input, pointerPath(path).slice(1), resolveRef);
        if (schema === undefined) tell('error', source, [...at, ...where], 'aggregate', notThere(path, intent));
        else if (number && !['number', 'integer'].includes(String(schema.type)))
          tell(
            'error',
            source,
            [...at, ...where],
            'aggregate',
            `${path} is no number in ${intent.id}, so it cannot be added up.`,
          );
      };
      if (sum !== undefined) faulty(sum, ['sum'], true);
      for (const [index, path] of per.entries()) if (path.startsWith('/in/')) faulty(path, ['per', index], false);
    }
    const parts = partsOf(when ?? {}, counted, resolveRef, { ...world, aggregates: new Map() }, false, (fault) =>
      tell('error', source, [...at, 'when', ...fault.at], 'condition', fault.message, 'key'),
    );
    if (parts.some(({ path }) => path === '/rep/band'))
      tell(
        'error',
        source,
        [...at, 'when', '/rep/band'],
        'reputation',
        'What is counted does not go by a band.',
        'key',
      );
    aggregates.set(
      name,
      createAggregate({
        name,
        counts: new Set(counted.map(({ id }) => id)),
        windowMs: toMs(window),
        amount: sum === undefined ? undefined : reader(sum, world),
        when: when === undefined ? undefined : allOf(parts),
        per: per.map((path) => reader(path, world)),
        reads: [...per, ...(sum === undefined ? [] : [sum]), ...Object.keys(when ?? {})],
      }),
    );
  });
  return { ...world, purposes, capabilities, declared };
};

const singular: Readonly<Record<Section, string>> = {
  subjects: 'subject',
  capabilities: 'capability',
  networks: 'network',
  rates: 'rate',
  masks: 'mask',
  aggregates: 'aggregate',
};

const notThere = (path: string, { id, input }: Intent): string => {
  const [, first = ''] = pointerPath(path);
  const inputs = Object.keys(input.properties ?? {});
  return `${path} is not in the input of ${id}.${inputs.includes(first) ? '' : didYouMean(first, inputs)}`;
};

/** `file:line:column` of what a path names. */
export const placeOf = (source: Source, path: readonly PropertyKey[]): string => {
  const { line, column } = source.at(path, 'key');
  return `${source.file}:${line}:${column}`;
};
