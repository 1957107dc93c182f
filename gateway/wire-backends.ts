import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { clientCredentials } from '../adapters/backends/auth-client-credentials.ts';
import { tokenExchange } from '../adapters/backends/auth-token-exchange.ts';
import { graphqlBackend } from '../adapters/backends/graphql.ts';
import { grpcBackend } from '../adapters/backends/grpc.ts';
import { descriptorsFrom } from '../adapters/backends/grpc-files.ts';
import type { ClientTls } from '../adapters/backends/http-tls.ts';
import { mcpBackend } from '../adapters/backends/mcp.ts';
import { restBackend } from '../adapters/backends/rest.ts';
import type { Backend, Probing } from '../intents/ports.ts';
import { breaker } from './admission/breaker.ts';
import { bulkhead } from './admission/bulkhead.ts';
import type { Guard } from './admission/guarded.ts';
import { retryBudget } from './admission/retries.ts';
import type { BackendConfig } from './config-document.ts';

export type Backends = ReadonlyMap<string, { backend: Backend & Partial<Probing>; guard: Guard }>;

/**
 * Makes every backend of a configuration; none is called yet.
 * @returns those that can work, and why the others cannot
 */
export const connect = (
  configs: Readonly<Record<string, BackendConfig>>,
  folder: string,
  deadlineMs: number,
): { backends: Backends; faults: readonly { readonly name: string; readonly message: string }[] } => {
  const backends = new Map<string, { backend: Backend & Partial<Probing>; guard: Guard }>();
  const faults: { name: string; message: string }[] = [];
  for (const [name, config] of Object.entries(configs))
    try {
      backends.set(name, { backend: backendOf(name, config, folder), guard: guardOf(config, deadlineMs) });
    } catch (error) {
      faults.push({ name, message: (error as Error).message });
    }
  return { backends, faults };
};

/** Whoever waits for half of what a call may take at all, and then goes away, waited too long. */
const patience = 0.5;

const guardOf = (config: BackendConfig, deadlineMs: number): Guard => {
  const { breaker: when } = config;
  return {
    bulkhead: bulkhead(config.concurrency),
    breaker:
      when === false
        ? undefined
        : breaker({ ...when, windowMs: when.window, restMs: when.rest }, () => performance.now()),
    budget: retryBudget(),
    retries: config.retries,
    patienceMs: patience * Math.min(config.timeout, deadlineMs),
  };
};

const backendOf = (name: string, config: BackendConfig, folder: string): Backend & Partial<Probing> => {
  const shared = { name, timeoutMs: config.timeout, maxBytes: config.max_response };
  switch (config.kind) {
    case 'rest':
      return restBackend({ ...shared, ...httpOf(name, config, folder) });
    case 'graphql':
      return graphqlBackend({
        ...shared,
        ...httpOf(name, config, folder),
        persisted: config.persisted,
        batch: config.batch,
      });
    case 'grpc':
      return grpcBackend({
        ...shared,
        address: config.address,
        tls: typeof config.tls === 'boolean' ? config.tls : pemOf(name, config.tls, folder),
        descriptors: config.descriptors && descriptorsOf(name, config.descriptors, folder),
        metadata: config.metadata,
      });
    case 'mcp': {
      const { url, headers, command = [], env } = config;
      const now = () => performance.now();
      const server = url === undefined ? { command, env, folder, now } : { url: new URL(url), headers };
      return mcpBackend({ ...shared, server });
    }
  }
};

type HttpConfig = Extract<BackendConfig, { kind: 'rest' | 'graphql' }>;

const httpOf = (name: string, config: HttpConfig, folder: string) => ({
  url: new URL(config.url),
  headers: config.headers,
  query: config.query,
  deadlineHeader: config.deadline_header,
  tls: config.tls && pemOf(name, config.tls, folder),
  token: tokenOf(name, config),
});

const tokenOf = (name: string, { auth, timeout }: HttpConfig) => {
  if (auth === undefined) return undefined;
  const endpoint = {
    name,
    tokenUrl: new URL(auth.token_url),
    clientId: auth.client_id,
    clientSecret: auth.client_secret,
    timeoutMs: timeout,
    now: () => performance.now(),
  };
  if (auth.kind === 'client_credentials')
    return clientCredentials({ ...endpoint, ...(auth.scope === undefined ? {} : { scope: auth.scope }) });
  const { audience, resource, scope, subject_token_type: subjectTokenType } = auth;
  return tokenExchange({ ...endpoint, audience, resource, scope, subjectTokenType });
};

const descriptorsOf = (name: string, paths: readonly string[], folder: string) => {
  try {
    return descriptorsFrom(paths.map((path) => resolvePath(folder, path)));
  } catch (error) {
    throw new Error(`The descriptors of backend "${name}" cannot be used. ${(error as Error).message}`);
  }
};

const pemOf = (
  name: string,
  tls: Exclude<Extract<BackendConfig, { kind: 'grpc' }>['tls'], boolean>,
  folder: string,
): ClientTls => {
  const read = (member: 'ca' | 'cert' | 'key') => {
    const path = tls[member];
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolvePath(folder, path));
    } catch (error) {
      const why = (error as { code?: string }).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
      throw new Error(`Backend "${name}": "tls.${member}" names ${path}, which cannot be read: ${why}.`);
    }
  };
  return { ca: read('ca'), cert: read('cert'), key: read('key'), serverName: tls.server_name };
};
