import { isObject, type JsonSchema, pointerSegment } from '../json.ts';
import { type RestCall, Untranslatable } from './draft.ts';
import { unique } from './naming.ts';
import { follow, type OpenapiObject, type Operation } from './openapi-document.ts';
import { type FlatBody, flatten, membersOf } from './openapi-members.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';
import { parameterStyle } from './openapi-style.ts';

/** A request body: its members one by one, or the whole as one slot; and how it is written, where that is not as JSON. */
export type Body = Pick<RestCall, 'body_as' | 'body_type' | 'styles' | 'parts'> &
  (
    | FlatBody
    | { readonly kind: 'whole'; readonly slot: string; readonly schema: JsonSchema; readonly required: boolean }
  );

const isJson = (type: string): boolean => /^(application\/([\w.-]+\+)?json|\*\/\*|application\/\*)\s*(;|$)/i.test(type);

/** Picks the JSON media type of a `content` object, `application/json` before all others. */
export const jsonContent = (content: OpenapiObject): string | undefined =>
  Object.keys(content)
    .filter(isJson)
    .toSorted((a, b) => Number(!/^application\/json/i.test(a)) - Number(!/^application\/json/i.test(b)))[0];

/** Media types that are text, and can be a string. */
export const isText = (type: string): boolean =>
  /^(text\/|application\/([\w.-]+\+)?(xml|yaml)$|application\/(javascript|toml|sql)$)/i.test(type);

/** A media type without parameters, where it is one and no range. */
export const plainType = (written: string): string | undefined =>
  /^\s*([\w.+-]+\/[\w.+-]+)\s*(;|$)/.exec(written)?.[1]?.toLowerCase();

/**
 * Reads the request body of an operation: JSON where it can be, else a form, parts, text or bytes. A plain object gives its
 * members to the input, so that each can be asked for by name; what is composed or open stays one slot.
 * @param slots names taken in the input; grows
 * @throws Untranslatable where the body cannot be written
 */
export const readBody = (
  document: OpenapiObject,
  operation: Operation,
  run: Conversion,
  slots: Set<string>,
): Body | undefined => {
  if (operation.value.requestBody === undefined) return undefined;
  const { value: requestBody, place } = follow(document, operation.value.requestBody, `${operation.place}/requestBody`);
  const { content } = requestBody;
  if (!isObject(content)) throw new Untranslatable(`${place}/content`, 'a request body needs "content"');
  const named = Object.keys(content);
  const of = (wanted: string) => named.find((type) => plainType(type) === wanted);
  const form = of('application/x-www-form-urlencoded');
  const parts = of('multipart/form-data');
  const type =
    jsonContent(content) ?? form ?? parts ?? named.find(isText) ?? named.find((one) => plainType(one) !== undefined);
  if (type === undefined)
    throw new Untranslatable(place, `the request body is ${named.slice(0, 5).join(', ') || 'of no type'}`);
  if (operation.method === 'GET' || operation.method === 'HEAD')
    throw new Untranslatable(place, `a ${operation.method} is not sent with a body`);
  const contentPlace = `${place}/content/${pointerSegment(type)}`;
  const media = content[type];
  if (!isObject(media)) throw new Untranslatable(contentPlace, 'a media type must be an object');
  const body: MediaType = {
    document,
    media,
    place: contentPlace,
    bodyPlace: place,
    required: requestBody.required === true,
  };
  if (isJson(type)) {
    const plain = plainType(type);
    const usual = plain === undefined || plain === 'application/json';
    return { ...jsonBody(body, run, slots), ...(usual ? {} : { body_type: plain }) };
  }
  if (type === form || type === parts) return writtenBody(body, type === form ? 'form' : 'multipart', run, slots);
  return oneBody(plainType(type) ?? type, body, run, slots);
};

interface MediaType {
  readonly document: OpenapiObject;
  readonly media: OpenapiObject;
  readonly place: string;
  readonly bodyPlace: string;
  readonly required: boolean;
}

const jsonBody = (
  { document, media, place, bodyPlace, required }: MediaType,
  run: Conversion,
  slots: Set<string>,
): Body => {
  const members = media.schema === undefined ? undefined : membersOf(document, media.schema, `${place}/schema`, run);
  if (members === undefined) {
    const schema = media.schema === undefined ? {} : convertSchema(media.schema, `${place}/schema`, run);
    return { kind: 'whole', slot: slotOfWhole(slots), schema, required };
  }
  if (!required && members.required.size > 0)
    run.lossy(bodyPlace, 'the body may be left out, but its required members are required here');
  return flatten(members, run, slots);
};

