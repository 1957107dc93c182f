import { createHash } from 'node:crypto';
import type { RestBinding, RestPart } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import { isJsonType } from './http-answer.ts';
import { isObject } from './is-object.ts';
import { encodeAll, styledPairs } from './rest-style.ts';
import { compileTemplate, type Fill } from './template.ts';

export interface RestBody {
  readonly type: string;
  readonly bytes: string | Buffer;
}

/**
 * Compiles how a body is written: as JSON, as a form (`application/x-www-form-urlencoded`) or in parts
 * (`multipart/form-data`, RFC 7578).
 * @returns a function that throws Unsendable on a body that cannot be written so
 */
export const compileBody = (binding: RestBinding): ((body: Json, input: Input) => RestBody) => {
  const { bodyAs = 'json', bodyType, styles = {}, parts = {} } = binding;
  if (bodyAs !== 'multipart' && Object.keys(parts).length > 0) throw new Error('"parts" need "body_as: multipart".');
  if (bodyAs !== 'form' && styles.body !== undefined) throw new Error('"styles.body" needs "body_as: form".');
  if (bodyType !== undefined && (bodyAs === 'form' || bodyAs === 'multipart'))
    throw new Error(`"body_type" does not go with "body_as: ${bodyAs}", which has one.`);
  if (bodyAs === 'json') {
    if (bodyType !== undefined && !isJsonType(bodyType))
      throw new Error(`"body_type: ${bodyType}" is not JSON: say "body_as: text" or "base64".`);
    return (body) => ({ type: bodyType ?? 'application/json', bytes: JSON.stringify(body) });
  }
  if (bodyAs === 'text')
    return (body) => ({ type: `${bodyType ?? 'text/plain'}; charset=utf-8`, bytes: Buffer.from(textOf(body)) });
  if (bodyAs === 'base64')
    return (body) => ({ type: bodyType ?? 'application/octet-stream', bytes: fromBase64('body', body) });
  if (bodyAs === 'form')
    return (body) => ({
      type: 'application/x-www-form-urlencoded',
      bytes: toPairs(membersOf(body), styles.body ?? {}),
    });
  const compiled = new Map(Object.entries(parts).map(([name, part]) => [name, compilePart(part)]));
  return (body, input) => toParts(membersOf(body), compiled, input);
};

/** A member that is an object, and has no style of its own, goes as JSON, as OpenAPI has it. */
const toPairs = (members: Readonly<Record<string, Json>>, styles: NonNullable<RestBinding['styles']>['body'] & {}) =>
  Object.entries(members)
    .flatMap(([name, value]) => {
      const style = styles[name];
      const written = style === undefined && isObject(value) ? JSON.stringify(value) : value;
      const { named, pairs } = styledPairs(name, written as Json, style ?? {}, encodeAll);
      if (named && pairs.some(([key]) => Object.hasOwn(members, decodeURIComponent(key))))
        throw new Unsendable(`A member of "${name}" has the name of another member of the form.`);
      return pairs.map(([key, text]) => `${key}=${text}`);
    })
    .join('&');

interface Part {
  readonly base64: boolean;
  readonly type: string | undefined;
  readonly filename: Fill | undefined;
}

const compilePart = ({ encoding, type, filename }: RestPart): Part => ({
  base64: encoding === 'base64',
  type,
  filename: filename === undefined ? undefined : compileTemplate(filename),
});

const toParts = (members: Readonly<Record<string, Json>>, parts: ReadonlyMap<string, Part>, input: Input): RestBody => {
  const written = Object.entries(members).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly Json[]) : [value]).map((item) => onePart(name, item, parts, input)),
  );
  // A boundary must not stand in any part: a digest of them all cannot, and makes equal requests equal.
  const digest = createHash('sha256');
  for (const { head, content } of written) digest.update(head).update(content);
  const boundary = `ostiary-${digest.digest('hex').slice(0, 40)}`;
  const bytes = written.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...bytes, Buffer.from(`--${boundary}--\r\n`)]),
  };
};

const onePart = (name: string, value: Json, parts: ReadonlyMap<string, Part>, input: Input) => {
  const part = parts.get(name);
  const filename = part?.filename?.(input) ?? (part?.base64 ? name : undefined);
  if (typeof filename === 'object') throw new Unsendable(`The file name of part "${name}" must be a scalar.`);
  const json = typeof value === 'object';
  const type = part?.type ?? (part?.base64 ? 'application/octet-stream' : json ? 'application/json' : undefined);
  const content = part?.base64 ? fromBase64(name, value) : Buffer.from(json ? JSON.stringify(value) : String(value));
  const file = filename === undefined ? '' : `; filename="${quoted(String(filename))}"`;
  const head = `content-disposition: form-data; name="${quoted(name)}"${file}`;
  return { head: type === undefined ? head : `${head}\r\ncontent-type: ${type}`, content };
};

/** What HTML's form submission escapes, so that no name ends its quotes or its line. */
const quoted = (text: string): string => text.replace(/["\r\n]/g, encodeURIComponent);

const fromBase64 = (name: string, value: Json): Buffer => {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
    throw new Unsendable(`"${name}" must be a file in base64.`);
  return Buffer.from(value, 'base64');
};

const textOf = (body: Json): string => {
  if (typeof body !== 'string' || !body.isWellFormed()) throw new Unsendable('A body of text must be a string.');
  return body;
};

const membersOf = (body: Json): Readonly<Record<string, Json>> => {
  if (!isObject(body)) throw new Unsendable('A body that is not JSON must be an object.');
  return body as Readonly<Record<string, Json>>;
};
