import type { RestBinding } from '../../intents/contract.ts';
import type { Reply } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { readJson, statusFailure, textOf } from './http-answer.ts';
import type { HttpAnswer } from './http-exchange.ts';

type LogText = (text: string) => string;

/** What is asked for, where the binding does not say it. */
const usual = { json: undefined, text: 'text/plain', base64: 'application/octet-stream' } as const;

export interface RestAnswer {
  /** The header; undefined: what the client asks for by itself. */
  readonly accept: string | undefined;
  /** A 2xx of a media type that was asked for, or with nothing (null), is a value; all else is a failure. */
  read(answer: HttpAnswer, logText: LogText): Reply;
}

/**
 * Compiles what an answer is read as: JSON, text in its own charset, or bytes in base64. A page to sign in on, in place of
 * the text that was asked for, is a failure: the media type must be one of those in `accept`.
 */
export const compileAnswer = ({ answerAs = 'json', accept = usual[answerAs] }: RestBinding): RestAnswer => {
  const wanted = accept?.split(',').map(rangeOf);
  return {
    accept,
    read(answer, logText) {
      const { status, mediaType, bytes } = answer;
      if (status < 200 || status >= 300) return statusFailure(answer, logText);
      if (status === 204) return { ok: true, value: null };
      if (answerAs === 'json' || (bytes.length === 0 && mediaType === '')) return readJson(answer, logText);
      if (wanted?.every((range) => !range(mediaType)))
        return failure(
          'upstream.invalid',
          'yes',
          logText(`HTTP ${status}, ${mediaType || 'no content-type'} is not what was asked for: ${textOf(answer)}`),
        );
      return answerAs === 'text' ? readText(answer) : { ok: true, value: bytes.toString('base64') };
    },
  };
};

/** `text/*;q=0.9`, as a test of a media type (RFC 9110, section 12.5.1). */
const rangeOf = (written: string): ((mediaType: string) => boolean) => {
  const range = written.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (range === '*/*') return () => true;
  return range.endsWith('/*')
    ? (mediaType) => mediaType.startsWith(range.slice(0, -1))
    : (mediaType) => mediaType === range;
};

const readText = ({ status, bytes, charset = 'utf-8' }: HttpAnswer): Reply => {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    return failure('upstream.invalid', 'yes', `HTTP ${status} with charset ${charset}, which is not known.`);
  }
  try {
    return { ok: true, value: decoder.decode(bytes) };
  } catch {
    return failure('upstream.invalid', 'yes', `HTTP ${status}, the body is no text in ${charset}.`);
  }
};
