import { isObject, type JsonSchema } from '../json.ts';
import { kebab, nameWords, pathNouns } from './naming.ts';
import { cut } from './plain-text.ts';

interface Asked {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly group: string;
  readonly rest: string;
  /** Slots of the path, in its order. */
  readonly pathSlots: readonly string[];
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'show',
  HEAD: 'check',
  POST: 'create',
  PUT: 'set',
  PATCH: 'change',
  DELETE: 'delete',
};

/** Makes three ways of asking for an operation out of its own words, the last with a value for each path slot (three at most). */
export const utterances = ({ title, method, path, group, rest, pathSlots, properties }: Asked): string[] => {
  const summary = title.replace(/[[\]]/g, '').replace(/[.\s]+$/, '');
  const spoken = /^[A-Z][a-z]*(\s|$)/.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary;
  const named = nameWords(group, rest);
  const nouns = pathNouns(path).map((noun) => kebab(noun).replaceAll('-', ' '));
  const placed = `${verbs[method] ?? 'do'} ${nouns.slice(-3).join(' ')}`;
  const slots = pathSlots
    .slice(0, 3)
    .map((slot) => `${spokenName(slot)} [${slot}: ${sampleValue(slot, properties[slot])}]`);
  const short = cut(spoken, 300);
  const wanted = [
    short,
    named,
    ...(slots.length > 0 ? [`${short} for ${slots.join(' and ')}`] : nouns.length > 0 ? [placed] : []),
    `please ${named}`,
    `I want to ${named}`,
  ];
  return [...new Map(wanted.map((text) => [text.toLowerCase(), text])).values()].slice(0, 3);
};

export const spokenName = (slot: string): string => kebab(slot).replaceAll('-', ' ');

export const sampleValue = (slot: string, schema: JsonSchema | undefined): string => {
  const { examples, enum: options, type } = isObject(schema) ? schema : {};
  const given = [examples, options].flatMap((list) => (Array.isArray(list) ? list : []));
  for (const value of given)
    if (/^[^[\]\s][^[\]\n]{0,58}$/.test(String(value)) && typeof value !== 'object') return String(value).trim();
  return [type].flat().some((name) => name === 'integer' || name === 'number')
    ? '42'
    : `${kebab(slot, 40) || 'value'}-1`;
};
