import { isObject, type JsonSchema } from '../json.ts';
import type { OpenapiObject } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';
import { plainText } from './plain-text.ts';

/** Reads the schema of a parameter, with the parameter's own words and example. */
export const parameterSchema = (value: OpenapiObject, place: string, run: Conversion): JsonSchema => {
  const { schema: raw } = value;
  if (raw === undefined) run.lossy(place, 'the parameter has no schema: any value is taken');
  if (value['x-multi-segment'] === true)
    run.lossy(`${place}/x-multi-segment`, '"/" in the value is sent percent-encoded, as one path segment');
  const schema = raw === undefined ? {} : convertSchema(raw, `${place}/schema`, run);
  const description = plainText(value.description, 400);
  const examples = exampleOf(value);
  // Assigned, not copied: a reference gets its name later.
  return Object.assign(schema, {
    ...(description === '' ? {} : { description: [description, schema.description ?? ''].join(' ').trim() }),
    ...(examples === undefined ? {} : { examples }),
  });
};

const exampleOf = ({ example, examples }: OpenapiObject): [string | number] | undefined => {
  const first: unknown = isObject(examples) ? Object.values(examples)[0] : undefined;
  const given = example ?? (isObject(first) ? first.value : undefined);
  return typeof given === 'number' || (typeof given === 'string' && given.length <= 100) ? [given] : undefined;
};
