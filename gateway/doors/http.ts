import type { Socket } from 'node:net';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { type Input, isObject } from '../../intents/json.ts';
import { leastOf } from '../../intents/narrow.ts';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import { toOpenapi } from '../../intents/project/openapi.ts';
import { troubledBackends } from '../admission/troubled.ts';
import type { Gate } from '../gate.ts';
import { ranFor } from '../ran-examples.ts';
import { recordRefusal } from '../road/answer.ts';
import type { Request } from '../road/context.ts';
import { travel } from '../road/road.ts';
import { waiting } from '../road/waiting.ts';
import { observeHttp, traceOf } from '../telemetry/serve-http.ts';
import { authzenDoor } from './authzen.ts';
import { askOf, bodies } from './bodies.ts';
import { deprecationHeaders } from './deprecation.ts';
import { graphqlDoor } from './graphql.ts';
import { endStalled, endWith, framingFault } from './http-connections.ts';
import { refuseEarly } from './http-early.ts';
import { openEvents, wantsEvents } from './http-events.ts';
import { type Printed, printConversation, printIntent, printTyped, printWaiting } from './http-print.ts';
import {
  bearerOf,
  budgetOf,
  fieldsOf,
  idempotencyKeyOf,
  named,
  objectOf,
  prefers,
  presentedBy,
  purposeHeader,
  readBody,
  timeoutOf,
} from './http-read.ts';
import { referenceDoor } from './http-reference.ts';
import { printRaw, toOstiaryError, toUnreadable } from './http-refusals.ts';
import { trimConversation, trimTyped } from './http-trim.ts';
import { takeJson } from './json-body.ts';
import { mcpDoor } from './mcp.ts';
import { rateHeaders } from './rate-headers.ts';
import { reputationDoor } from './reputation.ts';
import { tokenExchange } from './token-exchange.ts';

const door = 'http';
const tooLate = new OstiaryError('deadline.exceeded', 'The deadline passed before there was an answer.');
const gone = new OstiaryError('client.closed', 'The caller hung up.');

/**
 * The HTTP door: bytes to a request, an outcome to bytes, and no rule in between.
 * @param gate asked for at each request, so that a reload needs no restart
 * @param draining whether it is about to stop: /readyz says so, and what comes is still answered
 */
