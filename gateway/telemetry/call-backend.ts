import { status } from '@grpc/grpc-js';
import type { Attributes } from '@opentelemetry/api';
import { getOperationAST, parse } from 'graphql';
import type { Intent } from '../../intents/contract.ts';
import type { CallContext, Reply } from '../../intents/ports.ts';
import type { Config } from '../config-document.ts';
import type { Gate } from '../gate.ts';
import type { Operation, Trace } from './telemetry.ts';

type Traced = Pick<CallContext, 'headers' | 'answered'>;

/** What is known of every call of an intent, before there is one. */
interface Facts {
  readonly name: string;
  readonly operation: Operation;
  readonly attributes: Attributes;
  /** How the protocol writes the status of an answer. */
  readonly status: (code: number) => { readonly attributes: Attributes; readonly error: string | undefined };
}

const none = {};
const known = new WeakMap<Intent, Facts>();

/**
 * Runs one try of a backend call below a span of its own, and measures it; the backend is told where in the trace it stands. Where
 * nothing is exported it is told what the caller said. Neither has the values of the call in it: what would be the whole
 * address of a request is the template of its path. Source: the semantic conventions for HTTP, RPC and MCP clients; those
 * for HTTP have a span for each request that is sent, and count those that are sent again.
 * @param again 0 for the first try
 * @param go makes the call, with these headers among its own
 */
export const callBackend = async (
  intent: Intent,
  parent: Trace | undefined,
  { telemetry: { spans, meters }, config }: Pick<Gate, 'telemetry' | 'config'>,
  again: number,
  go: (traced: Traced) => Promise<Reply>,
): Promise<Reply> => {
  if (spans === undefined && meters === undefined) return go({ headers: parent?.headers ?? none });
  let facts = known.get(intent);
  if (facts === undefined) {
    facts = factsOf(intent, config);
    known.set(intent, facts);
  }
  const started = performance.now();
  const resent = again > 0 && facts.operation === 'http.client.request.duration';
  const attributes = resent ? { ...facts.attributes, 'http.request.resend_count': again } : facts.attributes;
  const trace = spans?.begin(facts.name, 'client', attributes, parent);
  let code: number | undefined;
  let reply: Reply | undefined;
  try {
    reply = await go({
      headers: (trace ?? parent)?.headers ?? none,
      answered: (said) => {
        code = said;
      },
    });
    return reply;
  } finally {
    const said = code === undefined ? undefined : facts.status(code);
    const error = said?.error ?? (reply === undefined ? '_OTHER' : reply.ok ? undefined : reply.code);
    if (trace !== undefined) spans?.end(trace, { attributes: said?.attributes ?? none, error });
    meters?.took(facts.operation, performance.now() - started, {
      ...facts.attributes,
      ...said?.attributes,
      ...(error && { 'error.type': error }),
    });
  }
};

const factsOf = ({ call }: Intent, { backends }: Config): Facts => {
  const backend = { 'ostiary.backend': call.backend, ...serverOf(backends[call.backend]) };
  switch (call.kind) {
    case 'rest':
      return {
        name: `${call.method} ${call.path}`,
        operation: 'http.client.request.duration',
        attributes: { 'http.request.method': call.method, 'url.template': call.path, ...backend },
        status: httpStatus,
      };
    case 'graphql': {
      const operation = getOperationAST(parse(call.document));
      const type = operation?.operation ?? 'query';
      const name = operation?.name?.value;
      return {
        name: name === undefined ? type : `${type} ${name}`,
        operation: 'http.client.request.duration',
        attributes: {
          'http.request.method': 'POST',
          'graphql.operation.type': type,
          ...(name === undefined ? {} : { 'graphql.operation.name': name }),
          ...backend,
        },
        status: httpStatus,
      };
    }
    case 'grpc': {
      const method = `${call.service}/${call.method}`;
      return {
        name: method,
        operation: 'rpc.client.call.duration',
        attributes: { 'rpc.system.name': 'grpc', 'rpc.method': method, ...backend },
        status: (code) => ({
          attributes: { 'rpc.status_code': status[code] ?? 'UNKNOWN' },
          error: code === status.OK ? undefined : (status[code] ?? 'UNKNOWN'),
        }),
      };
    }
    case 'mcp':
      return {
        name: `tools/call ${call.tool}`,
        operation: 'mcp.client.operation.duration',
        attributes: {
          'mcp.method.name': 'tools/call',
          'gen_ai.tool.name': call.tool,
          'gen_ai.operation.name': 'execute_tool',
          ...backend,
        },
        status: httpStatus,
      };
  }
};

const httpStatus: Facts['status'] = (code) => ({
  attributes: { 'http.response.status_code': code },
  error: code >= 400 ? String(code) : undefined,
});

const serverOf = (backend: Config['backends'][string] | undefined): Attributes => {
  if (backend === undefined) return none;
  const address = backend.kind === 'grpc' ? [backend.address].flat()[0] : backend.url;
  if (address === undefined) return none;
  const url = new URL(backend.kind === 'grpc' ? `http://${address}` : address);
  return {
    'server.address': url.hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
};
