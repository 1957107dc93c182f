import type { Failure } from '../../intents/ports.ts';

/** Longest part of an answer that is kept for the log, in characters. */
const maxDetail = 500;

export const failure = (code: Failure['code'], reached: Failure['reached'], detail: string): Failure => ({
  ok: false,
  code,
  reached,
  detail,
});

/** Thrown while a request is built of values that cannot be sent safely: nothing has left this process. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable';
}

/**
 * Makes the failure of a call whose request could not be built.
 * @throws the error itself where it is not an {@link Unsendable}: that is a mistake of ours
 */
export const unsendable = (error: unknown): Failure => {
  if (error instanceof Unsendable) return failure('upstream.rejected', 'no', error.message);
  throw error;
};

/**
 * Makes a function that cuts a text for the log to 500 characters and takes configured secrets out of it, since a
 * backend may echo what it was sent.
 * @param values of headers or metadata; of `Bearer abc` each word of 6 characters or more counts
 */
export const logText = (values: readonly string[]): ((text: string) => string) => {
  const secrets = values
    .flatMap((value) => [value, ...value.split(/\s+/)])
    .filter((word) => word.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text).slice(0, maxDetail);
};
