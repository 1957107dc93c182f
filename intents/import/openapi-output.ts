import { isObject, type JsonSchema, pointerSegment } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { jsonContent } from './openapi-body.ts';
import { follow, kindOf, type OpenapiObject, type Operation } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';

/**
 * Reads what an operation answers: the JSON of its first successful response.
 * @returns undefined where it answers nothing, or does not say what
 * @throws Untranslatable where it answers something other than JSON, or only a redirect
 */
export const readOutput = (document: OpenapiObject, operation: Operation, run: Conversion): JsonSchema | undefined => {
  const place = `${operation.place}/responses`;
  const responses = operation.value.responses ?? {};
  if (!isObject(responses)) throw new Untranslatable(place, `"responses" is ${kindOf(responses)}, not an object`);
  const codes = Object.keys(responses);
  const successful = codes.filter((code) => /^2(\d\d|XX)$/i.test(code)).toSorted();
  const redirect = codes.find((code) => /^30[12378]$|^3XX$/i.test(code));
  if (successful.length === 0 && redirect !== undefined)
    throw new Untranslatable(place, `it answers only with a redirect (${redirect}), which is not followed`);
  if (operation.method === 'HEAD') return undefined;

  const bodies: { raw: unknown; place: string; code: string }[] = [];
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
      bodies.push({ raw: media.schema, place: `${mediaPlace}/schema`, code });
    }
  }
  const [first, ...more] = bodies;
  if (first === undefined) {
    if (others.size > 0)
      throw new Untranslatable(place, `the answer is not JSON but ${[...others].slice(0, 5).join(', ')}`);
    return undefined;
  }
  if (first.raw === undefined) return undefined;
  for (const { raw, place: otherPlace, code } of more)
    if (!sameRef(raw, first.raw))
      run.lossy(otherPlace, `the answer ${code} has a schema of its own; the output is that of ${first.code}`);
  return convertSchema(first.raw, first.place, run);
};

const sameRef = (a: unknown, b: unknown): boolean =>
  isObject(a) && isObject(b) && a.$ref !== undefined && a.$ref === b.$ref;
