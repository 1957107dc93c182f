import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Binding } from '../../../intents/contract.ts';
import type { Backend, CallContext, Failure } from '../../../intents/ports.ts';

/** In every configured header or metadata value; must never come out again. */
export const secret = 'canary-4f1c9d2e';
export const limits = { timeoutMs: 400, maxBytes: 20_000 };

/** One real server that does as it is told by the input `{ say }`, and a backend that points at it. */
export interface World {
  readonly backend: Backend;
  /** Takes `{ say }`; `hello` gives `{ said: 'hello' }`. */
  readonly binding: Binding;
  /** Headers or metadata of the last call. */
  readonly received: () => Readonly<Record<string, unknown>>;
  readonly openSockets: () => number;
  stop(): Promise<void>;
}
export interface Kind {
  readonly kind: string;
  start(): Promise<World>;
  /** A backend for a port where nobody listens. */
  nowhere(port: number): Backend;
  /** Whether requests of its own go ahead of the first call: a connection rests for a moment before it is used again. */
  readonly handshake?: true;
  /** Headers that this protocol itself asks for. */
  readonly alsoSends?: readonly string[];
  /** Outcomes that this protocol tells in another way, each with its reason. */
  readonly otherwise?: Readonly<Record<string, { code: Failure['code']; reached: Failure['reached']; why: string }>>;
}

export const context = (signal = new AbortController().signal): CallContext => ({
  signal,
  headers: { 'x-request-id': 'r-1' },
});

const outcomes: Readonly<Record<string, Pick<Failure, 'code' | 'reached'>>> = {
  missing: { code: 'upstream.not_found', reached: 'yes' },
  taken: { code: 'upstream.conflict', reached: 'yes' },
  wrong: { code: 'upstream.rejected', reached: 'yes' },
  forbidden: { code: 'upstream.denied', reached: 'yes' },
  crowded: { code: 'upstream.busy', reached: 'yes' },
  broken: { code: 'upstream.failed', reached: 'yes' },
  silence: { code: 'upstream.timeout', reached: 'maybe' },
  reset: { code: 'upstream.failed', reached: 'maybe' },
  garbage: { code: 'upstream.invalid', reached: 'yes' },
  huge: { code: 'upstream.invalid', reached: 'yes' },
};

/** What the road asks of any backend, on a real server. */
export const backendContract = ({ kind, start, nowhere, otherwise = {}, alsoSends = [], handshake }: Kind) =>
  describe(`a ${kind} backend`, () => {
    let world: World;
    beforeEach(async () => {
      world = await start();
    });
    afterEach(() => world.stop());
    const call = (say: string, asked = context()) => world.backend.compile(world.binding).call({ say }, asked);

    test('gives the value', async () => expect(await call('hello')).toEqual({ ok: true, value: { said: 'hello' } }));

    test('takes any text as a value and changes nothing', async () => {
      const say = 'Zoë says "50 % off" & {more} $.say \\ 日本';
      expect(await call(say)).toEqual({ ok: true, value: { said: say } });
    });

    test.each(Object.keys(outcomes))('%s', async (say) => {
      const { code, reached } = otherwise[say] ?? (outcomes[say] as Failure);
      expect(await call(say)).toMatchObject({ ok: false, code, reached });
    });

    test('is as good as before after each failure', async () => {
      for (const say of Object.keys(outcomes)) await call(say);
      await expect.poll(() => call('hello')).toMatchObject({ ok: true });
    });

    test('stops where the signal fires', async () => {
      const [asked, started] = [new AbortController(), performance.now()];
      await call('hello');
      const reply = call('silence', context(asked.signal));
      await sleep(50);
      asked.abort();
      expect(await reply).toMatchObject({ ok: false, code: 'upstream.timeout', reached: 'maybe' });
      expect(performance.now() - started).toBeLessThan(limits.timeoutMs);
    });

    test('sends nothing where the signal has fired before', async () => {
      const reply = await call('hello', context(AbortSignal.abort()));
      expect(reply).toMatchObject({ ok: false, code: 'upstream.timeout', reached: 'no' });
      expect(world.received()).toEqual({});
    });

    test('sends the configured headers and those of the gateway', async () => {
      await call('hello');
      expect(world.received()).toMatchObject({ authorization: `Bearer ${secret}`, 'x-request-id': 'r-1' });
    });

    test('sends nothing else: what came in at a door has no way out', async () => {
      await call('hello');
      const own = ['authorization', 'x-request-id', 'host', 'connection', 'accept', 'user-agent', 'content-type'];
      const framing = ['content-length', 'te', 'grpc-accept-encoding', 'accept-encoding'];
      expect(
        Object.keys(world.received()).filter((name) => ![...own, ...framing, ...alsoSends].includes(name)),
      ).toEqual([]);
    });

    test('lets the gateway change no configured header', async () => {
      await call('hello', { ...context(), headers: { authorization: 'other' } });
      expect(world.received()).toMatchObject({ authorization: `Bearer ${secret}` });
    });

    test('shows no credential in a preview or a detail, even where the backend echoes it', async () => {
      const compiled = world.backend.compile(world.binding);
      const reply = await compiled.call({ say: 'broken' }, context());
      expect(reply).toMatchObject({ ok: false, detail: expect.stringContaining('***') });
      expect(JSON.stringify([reply, compiled.preview({ say: 'hello' })])).not.toContain(secret);
    });

    test('says that nothing listens', async () => {
      const backend = nowhere(await freePort());
      const reply = await backend.compile(world.binding).call({ say: 'hello' }, context());
      expect(reply).toMatchObject({ ok: false, code: 'upstream.unreachable', reached: 'no' });
      await backend.close();
    });

    test('refuses a binding of another kind', () => {
      const other: Binding =
        world.binding.kind === 'rest'
          ? { kind: 'grpc', backend: 'echo', service: 'a.B', method: 'C' }
          : { kind: 'rest', backend: 'echo', method: 'GET', path: '/' };
      expect(() => world.backend.compile(other)).toThrow(/Backend "echo" speaks/);
    });

    test('closes its connections, and then calls nobody', async () => {
      await call('hello');
      if (handshake) expect(world.openSockets()).toBeGreaterThan(0);
      else expect(world.openSockets()).toBe(1);
      await world.backend.close();
      await expect.poll(world.openSockets).toBe(0);
      expect(await call('hello')).toMatchObject({ ok: false, code: 'upstream.unreachable', reached: 'no' });
    });
  });

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};
