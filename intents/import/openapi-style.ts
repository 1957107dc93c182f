import type { RestStyle } from '../contract.ts';
import { isObject, pointerSegment } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { follow, kindOf, type OpenapiObject } from './openapi-document.ts';
import type { Conversion } from './openapi-schema.ts';

type Where = 'path' | 'query' | 'header' | 'cookie' | 'form';

const styles = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
  form: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
} as const;

/**
 * Reads how a parameter, or a member of a form, is written (OpenAPI 3.1.1, section 4.8.12.2).
 * @param value with `schema`, `style`, `explode`, `allowReserved`
 * @returns undefined where it is written as a value without a style is
 * @throws Untranslatable where its values cannot be written
 */
export const parameterStyle = (
  document: OpenapiObject,
  value: OpenapiObject,
  place: string,
  run: Conversion,
  where: Where,
): RestStyle | undefined => {
  const { schema: raw, style: written, explode, content } = value;
  if (content !== undefined) throw new Untranslatable(`${place}/content`, 'a parameter with "content" is not sent');
  const style = written ?? styles[where][0];
  const known: readonly unknown[] = styles[where];
  if (!known.includes(style))
    throw new Untranslatable(
      `${place}/style`,
      `style ${typeof style === 'string' ? JSON.stringify(style.slice(0, 40)) : kindOf(style)} is not one of ${where === 'form' ? 'a form' : `a ${where}`}`,
    );
  const shape = shapeOf(document, raw, place);
  if (shape.kind === 'list' && shape.nested)
    throw new Untranslatable(
      place,
      `a list of lists or objects is not sent in ${where === 'form' ? 'a form' : `the ${where}`}`,
    );
  if (shape.kind === 'object' && shape.nested) run.lossy(place, 'a member that is a list or an object cannot be sent');
  const exploded = explode === undefined ? style === 'form' || style === 'deepObject' : explode === true;
  if (where === 'cookie') {
    if (shape.kind !== 'scalar' && exploded)
      throw new Untranslatable(
        place,
        `${shape.kind === 'list' ? 'a list' : 'an object'} is sent in a cookie only with "explode: false"`,
      );
    return undefined;
  }
  if (style === 'deepObject' && shape.kind !== 'object')
    throw new Untranslatable(
      `${place}/style`,
      `style "deepObject" is for objects, not for ${shape.kind === 'list' ? 'a list' : 'a scalar'}`,
    );
  const reserved = (where === 'query' || where === 'form') && value.allowReserved === true;
  if (value.allowReserved === true && !reserved)
    run.lossy(`${place}/allowReserved`, 'reserved characters are sent percent-encoded');
  const marked = style === 'label' || style === 'matrix';
  const usual = shape.kind === 'scalar' ? !marked : shape.kind === 'list' && style === 'form' && exploded;
  if (usual && !reserved) return undefined;
  return {
    style: style as NonNullable<RestStyle['style']>,
    ...(shape.kind === 'scalar' ? {} : { explode: exploded }),
    ...(reserved ? { allowReserved: true } : {}),
  };
};

/**
 * Finds the schema of a parameter that is sent as a text of JSON (`content`, OpenAPI 3.1.1, section 4.8.12.2.3): a list or an
 * object. A string as JSON would need its quotes, and is told from one without by nobody.
 */
export const jsonParameter = (
  document: OpenapiObject,
  { content }: OpenapiObject,
  place: string,
): { readonly raw: unknown; readonly place: string } | undefined => {
  if (!isObject(content)) return undefined;
  const [type = '', media] = Object.entries(content)[0] ?? [];
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type) || !isObject(media)) return undefined;
  const at = `${place}/content/${pointerSegment(type)}`;
  return kindOn(document, media.schema, at) === 'scalar' ? undefined : { raw: media.schema, place: at };
};

/** What a value looks like on the wire, as far as the schema says: `nested` where its items, or its members, are no scalars. */
const shapeOf = (
  document: OpenapiObject,
  raw: unknown,
  place: string,
): { kind: 'object' | 'list' | 'scalar'; nested: boolean } => {
  const kind = kindOn(document, raw, place);
  if (kind === 'scalar') return { kind, nested: false };
  const { value } = follow(document, raw, `${place}/schema`);
  const inner = kind === 'list' ? [value.items] : isObject(value.properties) ? Object.values(value.properties) : [];
  return { kind, nested: inner.some((one) => kindOn(document, one, `${place}/schema`) !== 'scalar') };
};

const kindOn = (document: OpenapiObject, raw: unknown, place: string): 'object' | 'list' | 'scalar' => {
  if (!isObject(raw)) return 'scalar';
  const { value } = follow(document, raw, `${place}/schema`);
  const names = [value.type].flat();
  if (names.includes('object') || isObject(value.properties)) return 'object';
  return names.includes('array') || value.items !== undefined ? 'list' : 'scalar';
};
