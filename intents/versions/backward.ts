import type { Forward, Intent } from '../contract.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Input, isObject, type JsonSchema } from '../json.ts';
import { lostOn } from '../mapping/paths.ts';
import { leavesOf } from '../mapping/template.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { faultsOfFit } from './fits.ts';
import { type ForwardFault, fillTemplate } from './forward.ts';

/**
 * Compiles what turns an answer of this major into one that callers of an earlier one know. Members go by name unless
 * `answer` says otherwise; of a list, each item.
 * @returns undefined where the contract says nothing of their output: then they get that of this major
 */
export const compileBackward = (
  { output, answer = {} }: Forward,
  { resolveRef }: SchemaLibrary,
): ((answer: unknown) => unknown) | undefined => {
  if (output === undefined) return undefined;
  const { item, list } = itemOf(output, resolveRef);
  const named = Object.keys(item.properties ?? {}).filter((name) => !Object.hasOwn(answer, name));
  const one = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const made: Record<string, unknown> = {};
    for (const name of named) if (Object.hasOwn(value, name)) made[name] = value[name];
    for (const [name, template] of Object.entries(answer)) {
      const filled = fillTemplate(template, value as Input);
      if (filled !== undefined) made[name] = filled;
    }
    return made;
  };
  return list ? (value) => (Array.isArray(value) ? value.map(one) : value) : one;
};

/** Finds what cannot work (an error), and what callers of the earlier major may get otherwise than they know it (a warning). */
export const checkBackward = (
  { major, output, answer = {} }: Forward,
  intent: Intent,
  library: SchemaLibrary,
): ForwardFault[] => {
  if (output === undefined) return [];
  const { resolveRef } = library;
  const faults: ForwardFault[] = [];
  const wrong = (path: readonly string[], message: string, severity: ForwardFault['severity'] = 'error') =>
    faults.push({ severity, path, message });
  const now = itemOf(intent.output ?? {}, resolveRef);
  const then = itemOf(output, resolveRef);
  if (now.list !== then.list) {
    wrong(
      ['output'],
      `The output of major ${intent.major} ${now.list ? 'is a list' : 'is no list'}, and this ${then.list ? 'is one' : 'is none'}.`,
    );
    return faults;
  }
  const members = then.item.properties ?? {};
  const sure: string[] = [];
  for (const [name, schema] of Object.entries(members)) {
    const said = Object.hasOwn(answer, name);
    const byName = now.item.properties !== undefined && Object.hasOwn(now.item.properties, name);
    const template = said ? answer[name] : byName ? `$.${name}` : undefined;
    if (template === undefined) continue;
    const path = said ? ['answer', name] : ['output'];
    const lost = [...leavesOf(template)].flatMap(({ text }) => {
      const found = lostOn(now.item, text.split('.').slice(1), resolveRef, false);
      return found === undefined ? [] : [{ text, ...found }];
    });
    for (const { text, name: missing, known } of lost)
      wrong(path, `${text} refers to nothing in the output of major ${intent.major}.${didYouMean(missing, known)}`);
    if (lost.length > 0) continue;
    if (typeof template !== 'string' || !template.startsWith('$.')) {
      sure.push(name);
      const constant = [...leavesOf(template)].length === 0;
      if (constant && !library.validator(schema)(template))
        wrong(path, `This does not fit "${name}" in major ${major}.`);
      continue;
    }
    const steps = template.slice(2).split('.');
    const found = steps.reduce<JsonSchema | undefined>(
      (here, step) => here && resolveRef(here).properties?.[step],
      now.item,
    );
    if (steps.length === 1 && now.item.required?.includes(steps[0] ?? '')) sure.push(name);
    if (found !== undefined && faultsOfFit(found, library, schema, library, false).length > 0)
      wrong(
        path,
        `Some of what ${template} may be in major ${intent.major} does not fit "${name}" in major ${major}.`,
        'warning',
      );
  }
  for (const name of Object.keys(answer))
    if (!Object.hasOwn(members, name))
      wrong(
        ['answer', name],
        `"${name}" is not a property of the output of major ${major}.${didYouMean(name, Object.keys(members))}`,
      );
  for (const name of then.item.required ?? [])
    if (!sure.includes(name))
      wrong(
        ['answer'],
        `"${name}" is required in the output of major ${major}, and may not be there: fill it with a constant, or with what major ${intent.major} requires.`,
        'warning',
      );
  return faults;
};

const itemOf = (output: JsonSchema, resolveRef: SchemaLibrary['resolveRef']): { item: JsonSchema; list: boolean } => {
  const here = resolveRef(output);
  return here.type === 'array' && isObject(here.items)
    ? { item: resolveRef(here.items), list: true }
    : { item: here, list: false };
};
