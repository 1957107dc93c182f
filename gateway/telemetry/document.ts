import { z } from 'zod';

export const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const port = z.int().min(0).max(65_535);

/** `telemetry:` of `ostiary.yaml`. What it says wins over the variables of the environment. */
export const telemetryDocument = z.strictObject({
  service: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('What this gateway is called there; left out, OTEL_SERVICE_NAME, or else ostiary.'),
  otlp: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/, error: 'an address is written like http://127.0.0.1:4318' })
        .describe('Of a collector that takes OTLP over HTTP, without /v1/traces and its like.'),
      headers: z
        .record(z.string().regex(/^[a-z0-9-]+$/, 'header names are lower case'), z.string())
        .default({})
        .describe('Sent along. A secret is best read from the environment.'),
      send: z
        .array(z.enum(['traces', 'metrics', 'logs']))
        .min(1)
        .default(['traces', 'metrics', 'logs']),
    })
    .optional()
    .describe('Where traces, metrics and logs are sent; left out, where OTEL_EXPORTER_OTLP_ENDPOINT says, or nowhere.'),
  traces: z
    .strictObject({
      sampler: z
        .enum(samplers)
        .optional()
        .describe('Which traces are sent; left out, OTEL_TRACES_SAMPLER, or else parentbased_always_on.'),
      ratio: z.number().min(0).max(1).optional().describe('The share of them, for the samplers that take one.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      every: z
        .string()
        .regex(/^\d{1,4}(s|m)$/, 'an interval is written like 10s or 1m')
        .transform((text) => Number.parseInt(text, 10) * (text.endsWith('m') ? 60_000 : 1_000))
        .refine((ms) => ms >= 1_000, 'an interval is at least 1s')
        .optional()
        .describe('How often they are sent; left out, OTEL_METRIC_EXPORT_INTERVAL, or else 60s.'),
      prometheus: z
        .strictObject({
          host: z.string().min(1).default('127.0.0.1').describe('Who can reach it reads all metrics: keep it inside.'),
          port: port.default(9464).describe('A port of its own; 0 takes any that is free.'),
        })
        .optional()
        .describe('Serves GET /metrics for Prometheus on a listener of its own; left out, there is none.'),
    })
    .prefault({}),
});
export type TelemetryConfig = z.infer<typeof telemetryDocument>;
