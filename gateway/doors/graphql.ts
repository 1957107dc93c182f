import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, GraphQLError, getOperationAST, Kind, parse, validate, visit } from 'graphql';
import { createHandler } from 'graphql-http';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { GraphqlEntity } from '../../intents/project/graphql-model.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { traceOf } from '../telemetry/serve-http.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import { problemError, withProblem } from './graphql-errors.ts';
import { faultOf } from './graphql-limits.ts';
import { graphqlOperation } from './graphql-operation.ts';
import { spokenOf } from './graphql-selection.ts';
import { type Read, type Served, servedFor } from './graphql-views.ts';
import { bearerOf, idempotencyKeyOf, presentedBy, purposeHeader } from './http-read.ts';
import { toOstiaryError } from './http-refusals.ts';

const path = '/graphql';
const door = 'graphql';
const tooLate = new OstiaryError('deadline.exceeded', 'The deadline passed before there was an answer.');
const gone = new OstiaryError('client.closed', 'The caller hung up.');

/**
 * The GraphQL door, by GraphQL over HTTP: what a caller may call are its fields, and each of them goes down the road as a
 * typed call of its own. Every request shows a credential, in a header that no page can make a browser send along.
 * @param gateNow asked for at each request, so that a reload needs no restart
 */
export const graphqlDoor = (app: FastifyInstance, gateNow: () => Gate): void => {
  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const gate = gateNow();
    const bearer = bearerOf(request);
    // One object for the whole request: a proof is taken once, here and on the road.
    const presented = presentedBy(request, gate.config.listen.url);
    const principal = await gate.authenticator.authenticate(bearer, new Date(), presented);
    const listed = servedFor(gate, principal);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(tooLate), gate.config.limits.deadline);
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort(gone);
    });
    const caller = {
      id: request.id,
      bearer,
      presented,
      purpose: purposeHeader(request),
      idempotencyKey: idempotencyKeyOf(request),
      ip: request.ip,
      trace: traceOf(request),
      signal: controller.signal,
    };
    const { spans } = gate.telemetry;
    let operation: Trace | undefined;
    const tell = (error: unknown) => request.log.error({ err: error, request: request.id }, 'the GraphQL door failed');
    let refused = false;
    /** Of what never came to the road, one entry. */
    const refusal = (error: Error): GraphQLError => {
      const told = withProblem(error, request.id, 'request.invalid', tell);
      if (!refused)
        recordRefusal(gate, request.id, door, told.extensions.code as OstiaryError['code'], {
          trace: caller.trace?.id,
        });
      refused = true;
      return told;
    };
    const handler = createHandler<FastifyRequest, undefined, Record<PropertyKey, unknown>>({
      onSubscribe: (_request, { query, operationName, variables }) => {
        try {
          let served = listed;
          let read = readDocument(query, served, gate);
          // What the caller may know of and not call is refused on the road, by name and with the reason.
          const known = 'errors' in read ? servedFor(gate, principal, true) : listed;
          if (known !== listed) {
            const again = readDocument(query, known, gate);
            if ('document' in again && !looksInto(again.document)) [served, read] = [known, again];
          }
          if ('errors' in read) return read.errors;
          const { document } = read;
          const refused = overLimits(read, operationName, served, gate);
          if (refused !== undefined) return [refusal(refused)];
          const type = getOperationAST(document, operationName)?.operation ?? 'query';
          operation = spans?.begin(type, 'internal', { 'graphql.operation.type': type }, caller.trace);
          return {
            schema: served.schema,
            document,
            operationName,
            variableValues: variables,
            contextValue: {
              ...graphqlOperation(
                gate,
                operation === undefined ? caller : { ...caller, trace: operation },
                listed.sdl,
                (entity) => wantedOf(entity, document),
              ),
            },
          };
        } catch (error) {
          // What does not parse; anything else nobody foresaw.
          if (error instanceof GraphQLError) return [refusal(error)];
          throw error;
        }
      },
      onOperation: (_request, _args, result) =>
        result.errors === undefined || !('data' in result)
          ? undefined
          : { ...result, errors: result.errors.map((error) => withProblem(error, request.id, 'output.invalid', tell)) },
      formatError: (error) =>
        error instanceof GraphQLError && typeof error.extensions.code === 'string' ? error : refusal(error),
    });
    try {
      const { method, url, headers, body } = request;
      const [text, { status, headers: sent = {} }] = await handler({
        method,
        url,
        headers,
        body: body as Record<string, unknown>,
        raw: request,
        context: undefined,
      });
      if (!reply.server.server.listening) reply.header('connection', 'close');
      return reply
        .code(status)
        .headers(sent)
        .header('ostiary-request-id', request.id)
        .send(text ?? '');
    } finally {
      clearTimeout(timer);
      if (operation !== undefined) spans?.end(operation);
    }
  };

  /** What this door itself refuses is an error of GraphQL, with the problem in it. */
  const errorHandler = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = toOstiaryError(thrown);
    if (error.code === 'internal') request.log.error({ err: thrown, request: request.id }, 'the GraphQL door failed');
    recordRefusal(gateNow(), request.id, door, error.code, { trace: traceOf(request)?.id });
    const problem = toProblem(error, request.id);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    const plain = !/application\/graphql-response\+json/i.test(request.headers.accept ?? '');
    return reply
      .code(problem.status)
      .header('content-type', `application/${plain ? 'json' : 'graphql-response+json'}; charset=utf-8`)
      .header('ostiary-request-id', request.id)
      .send(JSON.stringify({ errors: [problemError(problem)] }));
  };
  app.post(path, { errorHandler }, serve);
  app.get(path, { errorHandler }, serve);
};

/** Reads and validates a document once for all who see the same schema. */
const readDocument = (query: string, served: Served, { config }: Gate): Read => {
  const known = served.known(query);
  if (known !== undefined) return known;
  const document = parse(query, { maxTokens: config.doors.graphql.tokens });
  const errors = validate(served.schema, document, undefined, { maxErrors: 20 });
  const read: Read = errors.length > 0 ? { errors } : { document, held: new Map() };
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

/** What an operation of a document asks for too much of. */
const overLimits = (
  { document, held }: Extract<Read, { document: DocumentNode }>,
  name: string | null | undefined,
  served: Served,
  { config }: Gate,
): OstiaryError | undefined => {
  const operation = getOperationAST(document, name);
  // The library says what is wrong then.
  if (!operation) return undefined;
  const key = operation.name?.value ?? '';
  if (!held.has(key)) held.set(key, faultOf(document, operation, { ...served, limits: config.doors.graphql }));
  return held.get(key);
};

/** By the names of all fields in a document, whatever they are fields of: too many never hurt. */
const wantedOf = (entity: GraphqlEntity, document: DocumentNode): readonly string[] => {
  const names = new Set<string>();
  visit(document, { [Kind.FIELD]: ({ name }: { name: { value: string } }) => void names.add(name.value) });
  return spokenOf(entity, names);
};