/** A form, or parts: an object whose members have names. */
const writtenBody = (
  { document, media, place, bodyPlace, required }: MediaType,
  as: 'form' | 'multipart',
  run: Conversion,
  slots: Set<string>,
): Body => {
  const schemaPlace = `${place}/schema`;
  const members = membersOf(document, media.schema, schemaPlace, run);
  if (members === undefined)
    throw new Untranslatable(
      schemaPlace,
      `a body that is sent ${as === 'form' ? 'as a form' : 'in parts'} needs a schema that lists its members`,
    );
  if (!required && members.required.size > 0)
    run.lossy(bodyPlace, 'the body may be left out, but its required members are required here');
  const body = flatten(members, run, slots);
  const encoding = isObject(media.encoding) ? media.encoding : {};
  const encodingOf = (name: string): OpenapiObject => {
    const own = Object.hasOwn(encoding, name) ? encoding[name] : undefined;
    return isObject(own) ? own : {};
  };
  const rawOf = (name: string) => members.properties.get(name)?.raw;
  if (as === 'form') {
    const styles = body.members.flatMap(({ wireName }) => {
      const { style, explode, allowReserved } = encodingOf(wireName);
      if (style === undefined && explode === undefined && allowReserved === undefined) return [];
      const value = { schema: rawOf(wireName), style, explode, allowReserved };
      const found = parameterStyle(document, value, `${place}/encoding/${pointerSegment(wireName)}`, run, 'form');
      return found === undefined ? [] : [[wireName, found] as const];
    });
    return {
      ...body,
      body_as: 'form',
      ...(styles.length === 0 ? {} : { styles: { body: Object.fromEntries(styles) } }),
    };
  }
  const parts: [string, NonNullable<RestCall['parts']>[string]][] = [];
  const files = body.members.map((member) => {
    const { contentType } = encodingOf(member.wireName);
    const type = typeof contentType === 'string' ? plainType(contentType.split(',')[0] ?? '') : undefined;
    const file = isFile(document, rawOf(member.wireName), place);
    if (file || type !== undefined)
      parts.push([
        member.wireName,
        { ...(file ? { encoding: 'base64' } : {}), ...(type === undefined ? {} : { type }) },
      ]);
    return file ? { ...member, schema: asFile(member.schema) } : member;
  });
  return {
    ...body,
    members: files,
    body_as: 'multipart',
    ...(parts.length === 0 ? {} : { parts: Object.fromEntries(parts) }),
  };
};

/** Text, or bytes, as the one slot. */
const oneBody = (type: string, { media, place, required }: MediaType, run: Conversion, slots: Set<string>): Body => {
  const slot = slotOfWhole(slots);
  const { description } = isObject(media.schema) ? convertSchema(media.schema, `${place}/schema`, run) : {};
  const words = description === undefined ? {} : { description };
  if (isText(type))
    return {
      kind: 'whole',
      slot,
      schema: { type: 'string', ...words },
      required,
      body_as: 'text',
      ...(type === 'text/plain' ? {} : { body_type: type }),
    };
  return {
    kind: 'whole',
    slot,
    schema: asFile({ type: 'string', ...words }),
    required,
    body_as: 'base64',
    ...(type === 'application/octet-stream' ? {} : { body_type: type }),
  };
};

const slotOfWhole = (slots: Set<string>): string => unique(slots.has('body') ? 'request_body' : 'body', slots, '_');

/** Whether a part is a file, or a list of files: `format: binary` in OpenAPI 3.0; no type but a media type in 3.1. */
const isFile = (document: OpenapiObject, raw: unknown, place: string): boolean => {
  if (!isObject(raw)) return false;
  const { value } = follow(document, raw, `${place}/schema`);
  if (value.type === 'array' && isObject(value.items)) {
    const { value: item } = follow(document, value.items, `${place}/schema/items`);
    return isBinary(item);
  }
  return isBinary(value);
};

const isBinary = ({ type, format, contentMediaType, contentEncoding }: OpenapiObject): boolean =>
  (type === 'string' && format === 'binary') ||
  ((type === undefined || type === 'string') &&
    typeof contentMediaType === 'string' &&
    contentEncoding !== 'base64url');

/** Bytes are given in base64, whatever the schema says of text. */
const asFile = (schema: JsonSchema): JsonSchema => {
  if (isObject(schema.items)) return { ...schema, items: asFile(schema.items) };
  const words = [schema.description ?? '', 'In base64.'].join(' ').trim();
  return { type: 'string', contentEncoding: 'base64', description: words };
};
