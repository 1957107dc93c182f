import { stringify } from 'yaml';
import type { JsonSchema } from '../json.ts';
import type { DraftIntent } from './draft.ts';
import { schemaJson } from './schema-json.ts';

/** Top-level members of an intent document, in the order they are written. */
export const partNames = [
  'intent',
  'version',
  'disabled',
  'title',
  'description',
  'effect',
  'undo',
  'entity',
  'purposes',
  'sinks',
  'examples',
  'input',
  'output',
  'output_mode',
  'call',
] as const;
export type PartName = (typeof partNames)[number];

/** One intent as the texts of its members: in blocks what people edit, each schema as JSON on a line of its own. */
export const intentParts = (draft: DraftIntent): ReadonlyMap<PartName, string> => {
  const { name, version, title, description, effect, undo, purposes, sinks, examples, input, output, call } = draft;
  const blocks = {
    intent: name,
    version,
    title,
    ...(description === '' ? {} : { description }),
    effect,
    ...(undo === undefined ? {} : { undo }),
    ...(purposes === undefined ? {} : { purposes }),
    ...(effect === 'read' ? {} : { sinks }),
    examples,
  };
  return new Map<PartName, string>([
    ...Object.entries(blocks).map(
      ([key, value]) => [key as PartName, stringify({ [key]: value }, { lineWidth: 120 })] as const,
    ),
    ['input', inputText(input)],
    ...(output === undefined ? [] : [['output', `output: ${schemaJson(output)}\n`] as const]),
    ['call', stringify({ call }, { lineWidth: 120 })],
  ]);
};

const inputText = ({ type, required = [], properties = {}, ...rest }: JsonSchema): string => {
  const members = Object.entries(properties).map(([name, schema]) => `    ${word(name)}: ${schemaJson(schema)}\n`);
  return [
    `input:\n  type: ${type}\n`,
    required.length === 0 ? '' : `  required: [${required.map(word).join(', ')}]\n`,
    members.length === 0 ? '  properties: {}\n' : `  properties:\n${members.join('')}`,
    ...Object.entries(rest).map(([keyword, value]) => `  ${keyword}: ${schemaJson(value)}\n`),
  ].join('');
};

/** A slot as YAML writes it: quoted only where plain it would be no string. */
const word = (slot: string): string =>
  /^[A-Za-z_][\w-]*$/.test(slot) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(slot) ? slot : JSON.stringify(slot);
