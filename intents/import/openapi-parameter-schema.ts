import { isObject, type JsonSchema } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { follow, kindOf, type OpenapiObject } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';
import { plainText } from './plain-text.ts';

/**
 * Reads the schema of a parameter, with the parameter's own words and example.
 * @throws Untranslatable where its values cannot be sent by name
 */
export const parameterSchema = (
  document: OpenapiObject,
  value: OpenapiObject,
  place: string,
  run: Conversion,
  where: 'path' | 'query' | 'header',
): JsonSchema => {
  const { schema: raw, style, explode, content } = value;
  if (content !== undefined) throw new Untranslatable(`${place}/content`, 'a parameter with "content" is not sent');
  const usual = where === 'query' ? 'form' : 'simple';
  if (style !== undefined && style !== usual)
    throw new Untranslatable(
      `${place}/style`,
      `style ${typeof style === 'string' ? JSON.stringify(style.slice(0, 40)) : kindOf(style)} is not sent, only "${usual}"`,
    );
  if (raw === undefined) run.lossy(place, 'the parameter has no schema: any value is taken');
  const shape = shapeOf(document, raw, place);
  if (shape === 'object' || (shape === 'array' && (where !== 'query' || explode === false)))
    throw new Untranslatable(
      place,
      `${shape === 'array' ? 'a list' : 'an object'} is not sent in ${where === 'query' ? 'one query parameter' : `the ${where}`}`,
    );
  if (value.allowReserved === true) run.lossy(`${place}/allowReserved`, 'reserved characters are sent percent-encoded');
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

/** What a value looks like on the wire, as far as the schema says. */
const shapeOf = (document: OpenapiObject, raw: unknown, place: string): 'object' | 'array' | 'scalar' => {
  if (!isObject(raw)) return 'scalar';
  const { value } = follow(document, raw, `${place}/schema`);
  const names = [value.type].flat();
  if (names.includes('object') || isObject(value.properties)) return 'object';
  return names.includes('array') || value.items !== undefined ? 'array' : 'scalar';
};

const exampleOf = ({ example, examples }: OpenapiObject): [string | number] | undefined => {
  const first: unknown = isObject(examples) ? Object.values(examples)[0] : undefined;
  const given = example ?? (isObject(first) ? first.value : undefined);
  return typeof given === 'number' || (typeof given === 'string' && given.length <= 100) ? [given] : undefined;
};
