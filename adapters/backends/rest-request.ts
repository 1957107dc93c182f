import { validateHeaderName } from 'node:http';
import type { RestBinding, RestStyle, Template } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import type { HttpOptions } from './http-client.ts';
import { urlTemplate } from './path-template.ts';
import { encodeAll, encodeReserved, styledHeader, styledPairs } from './rest-style.ts';
import { compileMembers, compileTemplate, slotsOf } from './template.ts';

export interface RestRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
}

/**
 * Compiles a REST binding. Members of the input that no template mentions go by name: to the query of a GET, HEAD or
 * DELETE, else to a JSON body, unless the binding writes that part out itself.
 * @throws Error where the binding is wrong
 */
export const compileRequest = (
  binding: RestBinding,
  options: Pick<HttpOptions, 'name' | 'url' | 'headers' | 'query'>,
): ((input: Input) => RestRequest) => {
  const { method, query, headers, cookies, body, styles = {} } = binding;
  const bodiless = method === 'GET' || method === 'HEAD';
  if (bodiless && body !== undefined) throw new Error(`A ${method} cannot have a body; use "query".`);
  const { slots, pathFor } = urlTemplate(options.url, binding.path, styles.path);
  const always = options.query ?? none;
  const taken = Object.keys(query ?? none).find((name) => Object.hasOwn(always, name));
  if (taken !== undefined)
    throw new Error(`"${taken}" in the query is set by the configuration of backend "${options.name}".`);
  const fileNames = Object.values(binding.parts ?? {}).map(({ filename }) => filename);
  const used = new Set([
    ...slots,
    ...[query, headers, cookies, body, ...fileNames].flatMap((template) => slotsOf(template)),
  ]);
  const unused = (input: Input): Input =>
    used.size === 0 ? input : Object.fromEntries(Object.entries(input).filter(([name]) => !used.has(name)));

  const queryByName = bodiless || method === 'DELETE' ? unused : nothing;
  const queryFor = query === undefined ? queryByName : compileMembers(query);
  const bodyByName = bodiless || method === 'DELETE' ? () => undefined : unused;
  const bodyFor = body === undefined ? bodyByName : compileTemplate(body);
  const headersFor = headers === undefined ? nothing : compileHeaders(headers, options, styles.headers ?? {});
  const cookieFor = cookies === undefined ? nothing : compileCookies(cookies, headers, options);
  return (input) => ({
    path: pathFor(input) + toQuery(queryFor(input), styles.query ?? none, always),
    headers: cookies === undefined ? headersFor(input) : { ...headersFor(input), ...cookieFor(input) },
    body: bodyFor(input),
  });
};

const none: Readonly<Record<string, never>> = {};
const nothing = (): Record<string, never> => none;

/** @param always what the configuration adds: no input may stand in for it */
const toQuery = (
  values: Readonly<Record<string, Json>>,
  styles: Readonly<Record<string, RestStyle>>,
  always: Readonly<Record<string, string>>,
): string => {
  let query = '';
  for (const name of Object.keys(values)) {
    const value = values[name] as Json;
    const style = styles[name];
    if (style === undefined && typeof value === 'object' && !Array.isArray(value))
      throw new Unsendable(`"${name}" in the query must be a scalar or a list of scalars, or have a style.`);
    const encode = style?.allowReserved === true ? encodeReserved : encodeAll;
    const { named, pairs } = styledPairs(name, value, style ?? none, encode);
    for (const [key, text] of pairs) {
      if (Object.hasOwn(always, decodeURIComponent(key)))
        throw new Unsendable(`"${name}" has the name of a parameter that the configuration sets.`);
      // Members of an input must not stand in for a parameter that the binding writes.
      if (named && Object.hasOwn(values, decodeURIComponent(key)))
        throw new Unsendable(`A member of "${name}" has the name of another parameter of the query.`);
      query += `${query === '' ? '?' : '&'}${key}=${text}`;
    }
  }
  return query;
};

const compileCookies = (
  templates: Readonly<Record<string, Template>>,
  headers: RestBinding['headers'],
  options: Pick<HttpOptions, 'name' | 'headers'>,
): ((input: Input) => Record<string, string>) => {
  if (Object.keys({ ...headers, ...options.headers }).some((name) => name.toLowerCase() === 'cookie'))
    throw new Error('"cookies" and a header "cookie" cannot go together.');
  for (const name of Object.keys(templates)) validateHeaderName(name);
  const fill = compileMembers(templates);
  return (input) => {
    const pairs = Object.entries(fill(input)).flatMap(([name, value]) =>
      styledPairs(name, value, { explode: false }, encodeAll).pairs.map(([, text]) => [name, text] as const),
    );
    // RFC 6265, section 4.1.1: a comma cannot stand in a cookie.
    const cookie = pairs.map(([name, text]) => `${name}=${text.replaceAll(',', '%2C')}`).join('; ');
    return cookie === '' ? {} : { cookie };
  };
};

/** Framing and routing belong to the client, not to a binding. */
const reserved = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const compileHeaders = (
  templates: Readonly<Record<string, Template>>,
  options: Pick<HttpOptions, 'name' | 'headers'>,
  styles: Readonly<Record<string, RestStyle>>,
): ((input: Input) => Record<string, string>) => {
  const styleOf = new Map(Object.entries(styles).map(([name, style]) => [name.toLowerCase(), style]));
  const configured = new Set(Object.keys(options.headers).map((name) => name.toLowerCase()));
  const lower = Object.entries(templates).map(([name, template]) => {
    validateHeaderName(name);
    if (reserved.has(name.toLowerCase())) throw new Error(`The header "${name}" cannot be set by a binding.`);
    if (configured.has(name.toLowerCase()))
      throw new Error(`The header "${name}" is set by the configuration of backend "${options.name}".`);
    return [name.toLowerCase(), template] as const;
  });
  const fill = compileMembers(Object.fromEntries(lower));
  return (input) => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(fill(input))) {
      // RFC 9110, section 5.5: a field value is visible ASCII with spaces; CR and LF would begin another field.
      const style = styleOf.get(name);
      const text = style === undefined ? value : styledHeader(name, value, style);
      if (typeof text === 'object' || !/^[ -~]*$/.test(String(text)))
        throw new Unsendable(`The header "${name}" must be a scalar of printable ASCII characters.`);
      headers[name] = String(text);
    }
    return headers;
  };
};
