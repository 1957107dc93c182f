import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, type ExecutionResult, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-http';
import { isObject } from '../../intents/json.ts';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { traceOf } from '../telemetry/serve-http.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import { admitDocument, knownOperation, wantedOf } from './graphql-document.ts';
import { problemError, withProblem } from './graphql-errors.ts';
import { answerWithEvents, type GraphqlParams, type GraphqlRun, takesEvents } from './graphql-events.ts';
import { type GraphqlOperation, graphqlOperation } from './graphql-operation.ts';
import { plainRequest } from './graphql-plain.ts';
import { readyToRun } from './graphql-run.ts';
import { servedFor } from './graphql-views.ts';
import { bearerOf, idempotencyKeyOf, presentedBy, purposeHeader } from './http-read.ts';
import { toOstiaryError } from './http-refusals.ts';

const path = '/graphql';
const door = 'graphql';
const tooLate = new OstiaryError('deadline.exceeded', 'The deadline passed before there was an answer.');
const eventsAlone = new OstiaryError(
  'request.invalid',
  'A subscription is answered with server-sent events: send "Accept: text/event-stream".',
);
const gone = new OstiaryError('client.closed', 'The caller hung up.');

/**
 * The GraphQL door, by GraphQL over HTTP: what a caller may call are its fields, and each of them goes down the road as a
 * typed call of its own. What is subscribed to comes by GraphQL over SSE. Every request shows a credential, in a header that no page can make a browser send along.
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
    let running: GraphqlOperation | undefined;
    /** Once a request, whoever runs it. */
    const begin = (document: DocumentNode, type: string): GraphqlOperation => {
      if (running === undefined) {
        operation = spans?.begin(type, 'internal', { 'graphql.operation.type': type }, caller.trace);
        const traced = operation === undefined ? caller : { ...caller, trace: operation };
        running = graphqlOperation(gate, traced, listed.sdl, (entity) => wantedOf(entity, document));
      }
      return running;
    };
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
    /** @returns what is to be run, or why it is not */
    const prepare = (params: GraphqlParams, events: boolean): GraphqlRun | readonly GraphQLError[] => {
      const { query, operationName, variables } = params;
      try {
        const admitted = admitDocument(query, operationName, { gate, principal, listed });
        if ('errors' in admitted) return admitted.errors.map(refusal);
        if ('fault' in admitted) return [refusal(admitted.fault)];
        const { document, served, type } = admitted;
        if (type === 'subscription' && !events) return [refusal(eventsAlone)];
        return {
          schema: served.schema,
          document,
          operationName: operationName ?? null,
          variableValues: variables ?? null,
          contextValue: { ...begin(document, type) },
        };
      } catch (error) {
        // What does not parse; anything else nobody foresaw.
        if (error instanceof GraphQLError) return [refusal(error)];
        throw error;
      }
    };
    const print = <T extends ExecutionResult>(result: T): T =>
      result.errors === undefined || !('data' in result)
        ? result
        : { ...result, errors: result.errors.map((error) => withProblem(error, request.id, 'output.invalid', tell)) };
    /** @returns the data as JSON; undefined where it is for the library to answer */
    const runPlain = async ({ query, operationName, variables }: GraphqlParams): Promise<string | undefined> => {
      const planned = knownOperation(query, operationName, listed, gate);
      if (planned === undefined) return undefined;
      const run = readyToRun(planned, variables, listed.schema);
      const data = await run?.(begin(planned.document, planned.operation.operation));
      return data && JSON.stringify({ data });
    };
    try {
      const plain = plainRequest(request);
      const text = plain && (await runPlain(plain.params));
      if (text !== undefined) return answerWith(reply, 200, `${plain?.mediaType}; charset=utf-8`, text);
      if (takesEvents(request, () => subscribes(request, { gate, principal, listed })))
        return await answerWithEvents(request, reply, {
          prepare: (params) => prepare(params, true),
          print,
          refuse: refusal,
        }).finally(() => controller.abort(gone));
      const handler = createHandler<FastifyRequest, undefined, Record<PropertyKey, unknown>>({
        onSubscribe: (_request, params) => prepare(params, false),
        onOperation: (_request, _args, result) => print(result),
        formatError: (error) =>
          error instanceof GraphQLError && typeof error.extensions.code === 'string' ? error : refusal(error),
      });
      const { method, url, headers, body } = request;
      const [printed, { status, headers: sent = {} }] = await handler({
        method,
        url,
        headers,
        body: body as Record<string, unknown>,
        raw: request,
        context: undefined,
      });
      return answerWith(reply.headers(sent), status, sent['content-type'], printed ?? '');
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

const answerWith = (reply: FastifyReply, status: number, type: string | undefined, text: string): FastifyReply => {
  // A connection that is kept open would hold up the stop.
  if (!reply.server.server.listening) reply.header('connection', 'close');
  if (type !== undefined) reply.header('content-type', type);
  return reply.code(status).header('ostiary-request-id', reply.request.id).send(text);
};

/** Whether a request asks for a subscription, as far as it can be read. */
const subscribes = ({ body, query }: FastifyRequest, means: Parameters<typeof admitDocument>[2]): boolean => {
  const asked = isObject(body) ? body : (query as Record<string, unknown>);
  if (typeof asked.query !== 'string') return false;
  const name = typeof asked.operationName === 'string' ? asked.operationName : undefined;
  try {
    const admitted = admitDocument(asked.query, name, means);
    return 'type' in admitted && admitted.type === 'subscription';
  } catch {
    return false;
  }
};
