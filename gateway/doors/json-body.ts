import type { FastifyInstance } from 'fastify';
import { isObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import { hasLoneSurrogate, readText } from './http-read.ts';

/**
 * Reads bodies as JSON that means one thing to everybody: well-formed UTF-8, not deep, no member twice, no halves of
 * characters, nothing that would change a prototype.
 * @param app on which no other body is taken
 */
export const takeJson = (app: FastifyInstance, maxDepth: number): void => {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = readText(body as Buffer, maxDepth);
    parseJson(request, text, (error, value) => {
      if (error === null && hasLoneSurrogate(text, value))
        done(new OstiaryError('request.malformed', 'The body has half a surrogate pair in a string.'));
      else if (error === null && membersWritten(text) > membersIn(value))
        done(new OstiaryError('request.malformed', 'The body has an object in which a member stands twice.'));
      else if (error === null && endless.test(text) && hasEndless(value))
        done(new OstiaryError('request.malformed', 'The body has a number that is too large to be one.'));
      else done(error, value);
    });
  });
};

/** Only what is written like this can be read as an infinity: which is no JSON, and would be sent on as null. */
const endless = /\d[eE]\+?\d{3}|\d{309}/;
const hasEndless = (value: unknown): boolean =>
  typeof value === 'number'
    ? !Number.isFinite(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasEndless);

/**
 * Readers differ in which of two members they take (RFC 8259, section 4): what stands in front of this gateway may have
 * looked at the other.
 */
const membersWritten = (text: string): number => {
  let count = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === 0x5c) index++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x3a) count++;
  }
  return count;
};

const membersIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + membersIn(one), 0);
  if (!isObject(value)) return 0;
  let count = 0;
  for (const inner of Object.values(value)) count += 1 + membersIn(inner);
  return count;
};
