import type { RestStyle } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { slotName, unique } from './naming.ts';
import { follow, type OpenapiObject, type Operation } from './openapi-document.ts';
import { parameterSchema } from './openapi-parameter-schema.ts';
import type { Conversion } from './openapi-schema.ts';
import { jsonParameter, parameterStyle } from './openapi-style.ts';

/** One value that a call needs: how the input names it, and how the backend does. */
export interface Part {
  readonly slot: string;
  readonly wireName: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** Where it is not written as a value without a style is. */
  readonly style?: RestStyle;
  /** It is sent as a text of JSON. */
  readonly json?: true;
}

export interface Parameters {
  /** The path template with slots for names. */
  readonly path: string;
  readonly inPath: readonly Part[];
  readonly inQuery: readonly Part[];
  readonly inHeader: readonly Part[];
  readonly inCookie: readonly Part[];
}

interface Described {
  readonly value: OpenapiObject;
  readonly place: string;
  readonly name: string;
  readonly where: string;
}

/** The HTTP client's own. */
const reservedHeaders = new Set(
  'host connection content-length transfer-encoding upgrade te trailer cookie expect keep-alive'.split(' '),
);

/**
 * Reads the parameters of an operation and of its path item.
 * @param slots names taken in the input; grows
 * @param credentialHeaders lower-case names of headers that the backend's configuration sends
 * @throws Untranslatable where a required parameter cannot be sent
 */
export const readParameters = (
  document: OpenapiObject,
  operation: Operation,
  run: Conversion,
  slots: Set<string>,
  credentialHeaders: ReadonlySet<string>,
): Parameters => {
  const template = checkedPath(operation);
  const described = describedParameters(document, operation);
  const inPath = pathParts(document, operation, template, described, run, slots);
  const inQuery: Part[] = [];
  const inHeader: Part[] = [];
  const inCookie: Part[] = [];
  for (const parameter of described.values()) {
    const { value, place, name, where } = parameter;
    if (where === 'path') continue;
    const required = value.required === true;
    try {
      if (where !== 'query' && where !== 'header' && where !== 'cookie')
        throw new Untranslatable(place, `"in": "${where.slice(0, 40)}" is not known`);
      if (where === 'header' && !isOwnHeader(parameter, run, credentialHeaders)) continue;
      if (where === 'cookie' && !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
        throw new Untranslatable(place, 'this is not the name of a cookie');
      const parts = { query: inQuery, header: inHeader, cookie: inCookie }[where];
      const json = where === 'query' ? jsonParameter(document, value, place) : undefined;
      if (json !== undefined) {
        const schema = parameterSchema({ ...value, schema: json.raw }, json.place, run);
        parts.push({ slot: slotFor(name, where, slots), wireName: name, schema, required, json: true });
        continue;
      }
      const style = parameterStyle(document, value, place, run, where);
      const schema = parameterSchema(value, place, run);
      parts.push({ slot: slotFor(name, where, slots), wireName: name, schema, required, ...(style && { style }) });
    } catch (error) {
      if (required || !(error instanceof Untranslatable)) throw error;
      run.lossy(place, `optional parameter "${name.slice(0, 60)}" left out: ${error.message}`);
    }
  }
  const slotOf = new Map(inPath.map(({ wireName, slot }) => [wireName, slot]));
  const path = template.replace(/\{([^{}]*)\}/g, (_whole, name: string) => `{${slotOf.get(name)}}`);
  return { path, inPath, inQuery, inHeader, inCookie };
};

/** By place and name: an operation's own parameter stands before one of its path item. */
const describedParameters = (document: OpenapiObject, operation: Operation): Map<string, Described> => {
  const found = new Map<string, Described>();
  for (const [owner, place] of [
    [operation.pathItem, operation.pathPlace],
    [operation.value, operation.place],
  ] as const) {
    const list = owner.parameters ?? [];
    if (!Array.isArray(list)) throw new Untranslatable(`${place}/parameters`, '"parameters" must be a list');
    for (const [index, item] of list.entries()) {
      const parameter = follow(document, item, `${place}/parameters/${index}`);
      const { name, in: where } = parameter.value;
      if (typeof name !== 'string' || name === '' || name === '__proto__' || typeof where !== 'string')
        throw new Untranslatable(parameter.place, 'a parameter needs a "name" and an "in"');
      found.set(`${where} ${where === 'header' ? name.toLowerCase() : name}`, { ...parameter, name, where });
    }
  }
  return found;
};

const pathParts = (
  document: OpenapiObject,
  { place }: Operation,
  template: string,
  described: ReadonlyMap<string, Described>,
  run: Conversion,
  slots: Set<string>,
): Part[] => {
  const names = new Set([...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name));
  for (const { where, name, place: at } of described.values())
    if (where === 'path' && !names.has(name))
      run.lossy(at, `parameter "${name.slice(0, 60)}" left out: the path has no slot of that name`);
  return [...names].map((name) => {
    const found = described.get(`path ${name}`);
    if (found === undefined) run.lossy(place, `{${name}} of the path is not described: taken as a string`);
    const style = found && parameterStyle(document, found.value, found.place, run, 'path');
    const schema = found === undefined ? { type: 'string' } : parameterSchema(found.value, found.place, run);
    const slot = unique(slotName(name), slots, '_');
    // The name of the slot is what is written.
    if (style?.style === 'matrix' && slot !== name)
      throw new Untranslatable(
        found?.place ?? place,
        `style "matrix" writes the name "${name.slice(0, 60)}", which cannot name a slot`,
      );
    return {
      slot,
      wireName: name,
      schema,
      required: true,
      ...(style && { style }),
    };
  });
};

/** Whether a header is the operation's to set: not a credential, and not one that OpenAPI says to ignore (3.0.3, section 4.7.12.1). */
const isOwnHeader = ({ name, place }: Described, run: Conversion, credentialHeaders: ReadonlySet<string>): boolean => {
  const lower = name.toLowerCase();
  if (lower === 'accept' || lower === 'content-type') return false;
  if (lower === 'authorization' || credentialHeaders.has(lower)) {
    run.lossy(place, `header "${name}" left out: a credential belongs into the backend's headers in ostiary.yaml`);
    return false;
  }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new Untranslatable(place, 'this is not the name of a header');
  if (reservedHeaders.has(lower)) throw new Untranslatable(place, `the gateway sets the header "${name}" itself`);
  return true;
};

const slotFor = (name: string, where: string, slots: Set<string>): string => {
  const wanted = slotName(name);
  return unique(slots.has(wanted) ? `${wanted}_${where}` : wanted, slots, '_');
};

const checkedPath = ({ path, pathPlace }: Operation): string => {
  const wrong = (reason: string) => new Untranslatable(pathPlace, reason);
  if (!path.startsWith('/')) throw wrong('a path begins with "/"');
  const literals = path.split(/\{[^{}]+\}/);
  if (literals.some((text) => /[{}]/.test(text))) throw wrong('the braces of the path do not fit together');
  // RFC 3986, section 3.3: pchar and "/".
  if (!literals.every((text) => /^(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/.test(text)))
    throw wrong('the path has a character that cannot stand in a path as it is');
  const segments = path.slice(1).split('/');
  if (
    segments.some(
      (segment, index) => /^(\.|%2e){1,2}$/i.test(segment) || (segment === '' && index < segments.length - 1),
    )
  )
    throw wrong('the path has an empty, "." or ".." segment');
  return path;
};
