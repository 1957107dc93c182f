import { expect, test } from 'vitest';
import { createLogger } from '../../../gateway/serve.ts';
import { loadTelemetry } from '../../../gateway/telemetry/load.ts';
import { noTelemetry } from '../../../gateway/telemetry/telemetry.ts';
import { gatewayForTest } from '../start.ts';
import { startCollector } from './collector.ts';

const read = { note_id: 'N-1' };
const patience = { timeout: 20_000 };

test('a line of the log is sent with its trace, and without what is taken out of it', async () => {
  const collector = await startCollector();
  const telemetry = await loadTelemetry(undefined, collector.env);
  const logger = createLogger('error', telemetry);
  const trace = telemetry.spans?.begin('work', 'internal', {}, undefined);
  if (trace === undefined) throw new Error('there are no spans');
  telemetry.spans?.within(trace, () =>
    logger.error({ headers: { authorization: 'Bearer key-writer' }, request: 'r.1', tries: 3 }, 'this is a test'),
  );
  logger.info('too little to be told');
  await telemetry.close(10_000);
  expect(collector.lines).toEqual([
    {
      text: 'this is a test',
      severity: 'ERROR',
      trace: trace.id,
      attributes: { request: 'r.1', tries: 3, headers: '{"authorization":"[Redacted]"}' },
    },
  ]);
  expect(collector.bytes()).not.toContain('key-writer');
});

test('nothing is exported, loaded or spanned where nobody wants it', async () => {
  expect(await loadTelemetry(undefined, {})).toBe(noTelemetry);
});

test.each([
  ['refuses', 503],
  ['never answers', 0],
])(
  'a collector that %s slows and breaks nothing, and does not keep the gateway from stopping',
  async (_name, answer) => {
    const collector = await startCollector();
    collector.answers(answer);
    const gateway = await gatewayForTest({
      // More than can wait is dropped.
      env: { ...collector.env, OTEL_BSP_MAX_QUEUE_SIZE: '2' },
    });
    const calls = await Promise.all(
      Array.from({ length: 40 }, () => gateway.call('POST', '/v1/ask', { text: 'what is the weather' })),
    );
    expect(new Set(calls.map(({ status }) => status))).toEqual(new Set([200]));
    const started = performance.now();
    await gateway.close();
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(collector.spans).toEqual([]);
  },
);

test('nobody listens at all: all is answered', async () => {
  const gateway = await gatewayForTest({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' } });
  expect((await gateway.call('POST', '/v1/intents/notes.get', read)).status).toBe(200);
});

test('what was seen shortly before the end is sent before it, and telemetry outlives a reload', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '3600000' },
  });
  await gateway.call('POST', '/v1/intents/notes.get', read);
  await gateway.reload();
  await gateway.call('POST', '/v1/intents/notes.get', read);
  expect(collector.spans).toEqual([]);
  await gateway.close();
  expect(collector.spans.filter(({ kind }) => kind === 2)).toHaveLength(2);
  await expect.poll(() => collector.metrics.has('ostiary.requests'), patience).toBe(true);
});
