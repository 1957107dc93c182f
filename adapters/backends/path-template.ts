import type { RestStyle } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import { styledSegment } from './rest-style.ts';

export interface PathTemplate {
  readonly slots: readonly string[];
  /** @throws Unsendable where a value is missing or cannot stand in a path */
  readonly pathFor: (input: Input) => string;
}

// RFC 3986, section 3.3: pchar and "/", with every escape whole, so that no value can complete one.
const literal = /^(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Compiles `/orders/{order_id}/refunds` into a function that gives the path below a base URL. The input never chooses
 * host or path: each value is percent-encoded and stays within its segment. Encoding does not stop `..`
 * (RFC 3986, section 5.2.4) and some servers decode `%2F` before they resolve dots, so empty values, `.`, `..` and any
 * value with such a part between slashes are refused.
 * @param base its own path is kept as a prefix
 * @param styles by slot; a slot without one takes scalars alone
 * @throws Error where the template itself is wrong
 */
export const urlTemplate = (
  base: URL,
  template: string,
  styles: Readonly<Record<string, RestStyle>> = {},
): PathTemplate => {
  const wrong = (why: string): Error => new Error(`The path "${template}" ${why}.`);
  if (!template.startsWith('/')) throw wrong('must begin with "/"');
  if (/[?#]/.test(template)) throw wrong('cannot hold a query; write it under "query"');
  const parts = template.split(/\{([^{}]*)\}/);
  const literals = parts.filter((_, index) => index % 2 === 0);
  const slots = parts.filter((_, index) => index % 2 === 1);
  if (literals.some((text) => /[{}]/.test(text))) throw wrong('has a brace without its pair');
  if (slots.includes('')) throw wrong('has a {} without a name');
  if (!literals.every((text) => literal.test(text)))
    throw wrong('has a character that must be percent-encoded, or half an escape');
  const segments = template.slice(1).split('/');
  if (segments.some((segment, index) => isDots(segment) || (segment === '' && index < segments.length - 1)))
    throw wrong('has an empty, "." or ".." segment');

  const stray = Object.keys(styles).find((slot) => !slots.includes(slot));
  if (stray !== undefined) throw wrong(`has no {${stray}}, which "styles" names`);

  const first = base.pathname.replace(/\/+$/, '') + (literals[0] ?? '');
  const rest = slots.map((slot, index) => [slot, literals[index + 1] ?? ''] as const);
  return {
    slots,
    pathFor: (input) => {
      let path = first;
      for (const [slot, after] of rest) path += encodeSegment(slot, input, styles[slot]) + after;
      return path;
    },
  };
};

const traversing = /^$|(?:^|[/\\])\.\.?(?:[/\\]|$)/;

const isDots = (segment: string): boolean => /^(?:\.|%2e){1,2}$/i.test(segment);

const encodeSegment = (slot: string, input: Input, style: RestStyle | undefined): string => {
  const value = Object.hasOwn(input, slot) ? input[slot] : undefined;
  const refuse = (why: string): Unsendable => new Unsendable(`{${slot}} in the path ${why}.`);
  if (value === undefined) throw refuse('has no value');
  const encode = (text: string): string => {
    if (traversing.test(text)) throw refuse('cannot be empty, "." or "..", or have such a part between slashes');
    if (control.test(text) || !text.isWellFormed()) throw refuse('has control characters or broken Unicode');
    return encodeURIComponent(text);
  };
  if (style === undefined) {
    if (typeof value === 'object') throw refuse('must be a string, a number or a boolean');
    return encode(String(value));
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) throw refuse('is empty');
  return styledSegment(slot, value as Json, style, encode);
};
