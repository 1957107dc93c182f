import { type DocumentNode, getOperationAST, Kind, type OperationTypeNode, parse, validate, visit } from 'graphql';
import type { OstiaryError } from '../../intents/problems.ts';
import type { GraphqlEntity } from '../../intents/project/graphql-model.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { faultOf } from './graphql-limits.ts';
import { type Planned, planOperation } from './graphql-plan.ts';
import { spokenOf } from './graphql-selection.ts';
import { type Read, type Served, servedFor } from './graphql-views.ts';

export type Admitted =
  | Extract<Read, { errors: unknown }>
  /** It may not run. */
  | { readonly fault: OstiaryError }
  | { readonly document: DocumentNode; readonly served: Served; readonly type: OperationTypeNode };

/**
 * Reads a document, once for all who see the same schema, and holds it against the limits.
 * @param listed the schema of what the principal may call
 * @throws GraphQLError where it does not parse
 */
export const admitDocument = (
  query: string,
  operationName: string | null | undefined,
  { gate, principal, listed }: { readonly gate: Gate; readonly principal: Principal; readonly listed: Served },
): Admitted => {
  let served = listed;
  let read = readDocument(query, served, gate);
  // What the caller may know of and not call is refused on the road, by name and with the reason.
  const known = 'errors' in read ? servedFor(gate, principal, true) : listed;
  if (known !== listed) {
    const again = readDocument(query, known, gate);
    if ('document' in again && !looksInto(again.document)) [served, read] = [known, again];
  }
  if ('errors' in read) return read;
  const fault = overLimits(read, operationName, served, gate);
  if (fault !== undefined) return { fault };
  const { document } = read;
  // Where there is no such operation, the library says so.
  const type = getOperationAST(document, operationName)?.operation ?? ('query' as OperationTypeNode);
  return { document, served, type };
};

const readDocument = (query: string, served: Served, { config }: Gate): Read => {
  const known = served.known(query);
  if (known !== undefined) return known;
  const document = parse(query, { maxTokens: config.doors.graphql.tokens });
  const errors = validate(served.schema, document, undefined, { maxErrors: 20 });
  const read: Read = errors.length > 0 ? { errors } : { document, held: new Map(), plans: new Map() };
  served.keep(query, read);
  return read;
};

/** Whether a document asks for the schema: it shows what can be called, and nothing else. */
const looksInto = (document: DocumentNode): boolean => {
  let found = false;
  visit(document, {
    [Kind.FIELD]: ({ name }: { name: { value: string } }) => {
      found ||= name.value === '__schema' || name.value === '__type';
    },
  });
  return found;
};

/**
 * An operation of a document that was asked for before, and may run.
 * @returns undefined where it was not, or may not
 */
export const knownOperation = (
  query: string,
  operationName: string | null | undefined,
  served: Served,
  gate: Gate,
): Planned | undefined => {
  const read = served.known(query);
  if (read === undefined || 'errors' in read) return undefined;
  const { document, held, plans } = read;
  const key = operationName ?? '';
  const before = plans.get(key);
  if (before !== undefined) return before;
  const operation = getOperationAST(document, operationName);
  const name = operation?.name?.value ?? '';
  if (!operation || !held.has(name) || held.get(name) !== undefined) return undefined;
  const planned = planOperation(document, operation, served, gate);
  plans.set(key, planned);
  return planned;
};

/** What an operation of a document asks for too much of. */
const overLimits = (
  { document, held }: Extract<Read, { document: DocumentNode }>,
  name: string | null | undefined,
  served: Served,
  { config }: Gate,
): OstiaryError | undefined => {
  const operation = getOperationAST(document, name);
  if (!operation) return undefined;
  const key = operation.name?.value ?? '';
  if (!held.has(key)) held.set(key, faultOf(document, operation, { ...served, limits: config.doors.graphql }));
  return held.get(key);
};

/** By the names of all fields in a document, whatever they are fields of: too many never hurt. */
export const wantedOf = (entity: GraphqlEntity, document: DocumentNode): readonly string[] => {
  const names = new Set<string>();
  visit(document, { [Kind.FIELD]: ({ name }: { name: { value: string } }) => void names.add(name.value) });
  return spokenOf(entity, names);
};
