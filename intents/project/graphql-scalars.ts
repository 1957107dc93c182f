import type { JsonSchema } from '../json.ts';
import type { GraphqlScalar } from './graphql-model.ts';

interface Written {
  readonly description: string;
  /** Where its values are defined. */
  readonly url?: string;
}

/** Scalars beyond those of GraphQL itself. Values are validated by the contract, whatever their scalar says. */
export const ownScalars: Readonly<Partial<Record<GraphqlScalar, Written>>> = {
  JSON: { description: 'Any JSON: what has no type of its own.', url: 'https://www.rfc-editor.org/rfc/rfc8259' },
  Int64: {
    description: 'A whole number. One beyond 2^53 - 1 may come as a string of digits, and is not taken.',
  },
  DateTime: { description: 'Like 2026-11-23T10:00:00Z.', url: 'https://www.rfc-editor.org/rfc/rfc3339' },
  Date: { description: 'Like 2026-11-23.', url: 'https://www.rfc-editor.org/rfc/rfc3339' },
  Time: { description: 'Like 10:00:00Z.', url: 'https://www.rfc-editor.org/rfc/rfc3339' },
  Duration: { description: 'Like P1DT2H.', url: 'https://www.rfc-editor.org/rfc/rfc3339' },
  Email: { description: 'Like ada@example.org.', url: 'https://www.rfc-editor.org/rfc/rfc5321' },
  URI: { description: 'Like https://example.org/.', url: 'https://www.rfc-editor.org/rfc/rfc3986' },
  UUID: { description: 'Like 0192f0c4-5b7a-7c3e-8f21-3d5e8a9b7c10.', url: 'https://www.rfc-editor.org/rfc/rfc9562' },
  Base64: { description: 'Bytes.', url: 'https://www.rfc-editor.org/rfc/rfc4648' },
};

const formats: Readonly<Record<string, GraphqlScalar>> = {
  'date-time': 'DateTime',
  date: 'Date',
  time: 'Time',
  duration: 'Duration',
  email: 'Email',
  uri: 'URI',
  uuid: 'UUID',
  byte: 'Base64',
};
const least = -(2 ** 31);
const most = 2 ** 31 - 1;

/** The scalar of a schema of one kind. A whole number is an `Int` only where the contract keeps it within 32 bits. */
export const scalarOf = (schema: JsonSchema, kind: string): GraphqlScalar => {
  const { format = '', contentEncoding, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  switch (kind) {
    case 'boolean':
      return 'Boolean';
    case 'number':
      return 'Float';
    case 'integer': {
      const low = Number(minimum ?? exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
      const high = Number(maximum ?? exclusiveMaximum ?? Number.POSITIVE_INFINITY);
      return format === 'int32' || (low >= least && high <= most) ? 'Int' : 'Int64';
    }
    case 'string':
      if (contentEncoding === 'base64') return 'Base64';
      return Object.hasOwn(formats, format) ? (formats[format] as GraphqlScalar) : 'String';
    default:
      return 'JSON';
  }
};
