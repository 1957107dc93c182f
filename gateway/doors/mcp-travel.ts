import type { ServerContext } from '@modelcontextprotocol/server';
import { OstiaryError } from '../../intents/problems.ts';
import type { Presented } from '../../policies/tokens/possession.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Request } from '../road/context.ts';
import { travel } from '../road/road.ts';
import { messageTrace } from '../telemetry/serve-mcp.ts';
import type { Trace } from '../telemetry/telemetry.ts';

/** What an HTTP request brought along for the messages in it. */
export interface McpCaller {
  readonly principal: Principal;
  readonly bearer: string | undefined;
  readonly presented: Presented | undefined;
  readonly purpose: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly ip: string | undefined;
  readonly trace: Trace | undefined;
  /** Fires when whoever sent it is gone. */
  readonly signal: AbortSignal;
}

const tooLate = new OstiaryError('deadline.exceeded', 'The deadline passed before there was an answer.');
const gone = new OstiaryError('client.closed', 'The caller hung up, or took the request back.');
/** Where a call says its own key, since clients set their headers once for all calls. */
const keyMeta = 'ostiary.dev/idempotency-key';
/** A model's tokens come faster than anybody reads how many there are. */
const progressEveryMs = 100;
/** So often it is told as it comes; from then on a caller who reads slowly must not make it pile up. */
const atOnce = 20;

export const callerOf = ({ http }: ServerContext): McpCaller => http?.authInfo?.extra?.caller as McpCaller;

/** Takes what a message asks for down the road, until its deadline, its cancellation, or its caller's leaving. */
export const travelFor = async (what: Request['what'], context: ServerContext, gate: Gate): Promise<Ended> => {
  const { bearer, presented, purpose, ip, trace, signal } = callerOf(context);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(tooLate), gate.config.limits.deadline);
  const leave = () => controller.abort(gone);
  const left = AbortSignal.any([signal, context.mcpReq.signal]);
  if (left.aborted) leave();
  left.addEventListener('abort', leave, { once: true });
  try {
    const request: Request = {
      id: gate.nextId(),
      door: 'mcp',
      trace: gate.telemetry.spans?.current() ?? messageTrace(context, trace),
      what,
      explain: false,
      bearer,
      presented,
      purpose,
      idempotencyKey: keyOf(what, context),
      ip,
      now: new Date(),
      signal: controller.signal,
      ...progressTo(context),
    };
    return await travel(request, gate);
  } finally {
    clearTimeout(timer);
    left.removeEventListener('abort', leave);
  }
};

/** An answer to a question has none: it can be given once. */
const keyOf = (what: Request['what'], context: ServerContext): string | undefined => {
  if (what.kind === 'confirmation') return undefined;
  const own = context.mcpReq._meta?.[keyMeta];
  return own === undefined ? callerOf(context).idempotencyKey : String(own);
};

/** Nothing where the caller gave no token to tell it by. */
const progressTo = ({ mcpReq }: ServerContext): Pick<Request, 'progress' | 'callProgress'> => {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return {};
  let [told, times, at, tier, steps] = [Number.NEGATIVE_INFINITY, 0, 0, '', 0];
  const notify = (progress: number, more: { total?: number; message?: string }) => {
    // It must rise with each (MCP 2026-07-28, basic/utilities/progress).
    if (progress <= told || (times >= atOnce && performance.now() - at < progressEveryMs)) return;
    [told, times, at] = [progress, times + 1, performance.now()];
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, ...more } }).catch(() => {});
  };
  return {
    progress(so) {
      if (so.tier === tier && performance.now() - at < progressEveryMs) return;
      tier = so.tier;
      const tokens = so.tokens === undefined ? '' : `, ${so.tokens} tokens`;
      notify(++steps, { message: `understanding: ${so.tier}${tokens}` });
    },
    callProgress: ({ progress, total }) =>
      notify(steps + progress, total === undefined ? {} : { total: steps + total }),
  };
};
