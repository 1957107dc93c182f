import type { FastifyRequest } from 'fastify';
import { isObject } from '../../intents/json.ts';
import type { GraphqlParams } from './graphql-events.ts';

/** What most clients send. */
export interface PlainRequest {
  readonly params: GraphqlParams;
  /** Of the answer. */
  readonly mediaType: MediaType;
}
type MediaType = 'application/json' | 'application/graphql-response+json';

/**
 * A request as most clients write it: a JSON body, and JSON as the answer.
 * @returns undefined where it is anything else: whether that is taken, and how it is answered, is for the library to say
 */
export const plainRequest = ({ method, headers, body }: FastifyRequest): PlainRequest | undefined => {
  if (method !== 'POST' || !isObject(body) || !jsonBody.test(headers['content-type'] ?? '')) return undefined;
  const mediaType = wantedType(headers.accept);
  const { query, operationName, variables, extensions } = body;
  if (mediaType === undefined || typeof query !== 'string') return undefined;
  if (!isNothing(operationName) && typeof operationName !== 'string') return undefined;
  if (!isNothing(variables) && !isObject(variables)) return undefined;
  return isNothing(extensions) || isObject(extensions)
    ? { params: { query, operationName, variables }, mediaType }
    : undefined;
};

const jsonBody = /^application\/json(?:; ?charset=utf-8)?$/i;
const isNothing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** The first of several is taken, whatever weight it has, as the library does. */
const wantedType = (accept = '*/*'): MediaType | undefined => {
  const types = accept.split(',').map((one) => acceptable.exec(one)?.[1]);
  if (types.includes(undefined)) return undefined;
  return /graphql/i.test(types[0] ?? '') ? 'application/graphql-response+json' : 'application/json';
};
const acceptable =
  /^\s*(application\/(?:json|\*|graphql-response\+json)|\*\/\*)(?:\s*;\s*charset=utf-8)?(?:\s*;\s*q=[\d.]+)?\s*$/i;
