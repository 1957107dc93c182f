import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { IntentDocument } from './contract-document.ts';
import type { JsonSchema } from './json.ts';
import type { Source } from './source.ts';

type Call = IntentDocument['call'];
export interface IntentDefinition {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  readonly effect: IntentDocument['effect'];
  readonly purposes?: readonly string[];
  readonly entity?: string;
  readonly sinks?: readonly string[];
  readonly examples?: readonly (string | { ask: string; input?: Record<string, unknown> })[];
  readonly undo?: string;
  readonly idempotent?: boolean;
  readonly check?: IntentDocument['check'];
  readonly outputMode?: IntentDocument['output_mode'];
  /** A zod object, or JSON Schema 2020-12 as it would stand in YAML. */
  readonly input: z.ZodObject | JsonSchema;
  readonly output?: z.ZodType | JsonSchema;
  readonly call: Call;
}

const brand = Symbol.for('ostiary.intent');

/** A contract written in code, not yet checked: the loader treats it like a YAML document. */
export interface DefinedIntent extends Source {
  readonly [brand]: true;
}

/**
 * Writes a contract in code. What is wrong with it is said when the catalogue loads, with the line of this call.
 * @example export const refund = defineIntent({ name: 'orders.refund', version: '2.1.0', input: z.object({ order_id: z.string() }), … })
 * @throws Error where a zod type has no JSON Schema (a transform, a function)
 */
export const defineIntent = ({ name, outputMode, input, output, ...rest }: IntentDefinition): DefinedIntent => {
  const place = callSite();
  const value = {
    ...rest,
    intent: name,
    ...(outputMode === undefined ? {} : { output_mode: outputMode }),
    input: toSchema(input, 'input'),
    ...(output === undefined ? {} : { output: toSchema(output, 'output') }),
  };
  return {
    [brand]: true,
    file: place.file,
    text: JSON.stringify(value),
    value,
    at: () => ({ line: place.line, column: place.column }),
  };
};

export const isDefinedIntent = (value: unknown): value is DefinedIntent =>
  typeof value === 'object' && value !== null && brand in value;

const toSchema = (type: z.ZodType | JsonSchema, io: 'input' | 'output'): JsonSchema => {
  if (!(type instanceof z.ZodType)) return type;
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, { io, target: 'draft-2020-12' }) as JsonSchema;
  return schema;
};

/** File, line and column of whoever called `defineIntent`. */
const callSite = (): { file: string; line: number; column: number } => {
  const frame = (new Error().stack ?? '').split('\n')[3] ?? '';
  const match = /\(?(file:\/\/[^)]+|\/[^)]+):(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return { file: 'code', line: 1, column: 1 };
  const [, url = '', line, column] = match;
  return { file: url.startsWith('file://') ? fileURLToPath(url) : url, line: Number(line), column: Number(column) };
};
