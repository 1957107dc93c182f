import { expect, test } from 'vitest';
import { telemetryDocument } from '../../../gateway/telemetry/document.ts';
import { telemetrySettings } from '../../../gateway/telemetry/settings.ts';

const config = (written: object) => telemetryDocument.parse(written);
const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' };
const otlp = { endpoint: 'http://yaml:4318/' };

test.each([
  ['nothing is said', undefined, {}],
  ['the environment turns it off', config({ otlp }), { OTEL_SDK_DISABLED: 'true' }],
  ['only a name is said', config({ service: 'x' }), { OTEL_SERVICE_NAME: 'y' }],
  [
    'every exporter is none',
    undefined,
    { ...collector, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  ],
] as const)('nothing is exported where %s', (_name, written, env) => {
  expect(telemetrySettings(written, env)).toBeUndefined();
});

test.each([
  [
    'one endpoint is for all signals',
    undefined,
    collector,
    ['http://c:4318/v1/traces', 'http://c:4318/v1/metrics', 'http://c:4318/v1/logs'],
  ],
  [
    'an endpoint of a signal is taken as it is',
    undefined,
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:1/x' },
    ['http://t:1/x', undefined, undefined],
  ],
  [
    'an exporter that is named needs no endpoint',
    undefined,
    { OTEL_LOGS_EXPORTER: 'otlp' },
    [undefined, undefined, 'http://localhost:4318/v1/logs'],
  ],
  [
    'the configuration wins over the environment',
    config({ otlp: { ...otlp, send: ['traces'] } }),
    collector,
    ['http://yaml:4318/v1/traces', undefined, undefined],
  ],
  [
    'none turns off what the configuration has',
    config({ otlp }),
    { OTEL_TRACES_EXPORTER: 'none' },
    [undefined, 'http://yaml:4318/v1/metrics', 'http://yaml:4318/v1/logs'],
  ],
] as const)('where it is sent: %s', (_name, written, env, [traces, metrics, logs]) => {
  const { targets } = telemetrySettings(written, env) ?? {};
  expect([targets?.traces?.url, targets?.metrics?.url, targets?.logs?.url]).toEqual([traces, metrics, logs]);
});

test('the standard variables are taken, and what is written there in vain is told', () => {
  expect(
    telemetrySettings(undefined, {
      ...collector,
      OTEL_SERVICE_NAME: 'shop-gate',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: '9999',
    }),
  ).toMatchObject({
    service: 'shop-gate',
    sampler: 'parentbased_traceidratio',
    ratio: 0.25,
    prometheus: { host: '127.0.0.1', port: 9999 },
    // A batch is never larger than what can wait.
    queue: { spans: { size: 100, batch: 100, everyMs: 5_000 }, lines: { size: 2_048, batch: 512, everyMs: 1_000 } },
    warnings: [],
  });
  const { warnings, sampler, ratio } =
    telemetrySettings(undefined, {
      ...collector,
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_LOGS_EXPORTER: 'console,otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_BLRP_SCHEDULE_DELAY: 'soon',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'nowhere',
    }) ?? {};
  expect([sampler, ratio]).toEqual(['parentbased_always_on', 1]);
  expect(warnings).toHaveLength(6);
});
