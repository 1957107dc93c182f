import { isObject, type JsonSchema } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { slotName, unique } from './naming.ts';
import { follow, type OpenapiObject, type Operation } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';
import { plainText } from './plain-text.ts';

/** One value that a call needs: how the input names it, and how the backend does. */
export interface Part {
  readonly slot: string;
  readonly wireName: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

export interface Parameters {
  /** The path template with slots for names. */
  readonly path: string;
  readonly inPath: readonly Part[];
  readonly inQuery: readonly Part[];
  readonly inHeader: readonly Part[];
}

/** OpenAPI 3.0.3, section 4.7.12.1: descriptions of these are ignored. */
const ignoredHeaders = ['accept', 'content-type', 'authorization'];
/** The HTTP client's own, or a credential. */
const reservedHeaders = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'cookie',
  'proxy-authorization',
  'expect',
  'keep-alive',
];

/**
 * Reads the parameters of an operation and of its path item.
 * @param slots names taken in the input; grows
 * @throws Untranslatable where a required parameter cannot be sent
 */
export const readParameters = (
  document: OpenapiObject,
  operation: Operation,
  run: Conversion,
  slots: Set<string>,
): Parameters => {
  const path = checkedPath(operation);
  const found = new Map<string, { value: OpenapiObject; place: string; name: string; where: string }>();
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

  const inPath: Part[] = [];
  const inQuery: Part[] = [];
  const inHeader: Part[] = [];
  const templateNames = [...new Set([...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name))];
  for (const name of templateNames) {
    const described = found.get(`path ${name}`);
    if (described === undefined)
      run.lossy(operation.place, `{${name}} of the path is not described: taken as a string`);
    const schema = described === undefined ? { type: 'string' } : toSchema(document, described, run, 'path');
    inPath.push({ slot: unique(slotName(name), slots, '_'), wireName: name, schema, required: true });
  }
  for (const { value, place, name, where } of found.values()) {
    const required = value.required === true;
    try {
      if (where === 'path') {
        if (!templateNames.includes(name)) run.lossy(place, `parameter "${name}" left out: the path has no {${name}}`);
      } else if (where === 'query')
        inQuery.push({
          slot: slotFor(name, 'query', slots),
          wireName: name,
          schema: toSchema(document, { value, place }, run, where),
          required,
        });
      else if (where === 'header') {
        if (ignoredHeaders.includes(name.toLowerCase())) {
          if (name.toLowerCase() === 'authorization')
            run.lossy(
              place,
              'header "Authorization" left out: the credential belongs into the backend\'s headers in ostiary.yaml',
            );
          continue;
        }
        if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new Untranslatable(place, 'this is not the name of a header');
        if (reservedHeaders.includes(name.toLowerCase()))
          throw new Untranslatable(place, `the gateway sets the header "${name}" itself`);
        inHeader.push({
          slot: slotFor(name, 'header', slots),
          wireName: name,
          schema: toSchema(document, { value, place }, run, where),
          required,
        });
      } else
        throw new Untranslatable(
          place,
          where === 'cookie' ? 'cookies are not sent' : `"in": "${where.slice(0, 40)}" is not known`,
        );
    } catch (error) {
      if (required || !(error instanceof Untranslatable)) throw error;
      run.lossy(place, `optional parameter "${name.slice(0, 60)}" left out: ${error.message}`);
    }
  }
  const slotOf = new Map(inPath.map(({ wireName, slot }) => [wireName, slot]));
  return {
    path: path.replace(/\{([^{}]*)\}/g, (_whole, name: string) => `{${slotOf.get(name)}}`),
    inPath,
    inQuery,
    inHeader,
  };
};

const slotFor = (name: string, where: string, slots: Set<string>): string => {
  const wanted = slotName(name);
  return unique(slots.has(wanted) ? `${wanted}_${where}` : wanted, slots, '_');
};

const checkedPath = ({ path, pathPlace }: Operation): string => {
  const wrong = (reason: string) => new Untranslatable(pathPlace, reason);
  if (!path.startsWith('/')) throw wrong('a path begins with "/"');
  if (/[\s?#\\]/.test(path)) throw wrong('a path cannot hold white space, "?", "#" or "\\"');
  if (/[{}]/.test(path.replace(/\{[^{}]+\}/g, ''))) throw wrong('the braces of the path do not fit together');
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    throw wrong('a path cannot hold "." or ".."');
  return path;
};

const toSchema = (
  document: OpenapiObject,
  { value, place }: { value: OpenapiObject; place: string },
  run: Conversion,
  where: 'path' | 'query' | 'header',
): JsonSchema => {
  const { schema: raw, style, explode, content } = value;
  if (content !== undefined) throw new Untranslatable(`${place}/content`, 'a parameter with "content" is not sent');
  const usual = where === 'query' ? 'form' : 'simple';
  if (style !== undefined && style !== usual)
    throw new Untranslatable(
      `${place}/style`,
      `style ${JSON.stringify(style)?.slice(0, 40)} is not sent, only "${usual}"`,
    );
  if (raw === undefined) run.lossy(place, 'the parameter has no schema: any value is taken');
  const shape = shapeOf(document, raw, place);
  if (shape === 'object' || (shape === 'array' && (where !== 'query' || explode === false)))
    throw new Untranslatable(
      place,
      `${shape === 'array' ? 'a list' : 'an object'} is not sent in ${where === 'query' ? 'one query parameter' : `the ${where}`}`,
    );
  if (value.allowReserved === true) run.lossy(`${place}/allowReserved`, 'reserved characters are sent percent-encoded');
  if (value['x-multi-segment'] === true)
    run.lossy(`${place}/x-multi-segment`, '"/" in the value is sent percent-encoded, as one path segment');
  const schema = raw === undefined ? {} : convertSchema(raw, `${place}/schema`, run);
  const description = plainText(value.description, 400);
  const examples = exampleOf(value);
  // Assigned, not copied: a reference gets its name later.
  return Object.assign(schema, {
    ...(description === '' ? {} : { description: [description, schema.description ?? ''].join(' ').trim() }),
    ...(examples === undefined ? {} : { examples }),
  });
};

/** What a value looks like on the wire, as far as the schema says. */
const shapeOf = (document: OpenapiObject, raw: unknown, place: string): 'object' | 'array' | 'scalar' => {
  if (!isObject(raw)) return 'scalar';
  const { value } = follow(document, raw, `${place}/schema`);
  const names = [value.type].flat();
  if (names.includes('object') || isObject(value.properties)) return 'object';
  return names.includes('array') || value.items !== undefined ? 'array' : 'scalar';
};

const exampleOf = ({ example, examples }: OpenapiObject): [string | number] | undefined => {
  const first: unknown = isObject(examples) ? Object.values(examples)[0] : undefined;
  const given = example ?? (isObject(first) ? first.value : undefined);
  return typeof given === 'number' || (typeof given === 'string' && given.length <= 100) ? [given] : undefined;
};
