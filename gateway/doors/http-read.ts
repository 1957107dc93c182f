import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { isObject, toPointer } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Presented } from '../../policies/tokens/possession.ts';

/**
 * Reads the text of a body, before anything is built of it.
 * @throws OstiaryError on broken UTF-8, which decoding would change in silence, and on what is nested too deeply
 */
export const readText = (bytes: Buffer, maxDepth: number): string => {
  if (!isUtf8(bytes)) throw new OstiaryError('request.malformed', 'The body is not well-formed UTF-8.');
  const text = bytes.toString('utf8');
  if (deeperThan(maxDepth, text))
    throw new OstiaryError('request.too_deep', `The body is nested deeper than ${maxDepth} levels.`);
  return text;
};

/** Halves of surrogate pairs can be escaped in JSON, and cannot be hashed, sent or shown as what they are (RFC 8259, section 8.2). */
export const hasLoneSurrogate = (text: string, value: unknown): boolean =>
  /\\u[dD][89a-fA-F]/.test(text) && !isWellFormed(value);

const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  return !isObject(value) || Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner));
};

/** @throws OstiaryError with a JSON pointer for each member that does not fit */
export const readBody = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(objectOf(body, 'The body is a JSON object.'));
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).flatMap((issue) => {
    const at = issue.path.map(String);
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: toPointer([...at, key]), detail: 'is not known here' }))
      : [{ pointer: toPointer(at), detail: issue.message }];
  });
  throw new OstiaryError(
    'request.invalid',
    `The body does not fit: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`,
    { errors },
  );
};

/** @throws OstiaryError on anything but an object */
export const objectOf = (body: unknown, message: string): Record<string, unknown> => {
  if (isObject(body)) return body;
  throw new OstiaryError('request.invalid', message, { errors: [{ pointer: '', detail: 'must be an object' }] });
};

/**
 * The key or token of a request. The scheme is written in any case (RFC 9110, section 11.1).
 * @throws OstiaryError where there are two: what stands in front of this gateway may have looked at the other
 */
export const bearerOf = ({
  headers,
  raw: { rawHeaders },
}: Pick<FastifyRequest, 'headers'> & { raw: Pick<FastifyRequest['raw'], 'rawHeaders'> }): string | undefined => {
  const { authorization } = headers;
  if (rawHeaders.filter((name, at) => at % 2 === 0 && /^(?:authorization|x-api-key)$/i.test(name)).length > 1)
    throw new OstiaryError('credentials.invalid', 'Send one credential: "Authorization", or "x-api-key", and once.');
  if (authorization !== undefined) return /^(?:bearer|dpop) +(.+)$/i.exec(authorization)?.[1]?.trim();
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : undefined;
};

/**
 * The proof of possession of a request, and the addresses it may be for: that which is configured, else where the
 * connection came in. What the request itself says of its host is not asked.
 * @param publicUrl `listen.url`
 * @returns undefined where there is none
 */
export const presentedBy = (
  { headers: { dpop }, method, url, socket }: FastifyRequest,
  publicUrl: string | undefined,
): Presented | undefined => {
  if (dpop === undefined) return undefined;
  const path = url.split('?')[0] ?? '';
  const address = socket.localAddress?.replace(/^::ffff:/, '') ?? '';
  const hosts = [address.includes(':') ? `[${address}]` : address];
  if (address === '127.0.0.1' || address === '::1') hosts.push('localhost');
  const bases = publicUrl === undefined ? hosts.map((host) => `http://${host}:${socket.localPort}`) : [publicUrl];
  return { dpop: String(dpop), method, urls: bases.map((base) => `${base.replace(/\/$/, '')}${path}`) };
};

export const purposeHeader = ({ headers }: FastifyRequest): string | undefined => {
  const value = headers['ostiary-purpose'];
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
};

/**
 * The time that the caller gives this request: `Request-Timeout: 2.5`, in seconds.
 * @param mostMs the limit of this gateway, which no caller can raise
 * @returns milliseconds @throws OstiaryError on anything but a number of seconds
 */
export const timeoutOf = ({ headers }: FastifyRequest, mostMs: number): number => {
  const written = headers['request-timeout'];
  if (written === undefined) return mostMs;
  const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(String(written)) ? Number(written) : 0;
  if (seconds > 0) return Math.min(mostMs, Math.ceil(seconds * 1_000));
  throw new OstiaryError('request.malformed', '"Request-Timeout" is a number of seconds, like 2.5.');
};

export const idempotencyKeyOf = ({ headers }: FastifyRequest): string | undefined => {
  const value = headers['idempotency-key'];
  return value === undefined ? undefined : String(value);
};

const mostFields = 100;

/**
 * What of the output is wanted, as JSON pointers: `?fields=id,items/sku`; a list is passed through.
 * @returns undefined where nothing is said @throws OstiaryError on more than 100 of them
 */
export const fieldsOf = (query: unknown): readonly string[] | undefined => {
  const written = isObject(query) ? [query.fields].flat().filter((one) => typeof one === 'string') : [];
  if (written.length === 0) return undefined;
  const names = written.flatMap((one) => one.split(',')).filter((name) => name !== '');
  if (names.length > mostFields || names.some((name) => name.length > 200))
    throw new OstiaryError('request.invalid', `"fields" names at most ${mostFields} members, of 200 characters each.`);
  return [...new Set(names.map((name) => (name.startsWith('/') ? name : `/${name}`)))].sort();
};

/** Whether a preference is stated (RFC 7240, section 2). */
export const prefers = (request: FastifyRequest, preference: string): boolean =>
  preferencesIn(request.headers.prefer).some((one) => one === preference);

/**
 * How much of an output is wanted, in bytes of JSON: `Prefer: max-bytes=4000`.
 * @param prefer the header's values
 * @returns undefined where nothing is said, or nothing that can be kept to: a preference is no demand
 */
export const budgetOf = (prefer: string | readonly string[] | undefined): number | undefined => {
  const written = preferencesIn(prefer).find((one) => one.startsWith('max-bytes='));
  const bytes = /^max-bytes=(\d{1,9})$/.exec(written ?? '')?.[1];
  return bytes === undefined || Number(bytes) < 2 ? undefined : Number(bytes);
};

const preferencesIn = (prefer: string | readonly string[] | undefined): string[] =>
  [prefer ?? []]
    .flat()
    .flatMap((line) => line.split(',').map((one) => one.split(';')[0]?.replaceAll(/[\s"]/g, '').toLowerCase() ?? ''));

/** `orders.refund` or `orders.refund@2`; anything else is a name that nothing has. */
export const named = (written: string): { name: string; major: number | undefined } => {
  const [, name = written, major] = /^([^@]+)@(0|[1-9]\d{0,8})$/.exec(written) ?? [];
  return { name, major: major === undefined ? undefined : Number(major) };
};

/** Counts brackets outside strings, so that nothing deep is ever built. */
const deeperThan = (limit: number, text: string): boolean => {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === 0x5c) index++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
};
