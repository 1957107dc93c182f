import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-sse';
import { eventHead, wantsEvents } from './http-events.ts';

/** What is asked for, as it was sent. */
export interface GraphqlParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}
type Context = Record<PropertyKey, unknown>;
export type GraphqlRun = ExecutionArgs & { readonly contextValue: Context };

/**
 * Whether an operation is to be answered with events: where nothing else is taken, and a subscription wherever they are.
 * @param subscribes asked only where both are taken
 */
export const takesEvents = (request: FastifyRequest, subscribes: () => boolean): boolean =>
  wantsEvents(request) && (!/json|\*\/\*/i.test(request.headers.accept ?? '') || subscribes());

/**
 * Answers an operation with server-sent events: GraphQL over SSE, "distinct connections mode". A result leaves when the
 * one before it has been taken, so that a caller who reads slowly is told slowly.
 * @param prepare what is to be run, or why it is not
 * @param print a result as it leaves
 * @param refuse what was not even asked for in a form that can be read
 */
export const answerWithEvents = async (
  request: FastifyRequest,
  reply: FastifyReply,
  {
    prepare,
    print,
    refuse,
  }: {
    readonly prepare: (params: GraphqlParams) => GraphqlRun | readonly GraphQLError[];
    readonly print: (result: ExecutionResult) => ExecutionResult;
    readonly refuse: (error: GraphQLError) => GraphQLError;
  },
): Promise<FastifyReply> => {
  const { raw } = reply;
  const turn = turns();
  const handler = createHandler<FastifyRequest, undefined, Context>({
    authenticate: () => null,
    // It has been, together with the limits.
    validate: () => [],
    onSubscribe: (_request, { query, operationName, variables }) => {
      const run = prepare({ query, operationName, variables });
      return 'schema' in run ? run : only({ errors: run });
    },
    onNext: async (_context, _request, result) => {
      await turn.next();
      return print(result as ExecutionResult);
    },
  });
  const [body, { status, headers }] = await handler({
    method: request.method,
    url: request.url,
    headers: { get: (name) => (name === 'accept' ? 'text/event-stream' : (request.headers[name] as string)) },
    body: (request.body ?? null) as Record<string, unknown> | null,
    raw: request,
    context: undefined,
  });
  if (body === null || typeof body === 'string') {
    const errors = [refuse(new GraphQLError(messageOf(body) ?? `This cannot be answered: HTTP ${status}.`))];
    return reply
      .code(status)
      .headers(headers?.allow === undefined ? {} : { allow: headers.allow })
      .header('content-type', 'application/json; charset=utf-8')
      .header('ostiary-request-id', request.id)
      .send(JSON.stringify({ errors }));
  }
  reply.hijack();
  raw.writeHead(200, eventHead(reply));
  const leave = () => {
    turn.end();
    void body.return();
  };
  raw.once('close', leave);
  try {
    for await (const chunk of body) {
      if (raw.destroyed) break;
      if (!raw.write(chunk)) await drained(raw);
      if (chunk.startsWith('event: next')) turn.taken();
    }
    raw.end();
  } catch (error) {
    raw.destroy();
    throw error;
  } finally {
    leave();
  }
  return reply;
};

/** One at a time: the next may come when the one before it has been taken. */
const turns = () => {
  let [taken, ended] = [Promise.withResolvers<void>(), false];
  taken.resolve();
  return {
    async next(): Promise<void> {
      await taken.promise;
      if (!ended) taken = Promise.withResolvers();
    },
    taken: () => taken.resolve(),
    end: () => {
      ended = true;
      taken.resolve();
    },
  };
};

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
    if (response.destroyed) done();
  });

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

const messageOf = (body: string | null): string | undefined => {
  const told = body === null ? {} : (JSON.parse(body) as { errors?: { message?: string }[] });
  return told.errors?.[0]?.message;
};
