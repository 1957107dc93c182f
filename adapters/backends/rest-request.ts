import { validateHeaderName } from 'node:http';
import type { RestBinding, Template } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import type { HttpOptions } from './http-client.ts';
import { urlTemplate } from './path-template.ts';
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
  options: Pick<HttpOptions, 'name' | 'url' | 'headers'>,
): ((input: Input) => RestRequest) => {
  const { method, query, headers, body } = binding;
  const bodiless = method === 'GET' || method === 'HEAD';
  if (bodiless && body !== undefined) throw new Error(`A ${method} cannot have a body; use "query".`);
  const { slots, pathFor } = urlTemplate(options.url, binding.path);
  const used = new Set([...slots, ...[query, headers, body].flatMap((template) => slotsOf(template))]);
  const unused = (input: Input): Input =>
    used.size === 0 ? input : Object.fromEntries(Object.entries(input).filter(([name]) => !used.has(name)));

  const queryByName = bodiless || method === 'DELETE' ? unused : nothing;
  const queryFor = query === undefined ? queryByName : compileMembers(query);
  const bodyByName = bodiless || method === 'DELETE' ? () => undefined : unused;
  const bodyFor = body === undefined ? bodyByName : compileTemplate(body);
  const headersFor = headers === undefined ? nothing : compileHeaders(headers, options);
  return (input) => ({
    path: pathFor(input) + toQuery(queryFor(input)),
    headers: headersFor(input),
    body: bodyFor(input),
  });
};

const none = {};
const nothing = (): Record<string, never> => none;

const toQuery = (values: Readonly<Record<string, Json>>): string => {
  let query = '';
  for (const name of Object.keys(values)) {
    const value = values[name] as Json;
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      // Null is refused rather than left out: fewer parameters than were meant can mean more rows than were meant.
      if (typeof item === 'object')
        throw new Unsendable(`"${name}" in the query must be a scalar or a list of scalars.`);
      query += `${query === '' ? '?' : '&'}${encode(name)}=${encode(String(item))}`;
    }
  }
  return query;
};

const encode = (text: string): string => {
  if (!text.isWellFormed()) throw new Unsendable('The query has broken Unicode.');
  return encodeURIComponent(text);
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
): ((input: Input) => Record<string, string>) => {
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
      if (typeof value === 'object' || !/^[ -~]*$/.test(String(value)))
        throw new Unsendable(`The header "${name}" must be a scalar of printable ASCII characters.`);
      headers[name] = String(value);
    }
    return headers;
  };
};
