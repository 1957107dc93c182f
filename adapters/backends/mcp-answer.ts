import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import type { Failure, Reply } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { statusFailure } from './http-answer.ts';

type LogText = (text: string) => string;

/**
 * Makes a reply of a tool's result. Its value is the structured content; without one, the text where that is JSON of an
 * object or a list, else `{ text }`, with every other block under `content`. A result that says `isError` is a failure:
 * of the kind its structured content tells by an HTTP `status` (as problem details do, RFC 9457), else of no known kind.
 * Source: MCP 2026-07-28, server/tools, "Tool Result" and "Error Handling".
 */
export const toMcpReply = (result: CallToolResult, logText: LogText): Reply => {
  const text = textOf(result.content);
  if (result.isError === true) {
    const { status } = (result.structuredContent ?? {}) as { status?: unknown };
    const detail = text === '' ? JSON.stringify(result.structuredContent ?? null) : text;
    return typeof status === 'number' && status >= 400
      ? statusFailure({ ok: true, status, mediaType: '', bytes: Buffer.from(detail) }, logText)
      : failure('upstream.failed', 'yes', logText(`The tool says that it failed: ${detail}`));
  }
  if (result.structuredContent !== undefined) return { ok: true, value: result.structuredContent };
  const others = result.content.filter(({ type }) => type !== 'text');
  if (others.length > 0) return { ok: true, value: { text, content: others } };
  return { ok: true, value: parsed(text) ?? { text } };
};

/** What is known of one exchange beyond the error it ended with. */
export interface Exchange {
  /** The answer was cut off. */
  tooLarge?: true;
}

/** The failure that an error of a call stands for. @param sent whether the call itself may have been on its way */
export const toMcpFailure = (
  error: unknown,
  { sent, signal, exchange, logText }: { sent: boolean; signal: AbortSignal; exchange: Exchange; logText: LogText },
): Failure => {
  const { code, message, data } = error as { code?: unknown; message: string; data?: { status?: unknown } };
  const detail = logText(`${String(code ?? (error as Error).name)}: ${message}`);
  const reached = sent ? 'maybe' : 'no';
  if (exchange.tooLarge === true) return failure('upstream.invalid', sent ? 'yes' : 'no', detail);
  if (signal.aborted || code === 'REQUEST_TIMEOUT') return failure('upstream.timeout', reached, detail);
  if (typeof data?.status === 'number') return refused(data.status, sent ? 'yes' : 'no', detail);
  if (typeof code === 'number') return rpcFailure(code, sent, detail);
  if (typeof code === 'string' && unconnected.has(code)) return failure('upstream.unreachable', 'no', detail);
  if (error instanceof SyntaxError || (error as Error).name === 'ZodError' || invalid.has(String(code)))
    return failure('upstream.invalid', sent ? 'yes' : 'no', detail);
  return failure(sent ? 'upstream.failed' : 'upstream.unreachable', reached, detail);
};

/** Codes of Node and of the library that say that there was never a connection. */
const unconnected: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EACCES'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'NOT_CONNECTED'],
]);
const invalid: ReadonlySet<string> = new Set([
  'CLIENT_HTTP_UNEXPECTED_CONTENT',
  'INVALID_RESULT',
  'UNSUPPORTED_RESULT_TYPE',
]);

/** A status of the endpoint itself: 404 speaks of the address, and must not be taken for a missing order. */
const refused = (status: number, reached: Failure['reached'], detail: string): Failure => {
  if (status === 401 || status === 403) return failure('upstream.denied', reached, detail);
  if (status === 429 || status === 503) return failure('upstream.busy', reached, detail);
  return failure('upstream.failed', reached, detail);
};

/** Source: JSON-RPC 2.0, section 5.1. Before a tool has run it is its name or its arguments that are wrong. */
const rpcFailure = (code: number, sent: boolean, detail: string): Failure => {
  if (code === -32_602 && sent) return failure('upstream.rejected', 'yes', detail);
  return failure('upstream.failed', sent && code === -32_603 ? 'yes' : 'no', detail);
};

const textOf = (content: readonly ContentBlock[]): string =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');

const parsed = (text: string): unknown => {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
