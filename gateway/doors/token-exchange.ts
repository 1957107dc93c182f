import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import { exchange, noToken } from '../../policies/tokens/exchange.ts';
import { verifyPossession } from '../../policies/tokens/possession.ts';
import { revoke } from '../../policies/tokens/revoke.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { traceOf } from '../telemetry/serve-http.ts';
import { bearerOf, presentedBy } from './http-read.ts';
import { toOstiaryError } from './http-refusals.ts';
import { accessTokenType, formOf, readExchange, readForm, readRevocation } from './token-exchange-read.ts';

const door = 'http';
const maxFormBytes = 65_536;

/**
 * Where capability tokens are had and given up: POST /v1/token exchanges a JWT for one (RFC 8693), POST
 * /v1/token/revoke revokes (RFC 7009), GET /v1/token/keys has the keys that they are signed by. As OAuth wants it,
 * requests are forms, and a refusal has `error` beside the members of our problems.
 */
export const tokenExchange =
  (gate: () => Gate) =>
  async (app: FastifyInstance): Promise<void> => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: maxFormBytes },
      async (_request: FastifyRequest, body: string | Buffer) => readForm(String(body)),
    );
    app.setErrorHandler((thrown, request, reply) => {
      const error = toOstiaryError(thrown);
      if (error.code === 'internal') request.log.error({ err: thrown, request: request.id }, 'the token door failed');
      recordRefusal(gate(), request.id, door, error.code, { trace: traceOf(request)?.id });
      const problem = toProblem(error, request.id);
      return answer(reply, problem.status, {
        ...problem,
        error: problem.error ?? (problem.status === 401 ? 'invalid_client' : 'invalid_request'),
        error_description: problem.detail,
      });
    });

    app.post('/v1/token', async (request, reply) => {
      const { tokens, config, authenticator, bundle, catalogue } = gate();
      const { trust, signer, replays } = tokens;
      const settings = config.credentials.tokens;
      if (trust === undefined || signer === undefined || settings === undefined)
        throw noToken('unsupported_grant_type', 'This gateway gives no tokens: it has no key for them.');
      const asked = readExchange(formOf(request), trust.audience);
      const now = new Date();
      const presented = presentedBy(request, config.listen.url);
      const prove = async () => presented && (await verifyPossession(presented, undefined, replays, now)).key;
      const made = await exchange(
        { ...asked, prove },
        {
          signer,
          issuer: settings.issuer,
          audience: trust.audience,
          ttlMs: settings.ttl,
          maxDepth: settings.depth,
          authenticator,
          bundle,
          intents: catalogue.intents,
        },
        { jti: randomUUID(), now },
      );
      const { token, id, expiresAt, details, subject, bound } = made;
      await recorded(gate(), request, 'token exchange', subject, {
        token: { link: id, expires: expiresAt.toISOString(), details, bound },
      });
      return answer(reply, 200, {
        access_token: token,
        issued_token_type: accessTokenType,
        token_type: bound ? 'DPoP' : 'Bearer',
        expires_in: Math.max(0, expiresAt.getTime() / 1_000 - Math.floor(now.getTime() / 1_000)),
        authorization_details: details,
      });
    });

    app.post('/v1/token/revoke', async (request, reply) => {
      const { tokens, config, authenticator } = gate();
      const { trust, revocations } = tokens;
      const now = new Date();
      const bearer = bearerOf(request);
      const caller = await authenticator.authenticate(bearer, now, presentedBy(request, config.listen.url));
      if (trust === undefined) throw noToken('unsupported_token_type', 'This gateway takes no capability tokens.');
      const revokers = config.credentials.tokens?.revokers ?? [];
      const asked = readRevocation(formOf(request));
      const revoked = await revoke(asked, caller, bearer ?? '', { trust, revocations, revokers }, now);
      await recorded(gate(), request, 'token revocation', caller, { revoked });
      return answer(reply, 200, { revoked });
    });

    app.get('/v1/token/keys', async (_request, reply) => reply.send(gate().tokens.jwks));
  };

/** Nothing of this is without a record; the token itself is not in it. */
const recorded = (
  gate: Gate,
  { id }: FastifyRequest,
  asked: string,
  { tenant, type, id: who, credential, token }: Principal,
  facts: object,
): Promise<void> => {
  const principal = { tenant, type, id: who, credential: credential.id, links: token?.links };
  const entry = {
    kind: 'outcome',
    request: id,
    at: new Date().toISOString(),
    door,
    asked,
    principal,
    outcome: 'completed',
  };
  return gate.store.audit.append(JSON.stringify({ ...entry, ...facts })).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'This cannot be recorded at the moment.', {}, error);
  });
};

const answer = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply
    .code(status)
    // What is answered here is for one caller, once (RFC 6749, section 5.1).
    .headers({ 'cache-control': 'no-store', 'ostiary-request-id': reply.request.id })
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
