import { isIPv6 } from 'node:net';
import type { Found, Utterance } from './utterance.ts';

// None of these has two loops over the same characters side by side, so none can backtrack badly.
const email = /^[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+$/u;
const uri = /^[a-z][a-z\d+.-]{1,20}:\/\/[^\s"'<>]+$/iu;
const shapes: Readonly<Record<string, RegExp>> = {
  email,
  'idn-email': email,
  uri,
  url: uri,
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/iu,
  ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/u,
};

const parsed: Readonly<Record<string, (text: string) => boolean>> = {
  ipv6: (text) => text.includes(':') && isIPv6(text) && !text.includes('%'),
};

export const formats: ReadonlySet<string> = new Set([...Object.keys(shapes), ...Object.keys(parsed)]);

/** Finds values by a string format: email, uri, url, uuid, ipv4, ipv6. */
export const findFormat =
  (format: string) =>
  ({ chunks }: Utterance): Found[] =>
    chunks.flatMap(({ start, end, text }) =>
      (shapes[format]?.test(text) ?? parsed[format]?.(text)) ? [{ value: text, start, end, grade: 4 }] : [],
    );