export const httpDoor = (
  gate: () => Gate,
  logger: FastifyBaseLogger,
  draining: () => boolean = () => false,
): FastifyInstance => {
  const { limits } = gate().config;
  const { ask: askBody, explainWords, explainCall, confirmation: confirmationBody } = bodies(limits);

  /** Connections that were already refused as a whole: what comes of their requests is the same refusal. */
  const unreadable = new WeakSet<Socket>();
  const app = fastify({
    loggerInstance: logger,
    // The audit log has every request; a second line for each would only cost.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    requestTimeout: limits.deadline,
    // After a request that is not there in time was told so.
    connectionTimeout: limits.deadline + 3_000,
    // What is logged here names its request itself.
    childLoggerFactory: (parent) => parent,
    genReqId: () => gate().nextId(),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 250 },
    http: {
      // Node changes this with the time for the whole request where it is the longer of the two.
      headersTimeout: limits.deadline,
      requestTimeout: limits.deadline,
      // It looks for requests that take too long every 30 s otherwise.
      connectionsCheckingInterval: 1_000,
      joinDuplicateHeaders: true,
      // It would refuse one without a host in words of its own, and record nothing.
      requireHostHeader: false,
    },
    frameworkErrors: (error, request, reply) =>
      refuse(request, reply as unknown as FastifyReply, toOstiaryError(error)),
    clientErrorHandler: (error, socket) => {
      const refusal = toUnreadable(error);
      if (refusal === undefined || !socket.writable) return socket.destroy();
      // Whatever else comes on it is no HTTP either.
      if (unreadable.has(socket)) return;
      const id = gate().nextId();
      unreadable.add(socket);
      recordRefusal(gate(), id, door, refusal.code);
      endWith(socket, printRaw(toProblem(refusal, id), id));
    },
  });
  endStalled(app.server);
  const wasLetIn = refuseEarly(app.server, gate);
  observeHttp(app, gate().telemetry);
  app.addHook('onRequest', (request, _reply, done) => done(framingFault(request.raw)));
  const routes: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({
      method: String(method),
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
    });
  });
  takeJson(app, limits.depth);

  const asked = (
    request: FastifyRequest,
    rest: Pick<Request, 'what' | 'explain' | 'purpose' | 'progress' | 'fields' | 'least'>,
    signal: AbortSignal,
  ): Request => ({
    id: request.id,
    door,
    trace: traceOf(request),
    bearer: bearerOf(request),
    presented: presentedBy(request, gate().config.listen.url),
    idempotencyKey: idempotencyKeyOf(request),
    ip: request.ip,
    now: new Date(),
    signal,
    ...(wasLetIn(request.raw) && { letIn: true as const }),
    ...rest,
  });
  const take = async (
    request: FastifyRequest,
    reply: FastifyReply,
    rest: Pick<Request, 'what' | 'explain' | 'purpose' | 'fields' | 'least'>,
    print: (ended: Awaited<ReturnType<typeof travel>>) => Printed,
  ) => {
    const controller = new AbortController();
    const timeoutMs = timeoutOf(request, limits.deadline);
    const timer = setTimeout(() => controller.abort(tooLate), timeoutMs);
    const hungUp = () => {
      if (!reply.raw.writableFinished) controller.abort(gone);
    };
    reply.raw.once('close', hungUp);
    try {
      // What cannot be read is refused as a whole, before any event is sent.
      const parsed = { ...asked(request, rest, controller.signal), until: performance.now() + timeoutMs };
      const events = rest.what.kind === 'ask' && wantsEvents(request) ? openEvents(reply) : undefined;
      const ended = await travel(events === undefined ? parsed : { ...parsed, progress: events.progress }, gate());
      const printed = print(ended);
      if (ended.context.replayed !== undefined) reply.header('idempotency-replayed', 'true');
      reply.headers({ ...deprecationHeaders(ended.context, gate()), ...rateHeaders(ended) });
      if (events === undefined) return send(reply, printed);
      events.answer(printed.body);
      return reply;
    } finally {
      clearTimeout(timer);
    }
  };

  /** What of an output is wanted: what is named, or with `Prefer: return=minimal` what tells a thing from others. */
  const wantedOf = (request: FastifyRequest, name: string, major: number | undefined) => {
    const pointers = fieldsOf(request.query);
    if (pointers !== undefined) return { pointers, minimal: false };
    if (!prefers(request, 'return=minimal')) return undefined;
    const { catalogue } = gate();
    const intent = catalogue.find(name, major);
    const least = intent && leastOf(intent, catalogue.library.resolveRef);
    return least && { pointers: least, minimal: true };
  };

  app.post('/v1/ask', (request, reply) => {
    const body = readBody(askBody, request.body);
    const fields = fieldsOf(request.query);
    const least = prefers(request, 'return=minimal');
    const what = askOf(body);
    return take(
      request,
      reply,
      {
        what,
        explain: false,
        purpose: body.purpose ?? purposeHeader(request),
        ...(fields && { fields }),
        ...(least && { least }),
      },
      (ended) => {
        const shaped = least && fields === undefined && ended.context.request.fields !== undefined;
        if (shaped && !reply.sent) reply.header('preference-applied', 'return=minimal');
        return trimConversation(printConversation(ended, body.trace), ended, budgetOf(request.headers.prefer));
      },
    );
  });
  app.post<{ Params: { name: string } }>('/v1/intents/:name', (request, reply) => {
    const given = objectOf(
      request.body === undefined ? {} : request.body,
      'The body is the input of the intent: a JSON object.',
    ) as Input;
    const what = { kind: 'typed', ...named(request.params.name), input: given } as const;
    const fields = wantedOf(request, what.name, what.major);
    return take(
      request,
      reply,
      { what, explain: false, purpose: purposeHeader(request), ...(fields && { fields: fields.pointers }) },
      (ended) => {
        // Whether there is such an intent is for the road to say.
        const { printed, headers } = trimTyped(
          printTyped(ended),
          ended,
          fields?.minimal === true,
          budgetOf(request.headers.prefer),
        );
        reply.headers(headers);
        return printed;
      },
    );
  });
  app.post('/v1/explain', (request, reply) => {
    const body =
      isObject(request.body) && Object.hasOwn(request.body, 'intent')
        ? readBody(explainCall, request.body)
        : readBody(explainWords, request.body);
    const what: Request['what'] =
      'text' in body ? askOf(body) : { kind: 'typed', ...named(body.intent), input: body.input };
    return take(request, reply, { what, explain: true, purpose: body.purpose ?? purposeHeader(request) }, (ended) =>
      printConversation(ended, true),
    );
  });
  app.post<{ Params: { id: string } }>('/v1/confirmations/:id', (request, reply) => {
    const { confirm, trace } = readBody(confirmationBody, request.body);
    const what = { kind: 'confirmation', id: request.params.id, confirm } as const;
    return take(request, reply, { what, explain: false, purpose: purposeHeader(request) }, (ended) =>
      printConversation(ended, trace),
    );
  });

  app.get('/v1/confirmations', async (request) => {
    const now = new Date();
    const principal = await gate().authenticator.authenticate(
      bearerOf(request),
      now,
      presentedBy(request, gate().config.listen.url),
    );
    const found = await waiting(principal, gate(), now);
    return { confirmations: found.map(({ pending, shown, mine }) => printWaiting(pending, shown, mine)) };
  });

  const callable = async (request: FastifyRequest) => {
    const { authenticator, bundle, catalogue, config } = gate();
    const proof = presentedBy(request, config.listen.url);
    const principal = await authenticator.authenticate(bearerOf(request), new Date(), proof);
    return {
      principal,
      intents: catalogue.intents.filter((intent) => bundle.visibility(principal, intent) === 'callable'),
    };
  };
  app.get('/v1/intents', async (request) => {
    const { principal, intents } = await callable(request);
    return { intents: intents.map((intent) => printIntent(intent, gate().bundle.purposesFor(principal, intent))) };
  });
  app.get<{ Params: { name: string } }>('/v1/intents/:name', async (request) => {
    const { name, major } = named(request.params.name);
    const { principal, intents } = await callable(request);
    const intent = intents.findLast((one) => one.name === name && (major === undefined || one.major === major));
    if (intent === undefined)
      throw new OstiaryError('intent.unknown', `There is no intent "${request.params.name}" for this caller.`);
    return printIntent(intent, gate().bundle.purposesFor(principal, intent));
  });
  app.get('/openapi.json', async (request) => {
    const { principal, intents } = await callable(request);
    return toOpenapi(intents, gate().catalogue.library, ranFor(principal, gate(), new Date()));
  });
  graphqlDoor(app, gate);
  mcpDoor(app, gate);
  authzenDoor(app, gate);
  reputationDoor(app, gate);
  void app.register(tokenExchange(gate));
  void app.register(referenceDoor(gate));
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const fault = gate().store.fault();
    const status = fault !== undefined ? 'unavailable' : draining() ? 'draining' : 'ok';
    const troubled = troubledBackends(gate());
    return reply
      .code(status === 'ok' ? 200 : 503)
      .send({ status, checks: { store: fault ?? 'ok' }, ...(troubled && { backends: troubled }) });
  });

  const refuse = (request: FastifyRequest, reply: FastifyReply, error: OstiaryError) => {
    // One that was cut off with its connection has no record of its own.
    if (request.raw.complete || !unreadable.has(request.raw.socket))
      recordRefusal(gate(), request.id, door, error.code, { trace: traceOf(request)?.id });
    const body = toProblem(error, request.id);
    return send(reply, { status: body.status, body, problem: true });
  };
  app.setErrorHandler((error, request, reply) => {
    const known = toOstiaryError(error);
    if (known.code === 'internal') request.log.error({ err: error, request: request.id }, 'the HTTP door failed');
    return refuse(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]?.slice(0, 200) ?? '';
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0)
      return refuse(
        request,
        reply,
        new OstiaryError('request.not_found', `There is no ${path}. GET /openapi.json lists what there is.`),
      );
    reply.header('allow', allowed.join(', '));
    return refuse(
      request,
      reply,
      new OstiaryError('request.method', `${path} takes ${allowed.join(' or ')}, not ${request.method}.`),
    );
  });
  return app;
};

