import { createClient } from 'redis';
import type { RateStore } from '../../policies/ports.ts';
import { memoryRates } from './memory-rates.ts';

const connectMs = 2_000;
/** A request does not wait longer for it than this. */
const answerMs = 500;
const longestPauseMs = 1_000;

/**
 * One step of the generic cell rate algorithm, as in `memoryRates`; by the clock of Redis, which is one for all replicas.
 * Answers the milliseconds to wait, 0 where a place was taken, and those until all are free; as text, since numbers of scripts lose their fraction.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local per = tonumber(ARGV[2])
local each = per / tonumber(ARGV[1])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
if due > now + per then
  due = now + per
  redis.call('SET', KEYS[1], string.format('%.6f', due), 'PX', math.ceil(per))
end
local early = due - now - (per - each)
if early > 0.001 then return {tostring(early), tostring(due - now)} end
redis.call('SET', KEYS[1], string.format('%.6f', due + each), 'PX', math.ceil(due + each - now))
return {'0', tostring(due + each - now)}
`;

export interface RedisRates extends RateStore {
  close(): Promise<void>;
}

/**
 * Rates that all replicas share, in Redis. While it is gone each replica counts for itself, so that a caller gets at most
 * so many times its rate as there are replicas, and nobody is turned away for it.
 * @param url `redis://…` or `rediss://…`
 * @param say told when Redis goes and when it is back
 * @throws Error where it cannot be reached at first: a wrong address is to be noticed
 */
export const redisRates = async (
  url: string,
  say: (level: 'info' | 'warn', message: string, facts?: Readonly<Record<string, unknown>>) => void,
): Promise<RedisRates> => {
  let opened = false;
  const client = createClient({
    url,
    // A rate that is asked for while it is gone is not asked later.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (tries) => (opened ? Math.min(50 * 2 ** tries, longestPauseMs) : false),
    },
  });
  let gone = false;
  client.on('error', (error: Error) => {
    if (opened && !gone) say('warn', 'Redis is gone; rates are counted here alone', { cause: error.message });
    gone = opened;
  });
  client.on('ready', () => {
    if (gone) say('info', 'Redis is back; rates are shared again');
    gone = false;
  });
  try {
    await client.connect();
    opened = true;
  } catch (error) {
    throw new Error(`Redis at ${new URL(url).host}: ${(error as Error).message}`);
  }
  const alone = memoryRates();
  return {
    async take(key, rate, nowMs) {
      if (!client.isReady) return alone.take(key, rate, nowMs);
      try {
        const answer = await client
          .withAbortSignal(AbortSignal.timeout(answerMs))
          .eval(script, { keys: [`ostiary:rate:${key}`], arguments: [`${rate.requests}`, `${rate.perMs}`] });
        const [waitMs, fullMs] = (answer as readonly unknown[]).map(Number);
        if (waitMs === undefined || fullMs === undefined) throw new Error('the script answers two numbers');
        return { waitMs, fullMs };
      } catch {
        return alone.take(key, rate, nowMs);
      }
    },
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
};
