import type { Effect } from '../contract.ts';
import { isObject, type Json, type JsonSchema, pointerSegment } from '../json.ts';
import { type DraftIntent, type Imported, type Lossy, type RestCall, Untranslatable } from './draft.ts';
import { applyHint, hintedNames, type NamesTaken, undoneByKnown } from './hint.ts';
import { intentNameFor, nameWords } from './naming.ts';
import { type Body, readBody } from './openapi-body.ts';
import { type OpenapiObject, type Operation, openapiDocument, operationsOf } from './openapi-document.ts';
import { type Output, readOutput } from './openapi-output.ts';
import { type Parameters, type Part, readParameters } from './openapi-parameters.ts';
import { credentialHeaders, serverUrls } from './openapi-servers.ts';
import { plainText } from './plain-text.ts';
import { type SharedSchema, type SharedSchemas, sharedSchemas } from './shared-schemas.ts';
import { fromSwagger, isSwagger } from './swagger.ts';
import { utterances } from './utterances.ts';

interface Drafted {
  readonly operation: string;
  readonly place: string;
  intent: DraftIntent<RestCall>;
  readonly inputRefs: Set<SharedSchema>;
  readonly outputRefs: Set<SharedSchema>;
  readonly lossy: Lossy[];
}

const maxBytes = 1_000_000;
const callable = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Makes draft intents of an OpenAPI 3.0 or 3.1 or a Swagger 2.0 document: each operation is an intent, or skipped with its reason.
 * What the document says of itself is a hint: nothing that comes out can be called before a policy allows it.
 * @param document as parsed from JSON or YAML
 * @param options.backend name of the backend that the intents call
 * @param options.sourceName what the document is called in the report
 * @param options.url where it was fetched, if it was: relative addresses of servers are counted from it
 * @throws Error that says what was found and what is supported, where this is no OpenAPI 3.0 or 3.1 document
 */
export const importOpenapi = (
  document: unknown,
  { backend, sourceName, url }: { backend: string; sourceName: string; url?: string },
): Imported<RestCall> => {
  const openapi = openapiDocument(isSwagger(document) ? fromSwagger(document) : document);
  const { operations, skipped } = operationsOf(openapi);
  const shared = sharedSchemas(openapi, String(openapi.openapi).startsWith('3.0') ? '3.0' : '3.1');
  const servers = serverUrls(openapi.servers, url);
  const headers = credentialHeaders(openapi, backend);
  const credentials = new Set(Object.keys(headers));
  const names = hintedNames(operations.map(({ value }) => value['x-intent']));
  const drafts: Drafted[] = [];
  for (const operation of operations) {
    const label = `${operation.method} ${operation.path}`;
    try {
      drafts.push(draft(openapi, operation, label, { backend, servers, url, credentials, shared, names }));
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      skipped.push({ operation: label, reason: error.message });
    }
  }

  shared.settle();
  const kept: Drafted[] = [];
  for (const drafted of drafts) {
    const fault = faultOf(drafted.inputRefs);
    if (fault === undefined) kept.push(withSoundOutput(drafted));
    else skipped.push({ operation: drafted.operation, reason: fault });
  }
  const { schemas, lossy } = shared.finish(kept.flatMap(({ inputRefs, outputRefs }) => [...inputRefs, ...outputRefs]));
  const undone = undoneByKnown(kept.map(({ intent }) => intent));
  return {
    backend,
    reach: { kind: 'rest' },
    sourceName,
    intents: undone.intents,
    schemas,
    skipped,
    lossy: [...kept.flatMap((drafted) => drafted.lossy), ...undone.lossy, ...lossy],
    servers,
    credentialHeaders: headers,
  };
};

interface Surroundings {
  readonly backend: string;
  readonly servers: readonly string[];
  readonly url: string | undefined;
  /** Lower-case names of headers that carry the backend's credential. */
  readonly credentials: ReadonlySet<string>;
  readonly shared: SharedSchemas;
  readonly names: NamesTaken;
}

const draft = (
  document: OpenapiObject,
  operation: Operation,
  label: string,
  { backend, servers, url, credentials, shared, names }: Surroundings,
): Drafted => {
  const { method, value, place } = operation;
  if (!callable.includes(method)) throw new Untranslatable(place, `${method} is not a method that intents call`);
  if (value['x-intent'] === false) throw new Untranslatable(`${place}/x-intent`, 'the document says it is no intent');
  checkServers(operation, servers, url);
  const lossy: Lossy[] = [];
  const note = (at: string, reason: string) => lossy.push({ operation: label, place: at, reason });
  if (isObject(value.callbacks)) note(`${place}/callbacks`, 'callbacks are not imported');

  const inputRefs = new Set<SharedSchema>();
  const outputRefs = new Set<SharedSchema>();
  const run = shared.conversion('input', inputRefs, note);
  const slots = new Set<string>();
  const parameters = readParameters(document, operation, run, slots, credentials);
  const body = readBody(document, operation, run, slots);
  const answer = readOutput(document, operation, shared.conversion('output', outputRefs, note));
  const { schema: output } = answer;
  const input = toInput(parameters, body);
  if (JSON.stringify([input, output]).length > maxBytes)
    throw new Untranslatable(place, 'the schemas of the operation are too large');

  const { group, rest } = intentNameFor(operation);
  const wanted = `${group}.${rest}`;
  const title = plainText(value.summary, 160) || sentence(nameWords(group, rest));
  const effect = effectOf(method);
  const properties = input.properties ?? {};
  const pathSlots = parameters.inPath.map(({ slot }) => slot);
  const description = plainText(value.description, 500);
  const intent = applyHint(
    {
      operation: label,
      group,
      name: wanted,
      version: '1.0.0',
      title,
      description: value.deprecated === true ? `Deprecated. ${description}`.trim() : description,
      effect,
      sinks: effect === 'read' ? [] : (input.required ?? []).map((slot) => `/${pointerSegment(slot)}`),
      examples: utterances({ title, method, path: operation.path, group, rest, pathSlots, properties }),
      input,
      output,
      call: toCall(backend, method, parameters, body, answer),
    },
    { raw: value['x-intent'], place: `${place}/x-intent`, at: place, note, names },
  );
  return { operation: label, place, inputRefs, outputRefs, lossy, intent };
};

