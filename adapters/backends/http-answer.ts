import type { Failure, Reply, UpstreamCode } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import type { HttpAnswer } from './http-exchange.ts';

type LogText = (text: string) => string;

const codes: Readonly<Record<number, UpstreamCode>> = {
  401: 'upstream.denied',
  403: 'upstream.denied',
  404: 'upstream.not_found',
  409: 'upstream.conflict',
  429: 'upstream.busy',
  503: 'upstream.busy',
};

/** The failure that a status other than 2xx stands for (RFC 9110, section 15). A redirect is one: it is not followed. */
export const statusFailure = (answer: HttpAnswer, logText: LogText): Failure => {
  const { status } = answer;
  const code = codes[status] ?? (status >= 400 && status < 500 ? 'upstream.rejected' : 'upstream.failed');
  const found = failure(code, 'yes', logText(`HTTP ${status}: ${textOf(answer)}`));
  return answer.retryAfterS === undefined ? found : { ...found, told: { retryAfterS: answer.retryAfterS } };
};

export const isJsonType = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^[\w.-]+\/[\w.-]+\+json$/.test(mediaType);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A body for the log, without the token that it was asked with: a backend may echo what it was sent. */
export const textOf = ({ bytes, token }: HttpAnswer): string => {
  const text = bytes.toString('utf8');
  return token === undefined ? text : text.replaceAll(token, '***');
};

/** Reads a body that must be JSON; an empty one is null. */
export const readJson = (answer: HttpAnswer, logText: LogText): Reply => {
  const { status, mediaType, bytes } = answer;
  if (bytes.length === 0) return { ok: true, value: null };
  const invalid = (why: string): Failure =>
    failure('upstream.invalid', 'yes', logText(`HTTP ${status}, ${why}: ${textOf(answer)}`));
  if (!isJsonType(mediaType)) return invalid(`${mediaType || 'no content-type'} is not JSON`);
  try {
    return { ok: true, value: JSON.parse(utf8.decode(bytes)) };
  } catch {
    return invalid('the body is broken JSON');
  }
};
