import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OstiaryError, type Problem, toProblem } from '../../intents/problems.ts';
import type { Asker, Directory } from '../authzen-directory.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { type Asking, evaluate } from '../road/evaluate.ts';
import { search } from '../road/search.ts';
import { traceOf } from '../telemetry/serve-http.ts';
import { printError, printEvaluation, printMetadata, printSearch } from './authzen-print.ts';
import { objectIn, readBatch, readQuestion, readSearch } from './authzen-read.ts';
import { bearerOf, presentedBy } from './http-read.ts';
import { toOstiaryError } from './http-refusals.ts';
import { takeJson } from './json-body.ts';

const door = 'authzen';

/**
 * The AuthZEN door, beside the HTTP door on the same server: the decision function for services that keep their own
 * front door. Source: OpenID AuthZEN Authorization API 1.0. Where nobody is configured to ask, it is not there.
 */
export const authzenDoor = (app: FastifyInstance, gate: () => Gate): void => {
  app.register(async (own) => {
    const { limits } = gate().config;
    takeJson(own, limits.depth);
    // AuthZEN says 400 where HTTP would say 415.
    own.addContentTypeParser('*', (_request, _body, done) => done(wrongType()));
    own.addHook('onRequest', async ({ headers }, reply) => {
      const id = headers['x-request-id'];
      if (typeof id === 'string') reply.header('x-request-id', id.slice(0, 200));
    });
    own.setErrorHandler((error, request, reply) => {
      const found = toOstiaryError(error);
      const known = found.code === 'request.media_type' ? wrongType() : found;
      if (known.code === 'internal') request.log.error({ err: error, request: request.id }, 'the AuthZEN door failed');
      recordRefusal(gate(), request.id, door, known.code, { trace: traceOf(request)?.id });
      return refuse(reply, toProblem(known, request.id));
    });

    own.get('/.well-known/authzen-configuration', async (_request, reply) => send(reply, printMetadata(known(gate()))));

    own.post('/access/v1/evaluation', async (request, reply) => {
      const asking = await askingOf(request, gate());
      return send(reply, await single(readQuestion(objectIn(request.body)), asking, gate()));
    });

    own.post('/access/v1/evaluations', async (request, reply) => {
      const asking = await askingOf(request, gate());
      const { items, semantic } = readBatch(request.body);
      if (items.length === 0) return send(reply, await single(readQuestion(objectIn(request.body)), asking, gate()));
      const evaluations: { decision: boolean }[] = [];
      for (const item of items) {
        const id = gate().nextId();
        const one = { ...asking, request: { ...asking.request, id, parent: request.id } };
        if (item instanceof OstiaryError)
          recordRefusal(gate(), id, door, item.code, { parent: request.id, trace: traceOf(request)?.id });
        const printed = item instanceof OstiaryError ? printError(item, id) : await single(item, one, gate());
        evaluations.push(printed);
        if (semantic === 'deny_on_first_deny' && !printed.decision) break;
        if (semantic === 'permit_on_first_permit' && printed.decision) break;
      }
      return send(reply, { evaluations });
    });

    for (const what of ['subject', 'resource', 'action'] as const)
      own.post(`/access/v1/search/${what}`, async (request, reply) => {
        const asking = await askingOf(request, gate());
        if (!asking.asker.may.has('search'))
          throw new OstiaryError('authzen.not_allowed', 'This caller may ask for decisions, and not search.');
        return send(reply, printSearch(await search(what, readSearch(request.body, what), asking, gate())));
      });

    const single = async (question: ReturnType<typeof readQuestion>, asking: Asking, now: Gate) =>
      printEvaluation(await evaluate(question, asking, now), asking.asker);

    /** @throws OstiaryError where it is nobody known, or nobody who may ask */
    const askingOf = async (request: FastifyRequest, { authenticator, config, ...rest }: Gate): Promise<Asking> => {
      const directory = known(rest);
      const now = new Date();
      const proof = presentedBy(request, config.listen.url);
      const principal = await authenticator.authenticate(bearerOf(request), now, proof);
      const asker: Asker | undefined = directory.askerOf(principal);
      if (asker === undefined)
        throw new OstiaryError('authzen.not_allowed', 'This caller may not ask for decisions about others.');
      const signal = AbortSignal.timeout(limits.deadline);
      return {
        asker,
        credential: principal.credential.id,
        directory,
        request: { id: request.id, trace: traceOf(request), now, signal },
      };
    };
  });
};

const known = ({ directory }: Pick<Gate, 'directory'>): Directory => {
  if (directory === undefined) throw new OstiaryError('request.not_found', 'Nobody may ask for decisions here.');
  return directory;
};

const wrongType = () => new OstiaryError('request.malformed', 'Send the body as application/json.');

const send = (reply: FastifyReply, body: unknown): FastifyReply => {
  // A connection that is kept open would hold up the stop.
  if (!reply.server.server.listening) reply.header('connection', 'close');
  return reply
    .code(200)
    .header('content-type', 'application/json; charset=utf-8')
    .header('ostiary-request-id', reply.request.id)
    .send(JSON.stringify(body));
};

const refuse = (reply: FastifyReply, problem: Problem): FastifyReply => {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (!reply.server.server.listening) reply.header('connection', 'close');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('ostiary-request-id', reply.request.id)
    .send(JSON.stringify(problem));
};