/** An operation with servers of its own would be called on the wrong one. */
const checkServers = (
  { value, place, pathItem, pathPlace }: Operation,
  servers: readonly string[],
  base: string | undefined,
): void => {
  const [own, at] = value.servers === undefined ? [pathItem.servers, pathPlace] : [value.servers, place];
  if (own === undefined || (Array.isArray(own) && own.length === 0)) return;
  const urls = serverUrls(own, base);
  if (!urls.some((url) => servers.includes(url)))
    throw new Untranslatable(
      `${at}/servers`,
      `it is served elsewhere (${urls[0] ?? 'at an address that is not absolute'})`,
    );
};

const effectOf = (method: string): Effect =>
  method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'destructive' : 'write';

const toInput = ({ inPath, inQuery, inHeader, inCookie }: Parameters, body: Body | undefined): JsonSchema => {
  const parts: Pick<Part, 'slot' | 'schema' | 'required'>[] = [...inPath, ...inQuery, ...inHeader, ...inCookie];
  if (body !== undefined) parts.push(...(body.kind === 'members' ? body.members : [body]));
  const required = parts.filter((part) => part.required).map(({ slot }) => slot);
  const choices = body?.kind === 'members' ? body.choices : {};
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(parts.map(({ slot, schema }) => [slot, schema])),
    // The loader closes an object by itself, but not beside alternatives.
    ...(Object.keys(choices).length === 0 ? {} : { ...choices, additionalProperties: false }),
  };
};

/** Says how the call is filled only where it does not go by name. */
const toCall = (
  backend: string,
  method: string,
  { path, inPath, inQuery, inHeader, inCookie }: Parameters,
  body: Body | undefined,
  { accept, answer_as }: Output,
): RestCall => {
  const members = body?.kind === 'members' ? body.members : [];
  const byName = [...inQuery, ...members].every(({ slot, wireName, json }) => slot === wireName && !json);
  const toQuery = ['GET', 'HEAD', 'DELETE'].includes(method);
  const wrongPlace = toQuery ? body !== undefined : inQuery.length > 0;
  const filled =
    byName && !wrongPlace && inHeader.length === 0 && inCookie.length === 0 && body?.kind !== 'whole'
      ? {}
      : {
          ...(inQuery.length > 0 || toQuery ? { query: templates(inQuery) } : {}),
          ...(inHeader.length > 0 ? { headers: templates(inHeader) } : {}),
          ...(inCookie.length > 0 ? { cookies: templates(inCookie) } : {}),
          ...(body === undefined ? {} : { body: body.kind === 'whole' ? `$.${body.slot}` : templates(members) }),
        };
  const styles = {
    ...stylesOf('path', inPath, ({ slot }) => slot),
    ...stylesOf('query', inQuery),
    ...stylesOf('headers', inHeader),
    ...body?.styles,
  };
  return {
    backend,
    rest: `${method} ${path}`,
    ...filled,
    ...(body?.body_as === undefined ? {} : { body_as: body.body_as }),
    ...(body?.body_type === undefined ? {} : { body_type: body.body_type }),
    ...(Object.keys(styles).length === 0 ? {} : { styles }),
    ...(body?.parts === undefined ? {} : { parts: body.parts }),
    ...(accept === undefined ? {} : { accept }),
    ...(answer_as === undefined ? {} : { answer_as }),
  };
};

const stylesOf = (
  where: string,
  parts: readonly Part[],
  nameOf = ({ wireName }: Part) => wireName,
): RestCall['styles'] => {
  const styled = parts.flatMap((part) => (part.style === undefined ? [] : [[nameOf(part), part.style] as const]));
  return styled.length === 0 ? {} : { [where]: Object.fromEntries(styled) };
};

const templates = (parts: readonly Part[]): Record<string, Json> =>
  Object.fromEntries(
    parts.map(({ wireName, slot, json }) => [wireName, json ? { jsonata: `$string($.\`${slot}\`)` } : `$.${slot}`]),
  );

const faultOf = (refs: Iterable<SharedSchema>): string | undefined => {
  for (const { fault } of refs) if (fault !== undefined) return fault;
  return undefined;
};

/** An output is not needed to call: what cannot be said of it is left unsaid. */
const withSoundOutput = (drafted: Drafted): Drafted => {
  const fault = faultOf(drafted.outputRefs);
  if (fault === undefined) return drafted;
  drafted.lossy.push({
    operation: drafted.operation,
    place: drafted.place,
    reason: `the output is not described: ${fault}`,
  });
  return { ...drafted, intent: { ...drafted.intent, output: undefined }, outputRefs: new Set() };
};

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
