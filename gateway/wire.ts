import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fetchDocument } from '../adapters/introspect/document.ts';
import { introspectGraphql } from '../adapters/introspect/graphql.ts';
import { reflectGrpc } from '../adapters/introspect/grpc.ts';
import { listMcpTools } from '../adapters/introspect/mcp.ts';
import { openAuditKey } from '../adapters/keys/audit-key.ts';
import { jwksKeys } from '../adapters/keys/jwks.ts';
import { readKeyFile } from '../adapters/keys/key-file.ts';
import { memoryReplays } from '../adapters/keys/memory-replays.ts';
import { memoryRevocations } from '../adapters/keys/memory-revocations.ts';
import { type Breaker, circuitBreaker } from '../adapters/models/breaker.ts';
import { type BudgetLedger, budgetLedger, memoryBudget } from '../adapters/models/budget.ts';
import type { Endpoint } from '../adapters/models/endpoint.ts';
import { fallbackModel } from '../adapters/models/fallback.ts';
import { openaiEndpoint } from '../adapters/models/openai.ts';
import type { Finding } from '../intents/findings.ts';
import type { Json } from '../intents/json.ts';
import type { Encoder, Model } from '../intents/ports.ts';
import { describedReader } from '../intents/resolve/described.ts';
import { createResolver, type Resolver } from '../intents/resolve/resolve.ts';
import type { AuditKey } from '../policies/audit/signing.ts';
import { createAuthenticator } from '../policies/credentials.ts';
import { createReputation, unknownReputation } from '../policies/reputation.ts';
import type { Means } from './admission/guarded.ts';
import { type Shedder, shedder } from './admission/shedder.ts';
import { createDirectory } from './authzen-directory.ts';
import { compileCatalogue } from './compile.ts';
import type { Config } from './config-document.ts';
import type { Gate } from './gate.ts';
import { idSequence } from './ids.ts';
import { keptTaggers } from './kept-taggers.ts';
import { pathIn, urlIn } from './paths.ts';
import { createSessions } from './sessions.ts';
import type { Setup } from './setup.ts';
import { observeModel } from './telemetry/ask-model.ts';
import { countRecords } from './telemetry/count-records.ts';
import { noTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { openTokens, type Tokens } from './tokens.ts';
import { understand } from './understanding.ts';
import { connect } from './wire-backends.ts';
import { openStores, type Stores } from './wire-stores.ts';

export interface Wired {
  readonly gate: Gate;
  /** Asks every backend that can say so whether it knows what is bound to it. One line per trouble. */
  probe(signal: AbortSignal): Promise<readonly string[]>;
  /** Lets the backends go, and keeps the store: for when another gate has taken over. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

const meansOf = (shedder?: Shedder): Means => ({
  random: Math.random,
  now: () => performance.now(),
  lateMs: () =>
    shedder === undefined ? 0 : Number.isFinite(shedder.limit) ? Number.POSITIVE_INFINITY : shedder.lateMs,
  wait: (ms, signal) => wait(ms, undefined, { signal }),
});

/**
 * Joins adapters to the rest: here alone.
 * @param before the gate that serves now, on a reload: its store is kept
 * @param telemetry that of `before`, where there is one
 * @throws Error where the store cannot be opened or a binding cannot work
 */
export const wire = async (
  setup: Setup,
  log: Gate['log'],
  before?: Gate,
  telemetry: Telemetry = before?.telemetry ?? noTelemetry,
): Promise<Wired> => {
  const { config, catalogue, bundle, folder } = setup;
  const { backends, faults: wrong } = connect(config.backends, folder, config.limits.deadline);
  if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'));
  const encoders: Encoder[] = [];
  const retire = async () => {
    await Promise.all([...[...backends.values()].map(({ backend }) => backend), ...encoders].map((one) => one.close()));
  };
  const own = before?.shedder ?? shedder(config.limits.delay);
  const { compiled, faults } = compileCatalogue(catalogue, backends, meansOf(own));
  if (faults.length > 0) {
    await retire();
    throw new Error(faults.map(({ intent, message }) => `${intent.id}: ${message}`).join('\n'));
  }
  const stores = before?.stores ?? (await openStores(setup, log));
  const { store, totals, rates } = stores;
  const tokens = await tokensOf(setup, stores);
  // One for all replicas, and for whoever comes after them: no conversation ends with a process.
  const sessionKey =
    config.session.key ?? (await stores.secrets.keep('session', randomBytes(32).toString('base64url')));
  const gate: Gate = {
    config,
    catalogue,
    compiled,
    bundle,
    shadow: setup.shadow,
    ran: setup.ran ?? [],
    stores,
    store: countRecords(store, telemetry),
    totals,
    rates,
    shedder: own,
    reputation: config.reputation.enabled ? createReputation(stores.scores.inMemory) : unknownReputation,
    described: describedReader(catalogue.intents, catalogue.entities, catalogue.library.resolveRef),
    sessions: createSessions({ key: sessionKey, ttlMs: config.session.ttl }),
    directory: config.authzen && createDirectory(config, config.authzen, catalogue),
    nextId: idSequence(),
    newSecretId: randomUUID,
    tokens,
    telemetry,
    log,
    authenticator: createAuthenticator(
      config.tenant,
      config.credentials.keys.map(({ id, hash, subject, claims, purposes, default_purpose, capabilities }) => ({
        id,
        sha256: hash.slice('sha256:'.length),
        principal: {
          tenant: config.tenant,
          type: subject.type,
          id: subject.id,
          claims: claims as Record<string, Json>,
          purposes,
          defaultPurpose: default_purpose,
          capabilities,
        },
      })),
      config.credentials.jwt.map(({ issuer, audience, jwks, subject_type, purposes, default_purpose }) => ({
        issuer,
        audience,
        keys: jwksKeys(urlIn(folder, jwks)),
        subjectType: subject_type,
        purposes,
        defaultPurpose: default_purpose,
      })),
      tokens,
    ),
    ...(await resolving(setup, { log, opened: (encoder) => encoders.push(encoder), before, telemetry })),
  };
  return {
    gate,
    async probe(signal) {
      const probed = [...backends].map(async ([name, { backend }]) => {
        try {
          return ((await backend.probe?.(signal)) ?? []).map((trouble) => `${name}: ${trouble}`);
        } catch (error) {
          return [`${name}: cannot be reached now (${(error as Error).message}); it is tried again when it is called`];
        }
      });
      return (await Promise.all(probed)).flat();
    },
    retire,
    async close() {
      await retire();
      await store.close();
    },
  };
};

/** Compiles every binding without connecting anywhere, for `check`. */
export const checkBindings = async ({ config, catalogue, folder, source }: Setup): Promise<Finding[]> => {
  const { backends, faults: wrong } = connect(config.backends, folder, config.limits.deadline);
  const { faults } = wrong.length > 0 ? { faults: [] } : compileCatalogue(catalogue, backends, meansOf());
  await Promise.all([...backends.values()].map(({ backend }) => backend.close()));
  if (wrong.length > 0)
    return wrong.map(({ name, message }) => ({
      severity: 'error',
      file: source?.file ?? 'ostiary.yaml',
      ...(source?.at(['backends', name]) ?? { line: 1, column: 1 }),
      code: 'config.backend',
      message,
    }));
  return faults.map(({ intent, message }) => ({
    severity: 'error',
    ...intent.source,
    code: 'intent.binding',
    message,
  }));
};

/** What an import asks of services, and only of those that the command line names. */
export const introspection = { fetchDocument, introspectGraphql, reflectGrpc, listMcpTools };

/**
 * The key that signs the audit log of a set-up; made where there is none yet.
 * @throws Error that names the file
 */
export const auditKeyOf = (setup: Pick<Setup, 'config' | 'folder'>): AuditKey => openAuditKey(auditKeyPath(setup));

/** Public keys by which the log of a set-up is trusted: the one that signs it, where it is there, and those before it. */
export const trustedKeys = ({ config, folder }: Pick<Setup, 'config' | 'folder'>): readonly string[] => [
  ...(existsSync(auditKeyPath({ config, folder })) ? [auditKeyOf({ config, folder }).id] : []),
  ...config.audit.trusted,
];

const auditKeyPath = ({ config, folder }: Pick<Setup, 'config' | 'folder'>): string => {
  const { url } = config.store;
  const beside = url.startsWith('file:') ? `${url.replace(/\/$/, '')}/audit-key.pem` : 'file:./data/audit-key.pem';
  return pathIn(folder, config.audit.key ?? beside);
};

/** @param before what serves now, on a reload: what is revoked stays so */
export const tokensOf = (
  { config, folder }: Pick<Setup, 'config' | 'folder'>,
  before?: Pick<Stores, 'revocations' | 'replays'>,
): Promise<Tokens> =>
  openTokens(
    config,
    {
      readKey: (written) => readKeyFile(urlIn(folder, written)),
      jwksAt: (written) => jwksKeys(urlIn(folder, written)),
    },
    {
      revocations: before?.revocations ?? memoryRevocations(),
      replays: before?.replays ?? memoryReplays(),
    },
  );

/** How words are understood in a set-up, without a gateway: `eval` measures the same. */
export const resolverOf = async (setup: Understandable): Promise<{ resolver: Resolver; close(): Promise<void> }> => {
  const encoders: Encoder[] = [];
  const { resolver } = await resolving(setup, { log() {}, opened: (encoder) => encoders.push(encoder) });
  return {
    resolver,
    async close() {
      await Promise.all(encoders.map((encoder) => encoder.close()));
    },
  };
};

type Understandable = Pick<Setup, 'config' | 'catalogue' | 'folder'>;

const resolving = async (
  setup: Understandable,
  {
    log,
    opened,
    before,
    telemetry,
  }: {
    log: Gate['log'];
    opened: (encoder: Encoder) => void;
    before?: Pick<Gate, 'learned' | 'taggers' | 'models'> | undefined;
    telemetry?: Telemetry;
  },
): Promise<Pick<Gate, 'resolver' | 'learned' | 'taggers' | 'models'>> => {
  const { config, catalogue, folder } = setup;
  const { model, memory } = openModel(config, before?.models, telemetry);
  const encoder = await openEncoder(setup, undefined).catch((error: unknown) => {
    log('warn', 'the encoder is left out', { cause: (error as Error).message });
    return undefined;
  });
  if (encoder !== undefined) opened(encoder);
  const keeping = { folder: pathIn(folder, config.resolve.learned), before: before?.learned, say: log };
  const { intents, library } = catalogue;
  const [{ classifiers, mask, lines, learned }, taggers] = await Promise.all([
    understand(catalogue, config, encoder, keeping),
    keptTaggers(intents, library.resolveRef, keeping, before?.taggers),
  ]);
  const resolver = createResolver({
    intents,
    classifiers,
    mask,
    resolveRef: library.resolveRef,
    lines,
    topCandidates: config.resolve.candidates,
    taggerOf: ({ id }) => taggers.get(id)?.tagger,
    ...(model === undefined ? {} : { model }),
  });
  return { resolver, learned, taggers, models: memory };
};

/** What outlives a reload of the models: what tenants have spent, and which endpoints are to be left alone for now. */
export interface ModelMemory {
  readonly ledger: BudgetLedger;
  /** By the endpoint's name, address and model. */
  readonly breakers: ReadonlyMap<string, Breaker>;
}

/**
 * @param before what the models that serve now remember, on a reload
 * @returns no model where the set-up names none
 */
export const openModel = (
  { models, model_budget: limit, limits }: Config,
  before?: ModelMemory,
  telemetry: Telemetry = noTelemetry,
): { readonly model: Model | undefined; readonly memory: ModelMemory } => {
  const now = Date.now;
  const keyOf = ({ name, baseURL, model }: Config['models'][number]) => JSON.stringify([name, baseURL, model]);
  const breakers = new Map(models.map((one) => [keyOf(one), before?.breakers.get(keyOf(one)) ?? circuitBreaker(now)]));
  const memory = { ledger: before?.ledger ?? budgetLedger(), breakers };
  const guards = new Map<Endpoint, Breaker | undefined>();
  const endpoints = models.map((one) => {
    const { name, baseURL, model, timeout, max_tokens, api_key: apiKey, price } = one;
    const endpoint = openaiEndpoint({
      name,
      baseURL,
      model,
      timeoutMs: timeout,
      maxTokens: max_tokens,
      maxTextChars: limits.text,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(price && { price }),
    });
    const observed = observeModel(endpoint, { model, baseURL, maxTokens: max_tokens }, telemetry);
    guards.set(observed, breakers.get(keyOf(one)));
    return observed;
  });
  if (endpoints.length === 0) return { model: undefined, memory };
  const means = {
    now,
    random: Math.random,
    wait: (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }),
    ...(limit && {
      budget: memoryBudget(
        {
          windowMs: limit.window,
          ...(limit.tokens === undefined ? {} : { tokens: limit.tokens }),
          ...(limit.money === undefined ? {} : { money: limit.money }),
        },
        now,
        memory.ledger,
      ),
    }),
  };
  return { model: fallbackModel(endpoints, means, (endpoint) => guards.get(endpoint) ?? circuitBreaker(now)), memory };
};

/**
 * @param folder of an encoder, instead of the one that the set-up names
 * @returns undefined where neither is there @throws Error (rejects) where it cannot be had
 */
export const openEncoder = async (
  setup: Pick<Setup, 'config' | 'folder'> | undefined,
  folder: string | undefined,
): Promise<Encoder | undefined> => {
  const named = setup?.config.resolve.encoder;
  if (folder === undefined && named?.kind === 'openai') {
    const { openaiEncoder } = await import('../adapters/encoders/openai.ts');
    const { baseURL, model, dimensions, prefix, timeout, api_key: apiKey } = named;
    return openaiEncoder({
      baseURL,
      model,
      dimensions,
      prefix,
      timeoutMs: timeout,
      ...(apiKey === undefined ? {} : { apiKey }),
    });
  }
  const onnx = named?.kind === 'onnx' ? named : undefined;
  const from = (path: string) => resolvePath(setup?.folder ?? '.', path);
  const wanted = folder ?? (onnx && from(onnx.folder));
  if (wanted === undefined) return undefined;
  const { onnxEncoder } = await import('../adapters/encoders/onnx.ts');
  return onnxEncoder({
    folder: wanted,
    ...(onnx && { prefix: onnx.prefix }),
    ...(onnx?.packages !== undefined && { packages: from(onnx.packages) }),
  });
};
