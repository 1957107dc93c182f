import type { FastifyReply, FastifyRequest } from 'fastify';

/** A model's tokens come faster than anybody reads how many there are. */
const progressEveryMs = 100;

/** Server-sent events (WHATWG HTML, section 9.2): what a caller that waits is told before the answer, then the answer. */
export interface Events {
  /** Is dropped where it comes too soon after another of the same tier, or the caller reads too slowly. */
  progress(so: { readonly tier: string; readonly tokens?: number }): void;
  answer(body: unknown): void;
}

/** Whether the caller would have the answer as a stream of events. */
export const wantsEvents = ({ headers }: FastifyRequest): boolean =>
  (headers.accept ?? '')
    .split(',')
    .some((range) => /^\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i.test(range));

/** Headers of a stream of events. */
export const eventHead = ({ request, server }: FastifyReply): Record<string, string> => ({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'ostiary-request-id': request.id,
  // A connection that is kept open would hold up the stop.
  ...(server.server.listening ? {} : { connection: 'close' }),
});

/** Begins the stream. From here on the status is 200, whatever comes: the answer has its own where it is a problem. */
export const openEvents = (reply: FastifyReply): Events => {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, eventHead(reply));
  const write = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  let [told, at] = ['', 0];
  return {
    progress(so) {
      const now = performance.now();
      if (raw.destroyed || raw.writableNeedDrain || (so.tier === told && now - at < progressEveryMs)) return;
      [told, at] = [so.tier, now];
      raw.write(write('progress', so));
    },
    answer(body) {
      raw.end(write('answer', body));
    },
  };
};
