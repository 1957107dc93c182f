import { performance } from 'node:perf_hooks';
import type { Imported } from '../../intents/import/draft.ts';
import type { SourceAsked } from './import-source.ts';
import { importText, maxSourceBytes } from './import-text.ts';

type Asked = SourceAsked & { readonly backend: string };

/**
 * Asks a service what it offers. Its address is the one that the command line gives: nothing that a source names is fetched.
 * @throws Error that says why there is no answer, without any credential
 */
export const askService = async (source: string, asked: Asked): Promise<Imported> => {
  const [, mcp] = /^mcp:(.*)$/s.exec(source) ?? [];
  if (mcp !== undefined || asked.kind === 'mcp') return fromMcp((mcp ?? source).trim(), asked);
  const url = addressOf(source);
  if (/^grpcs?:$/.test(url.protocol)) return fromGrpc(url, asked);
  return fromHttp(url, asked);
};

const addressOf = (source: string): URL => {
  if (!URL.canParse(source)) throw new Error('this is not an address');
  const url = new URL(source);
  if (url.username !== '' || url.password !== '')
    throw new Error('the address holds a user or password; give --header "authorization: …" instead');
  return url;
};

/** Each exchange has a time of its own, and says so when it is over. */
const never = new AbortController().signal;

const services = async () => (await import('../wire.ts')).introspection;

const fromHttp = async (url: URL, asked: Asked): Promise<Imported> => {
  const { fetchDocument } = await services();
  const { backend, kind } = asked;
  if (kind === 'graphql' || (kind === undefined && /\/(graphql|gql|query)\/?$/.test(url.pathname)))
    return fromGraphql(url, asked);
  const options = httpOptions(url, asked);
  const { status, text } = await fetchDocument(options, never);
  if (status >= 200 && status < 300) return importText(text, { kind, backend, sourceName: url.href, url: url.href });
  if (status >= 300 && status < 400)
    throw new Error(`it answers ${status}, and redirects are not followed: give the address that it leads to`);
  if (kind !== undefined || status === 401 || status === 403 || status >= 500) throw new Error(`it answers ${status}`);
  // What is asked for by POST alone may be a GraphQL endpoint under any name.
  try {
    return await fromGraphql(url, asked);
  } catch (error) {
    throw new Error(
      `it answers ${status} to GET, and no schema to an introspection query: ${(error as Error).message}`,
    );
  }
};

const fromGraphql = async (url: URL, asked: Asked): Promise<Imported> => {
  const { introspectGraphql } = await services();
  const introspection = await introspectGraphql(httpOptions(url, asked), never);
  const { importGraphql } = await import('../../intents/import/graphql.ts');
  return importGraphql({ introspection }, { backend: asked.backend, sourceName: url.href, url: url.href });
};

const fromGrpc = async (url: URL, { backend, headers, timeoutMs }: Asked): Promise<Imported> => {
  const tls = url.protocol === 'grpcs:';
  // Names of this scheme are kept as they are written, brackets of IPv6 included.
  const [, address = ''] = /^grpcs?:\/\/([^/?#]+)/.exec(url.href) ?? [];
  if (!/:\d+$/.test(address)) throw new Error('the address needs a port: grpc://host:50051');
  const { reflectGrpc } = await services();
  const registry = await reflectGrpc({
    name: backend,
    address,
    tls,
    timeoutMs,
    maxBytes: maxSourceBytes,
    metadata: headers,
  });
  const [{ importProto }, { protoRegistryView }] = await Promise.all([
    import('../../intents/import/proto.ts'),
    import('../../intents/import/proto-registry-view.ts'),
  ]);
  return importProto(protoRegistryView(registry), { backend, sourceName: url.href, reach: { address, tls } });
};

const fromMcp = async (source: string, { backend, headers, timeoutMs }: Asked): Promise<Imported> => {
  const url = /^https?:\/\//.test(source) ? addressOf(source) : undefined;
  const command = url === undefined ? commandOf(source) : [];
  const { listMcpTools } = await services();
  const tools = await listMcpTools(
    {
      name: backend,
      timeoutMs,
      maxBytes: maxSourceBytes,
      server:
        url === undefined
          ? { command, env: {}, folder: process.cwd(), now: () => performance.now() }
          : { url, headers },
    },
    AbortSignal.timeout(timeoutMs),
  );
  const { importMcp } = await import('../../intents/import/mcp.ts');
  return importMcp(tools, {
    backend,
    sourceName: source,
    ...(url === undefined ? { reach: { command } } : { url: url.href }),
  });
};

/** `node tools.js --all`, or `["node", "my tools.js"]` where a part has a space in it. */
const commandOf = (source: string): string[] => {
  if (!source.startsWith('[')) return source.split(/\s+/).filter((part) => part !== '');
  const parts: unknown = JSON.parse(source);
  if (!Array.isArray(parts) || parts.length === 0 || parts.some((part) => typeof part !== 'string'))
    throw new Error('a command is a list of strings: ["node", "tools.js"]');
  return parts;
};

const httpOptions = (url: URL, { backend, headers, timeoutMs }: Asked) => ({
  name: backend,
  url,
  timeoutMs,
  maxBytes: maxSourceBytes,
  headers,
  connections: 1,
});
