import { isObject, type JsonObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Question } from '../road/evaluate.ts';

// Source of the shapes: OpenID AuthZEN Authorization API 1.0. Members that it does not know are passed over, and what
// is wrong is 400 where this gateway says 422 elsewhere.

export const maxEvaluations = 100;
const maxLength = 1_000;

type Entity = Readonly<Record<string, unknown>>;
type Members = Readonly<Record<string, unknown>>;

/** What an evaluation needs of each of its three parts. @see searching for what a search leaves out */
const needed = {
  subject: ['type', 'id'],
  action: ['name'],
  resource: ['type', 'id'],
} as const satisfies Record<string, readonly string[]>;
type Part = keyof typeof needed;

export const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type Semantic = (typeof semantics)[number];

/** @throws OstiaryError naming every member that is missing or of the wrong type */
export const readQuestion = (body: Members): Question => questionOf(body, needed);

/** What is searched for, and the question without it. */
export const readSearch = (body: unknown, what: Part): Question => {
  const whole = objectIn(body);
  const { subject, resource } = needed;
  return questionOf(whole, {
    subject: what === 'subject' ? ['type'] : subject,
    resource: what === 'resource' ? ['type'] : resource,
    ...(what === 'action' ? {} : { action: needed.action }),
  });
};

/**
 * The questions of a batch, with the defaults of the whole in each; one that cannot be read is the error that it is.
 * @returns no items where there is no list, or an empty one: then the body is a question itself
 */
export const readBatch = (body: unknown): { items: (Question | OstiaryError)[]; semantic: Semantic } => {
  const whole = objectIn(body);
  const { evaluations = [], options = {} } = whole;
  const semantic = isObject(options) ? (options.evaluations_semantic ?? 'execute_all') : undefined;
  if (!isSemantic(semantic))
    throw malformed([{ pointer: '/options/evaluations_semantic', detail: `must be one of ${semantics.join(', ')}` }]);
  if (!Array.isArray(evaluations)) throw malformed([{ pointer: '/evaluations', detail: 'must be a list' }]);
  if (evaluations.length > maxEvaluations)
    throw malformed([{ pointer: '/evaluations', detail: `must have at most ${maxEvaluations} items` }]);
  const items = evaluations.map((item: unknown, index) => {
    try {
      if (!isObject(item)) throw malformed([{ pointer: '', detail: 'must be an object' }]);
      return questionOf(withDefaults(item, whole), needed, `/evaluations/${index}`);
    } catch (error) {
      if (error instanceof OstiaryError) return error;
      throw error;
    }
  });
  return { items, semantic };
};

const isSemantic = (value: unknown): value is Semantic => semantics.includes(value as Semantic);

/** The body of a request, whatever it asks. */
export const objectIn = (body: unknown): Members => {
  if (isObject(body)) return body;
  throw malformed([{ pointer: '', detail: 'must be an object' }]);
};

/** A part of an item stands in place of the whole's, but for the members that name what it is. */
const withDefaults = (item: Members, whole: Members): Members => {
  const parts = Object.keys(needed).flatMap((part): [string, unknown][] => {
    const [own, other] = [item[part], whole[part]];
    if (own === undefined) return other === undefined ? [] : [[part, other]];
    if (!isObject(own) || !isObject(other)) return [[part, own]];
    const named = needed[part as Part].filter((name) => own[name] === undefined && other[name] !== undefined);
    return [[part, { ...own, ...Object.fromEntries(named.map((name) => [name, other[name]])) }]];
  });
  return { context: item.context ?? whole.context, ...Object.fromEntries(parts) };
};

const questionOf = (body: Members, parts: Partial<Record<Part, readonly string[]>>, at = ''): Question => {
  const wrong: { pointer: string; detail: string }[] = [];
  const tell = (pointer: string, detail: string) => wrong.push({ pointer: `${at}${pointer}`, detail });
  const text = (entity: Entity, part: Part, name: string): string => {
    const value = entity[name];
    if (!parts[part]?.includes(name)) return '';
    if (value === undefined) tell(`/${part}/${name}`, 'is missing');
    else if (typeof value !== 'string') tell(`/${part}/${name}`, 'must be a string');
    else if (value.length > maxLength) tell(`/${part}/${name}`, `must have at most ${maxLength} characters`);
    else return value;
    return '';
  };
  const entity = (part: Part): Entity => {
    const value = body[part];
    if (isObject(value)) return value;
    if (parts[part] !== undefined) tell(`/${part}`, value === undefined ? 'is missing' : 'must be an object');
    return {};
  };
  const properties = (value: Entity, part: Part): JsonObject => {
    const given = parts[part] === undefined ? {} : (value.properties ?? {});
    if (isObject(given)) return given as JsonObject;
    tell(`/${part}/properties`, 'must be an object');
    return {};
  };
  const [subject, action, resource] = [entity('subject'), entity('action'), entity('resource')];
  const context = body.context ?? {};
  if (!isObject(context)) tell('/context', 'must be an object');
  const said = (name: string) => (isObject(context) && typeof context[name] === 'string' ? context[name] : undefined);
  const question: Question = {
    subject: {
      type: text(subject, 'subject', 'type'),
      id: text(subject, 'subject', 'id'),
      properties: properties(subject, 'subject'),
    },
    action: { name: text(action, 'action', 'name'), properties: properties(action, 'action') },
    resource: {
      type: text(resource, 'resource', 'type'),
      id: text(resource, 'resource', 'id'),
      properties: properties(resource, 'resource'),
    },
    purpose: said('purpose')?.slice(0, 200),
    ip: said('ip')?.slice(0, 100),
  };
  if (wrong.length > 0) throw malformed(wrong);
  return question;
};

const malformed = (errors: { pointer: string; detail: string }[]): OstiaryError =>
  new OstiaryError(
    'request.malformed',
    `The body does not fit: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`,
    { errors },
  );
