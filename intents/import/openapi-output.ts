import { isObject, type JsonSchema, pointerSegment } from '../json.ts';
import { type RestCall, Untranslatable } from './draft.ts';
import { isText, jsonContent, plainType } from './openapi-body.ts';
import { follow, kindOf, type OpenapiObject, type Operation } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';

/** What an operation answers, and how that is asked for and read where it is not JSON. */
export type Output = Pick<RestCall, 'accept' | 'answer_as'> & { readonly schema: JsonSchema | undefined };

/**
 * Reads what an operation answers: the JSON of its first successful response, else its text, else its bytes.
 * @throws Untranslatable where it answers with a stream, or only with a redirect
 */
export const readOutput = (document: OpenapiObject, operation: Operation, run: Conversion): Output => {
  const place = `${operation.place}/responses`;
  const responses = operation.value.responses ?? {};
  if (!isObject(responses)) throw new Untranslatable(place, `"responses" is ${kindOf(responses)}, not an object`);
  const codes = Object.keys(responses);
  const successful = codes.filter((code) => /^2(\d\d|XX)$/i.test(code)).toSorted();
  const redirect = codes.find((code) => /^30[12378]$|^3XX$/i.test(code));
  if (successful.length === 0 && redirect !== undefined)
    throw new Untranslatable(place, `it answers only with a redirect (${redirect}), which is not followed`);
  if (operation.method === 'HEAD') return { schema: undefined };

  const bodies: { raw: unknown; place: string; code: string; type: string }[] = [];
  const others = new Set<string>();
  for (const code of successful) {
    const { value: response, place: responsePlace } = follow(document, responses[code], `${place}/${code}`);
    const { content = {} } = response;
    if (!isObject(content))
      throw new Untranslatable(`${responsePlace}/content`, `"content" is ${kindOf(content)}, not an object`);
    const type = jsonContent(content);
    if (type === undefined) for (const name of Object.keys(content)) others.add(name);
    else {
      const mediaPlace = `${responsePlace}/content/${pointerSegment(type)}`;
      const media = content[type];
      if (!isObject(media)) throw new Untranslatable(mediaPlace, 'a media type must be an object');
      bodies.push({ raw: media.schema, place: `${mediaPlace}/schema`, code, type });
    }
  }
  const [first, ...more] = bodies;
  if (first === undefined) return others.size === 0 ? { schema: undefined } : notJson([...others], place);
  const accept = acceptOf(first.type);
  if (first.raw === undefined) return { schema: undefined, ...accept };
  for (const { raw, place: otherPlace, code } of more)
    if (!sameRef(raw, first.raw))
      run.lossy(otherPlace, `the answer ${code} has a schema of its own; the output is that of ${first.code}`);
  return { schema: convertSchema(first.raw, first.place, run), ...accept };
};

/** Asked for by its own name, where a server that keeps to its description would not give it as `application/json`. */
const acceptOf = (type: string): Pick<Output, 'accept'> => {
  const plain = plainType(type);
  return plain === undefined || plain === 'application/json' ? {} : { accept: `${plain}, application/json;q=0.9` };
};

const notJson = (types: readonly string[], place: string): Output => {
  const named = types.flatMap((type) => plainType(type) ?? []);
  const text = named.includes('text/plain') ? 'text/plain' : named.find((type) => isText(type));
  const type = text ?? named[0] ?? 'application/octet-stream';
  if (type === 'text/event-stream' || type.startsWith('multipart/'))
    throw new Untranslatable(place, `the answer is ${type}, which is not read`);
  if (text !== undefined)
    return { schema: { type: 'string' }, answer_as: 'text', ...(text === 'text/plain' ? {} : { accept: text }) };
  const schema = {
    type: 'string',
    contentEncoding: 'base64',
    ...(named[0] === undefined ? {} : { contentMediaType: type }),
  };
  const accept = named[0] === undefined ? '*/*' : type;
  return { schema, answer_as: 'base64', ...(accept === 'application/octet-stream' ? {} : { accept }) };
};

const sameRef = (a: unknown, b: unknown): boolean =>
  isObject(a) && isObject(b) && a.$ref !== undefined && a.$ref === b.$ref;