const send = (reply: FastifyReply, { status, body, problem }: Printed): FastifyReply => {
  const facts = body as { retry_after?: number } | null;
  if (problem && status === 401) reply.header('www-authenticate', challenge(body as Readonly<Record<string, unknown>>));
  // A connection that is kept open would hold up the stop.
  if (!reply.server.server.listening) reply.header('connection', 'close');
  if (problem && typeof facts?.retry_after === 'number') reply.header('retry-after', facts.retry_after);
  return reply
    .code(status)
    .header('content-type', problem ? 'application/problem+json; charset=utf-8' : 'application/json; charset=utf-8')
    .header('ostiary-request-id', reply.request.id)
    .send(JSON.stringify(body));
};

/** What would turn a 401. A login that is not strong or not recent enough is told as RFC 9470, section 3, says. */
const challenge = ({ code, acr_values: acr, max_age: maxAge }: Readonly<Record<string, unknown>>): string => {
  if (code === 'credentials.proof') return 'DPoP error="invalid_dpop_proof", algs="ES256 ES384 EdDSA"';
  if (code !== 'credentials.step_up') return 'Bearer';
  const quoted = (value: unknown) =>
    `"${String(value)
      .replaceAll(/[^\x20-\x7e]/g, '')
      .replaceAll(/["\\]/g, '\\$&')}"`;
  return [
    'Bearer error="insufficient_user_authentication"',
    ...(acr === undefined ? [] : [`acr_values=${quoted(acr)}`]),
    ...(maxAge === undefined ? [] : [`max_age=${quoted(maxAge)}`]),
  ].join(', ');
};
