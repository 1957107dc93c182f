import { stringify } from 'yaml';
import type { JsonSchema } from '../json.ts';
import type { DraftIntent } from './draft.ts';
import { schemaJson } from './schema-json.ts';

/** Writes one intent as a YAML document: in blocks what people edit, each schema as JSON on a line of its own. */
export const intentText = ({
  name,
  version,
  title,
  description,
  effect,
  undo,
  purposes,
  sinks,
  examples,
  input,
  output,
  call,
}: DraftIntent): string =>
  [
    stringify(
      {
        intent: name,
        version,
        title,
        ...(description === '' ? {} : { description }),
        effect,
        ...(undo === undefined ? {} : { undo }),
        ...(purposes === undefined ? {} : { purposes }),
        ...(effect === 'read' ? {} : { sinks }),
        examples,
      },
      { lineWidth: 120 },
    ),
    inputText(input),
    output === undefined ? '' : `output: ${schemaJson(output)}\n`,
    stringify({ call }, { lineWidth: 120 }),
  ].join('');

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
