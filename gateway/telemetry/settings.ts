import { samplers, type TelemetryConfig } from './document.ts';

export type Signal = 'traces' | 'metrics' | 'logs';
type Env = Readonly<Record<string, string | undefined>>;

/** Where one signal is sent. What is left out of the headers, limits and certificates the exporter reads in the environment itself. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is exported, after the configuration and the environment were heard. */
export interface Settings {
  readonly service: string;
  /** `key=value,key=value`, as OTEL_RESOURCE_ATTRIBUTES has them. */
  readonly resource: string;
  readonly targets: Readonly<Partial<Record<Signal, Target>>>;
  readonly sampler: (typeof samplers)[number];
  /** In [0, 1]. */
  readonly ratio: number;
  readonly metricsEveryMs: number;
  readonly prometheus: { readonly host: string; readonly port: number } | undefined;
  /** Of spans and of log lines that wait to be sent: how many at most, how many at once, how often. */
  readonly queue: Readonly<Record<'spans' | 'lines', { size: number; batch: number; everyMs: number }>>;
  /** What was written in the environment and cannot be taken. */
  readonly warnings: readonly string[];
}

const names = { traces: 'TRACES', metrics: 'METRICS', logs: 'LOGS' } as const;
/** Of the OTLP exporters, where they are asked for and nobody says where to send to. */
const usualEndpoint = 'http://localhost:4318';

/**
 * Reads the standard variables of OpenTelemetry beside the configuration, which wins. Nothing is exported unless an
 * endpoint or an exporter is named. Source: OpenTelemetry specification, "Environment Variable Specification".
 * @returns undefined where nothing is exported
 */
export const telemetrySettings = (config: TelemetryConfig | undefined, env: Env): Settings | undefined => {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return undefined;
  const warnings: string[] = [];
  const number = (name: string, usual: number, from: number, to: number): number => {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return usual;
    const value = Number(text);
    if (Number.isFinite(value) && value >= from && value <= to) return value;
    warnings.push(`${name} is "${text}", which is no number from ${from} to ${to}: ${usual} is taken.`);
    return usual;
  };
  const whole = (name: string, usual: number, from: number, to: number) => Math.floor(number(name, usual, from, to));
  const exporters = Object.fromEntries(
    (['traces', 'metrics', 'logs'] as const).map((signal) => [signal, exportersOf(signal, env, warnings)]),
  ) as Record<Signal, readonly string[] | undefined>;

  const targets: Partial<Record<Signal, Target>> = {};
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    const target = targetOf(signal, exporters[signal], config, env);
    if (target === undefined) continue;
    if (URL.canParse(target.url)) targets[signal] = target;
    else warnings.push(`OTEL_EXPORTER_OTLP_ENDPOINT is no address: ${signal} are not sent.`);
  }
  const prometheus =
    config?.metrics.prometheus ??
    (exporters.metrics?.includes('prometheus')
      ? {
          host: env.OTEL_EXPORTER_PROMETHEUS_HOST || '127.0.0.1',
          port: whole('OTEL_EXPORTER_PROMETHEUS_PORT', 9464, 0, 65_535),
        }
      : undefined);
  if (prometheus === undefined && Object.keys(targets).length === 0) return undefined;

  const protocol = env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol && protocol !== 'http/json')
    warnings.push(`OTEL_EXPORTER_OTLP_PROTOCOL is "${protocol}": this gateway sends http/json.`);
  const queue = (prefix: 'OTEL_BSP' | 'OTEL_BLRP', everyMs: number) => {
    const size = whole(`${prefix}_MAX_QUEUE_SIZE`, 2_048, 1, 100_000);
    return {
      size,
      batch: Math.min(size, whole(`${prefix}_MAX_EXPORT_BATCH_SIZE`, 512, 1, 100_000)),
      everyMs: whole(`${prefix}_SCHEDULE_DELAY`, everyMs, 1, 3_600_000),
    };
  };
  return {
    service: config?.service ?? (env.OTEL_SERVICE_NAME || 'ostiary'),
    resource: env.OTEL_RESOURCE_ATTRIBUTES ?? '',
    targets,
    sampler: config?.traces.sampler ?? samplerOf(env, warnings),
    ratio: config?.traces.ratio ?? number('OTEL_TRACES_SAMPLER_ARG', 1, 0, 1),
    metricsEveryMs: config?.metrics.every ?? whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000, 1_000, 3_600_000),
    prometheus,
    queue: { spans: queue('OTEL_BSP', 5_000), lines: queue('OTEL_BLRP', 1_000) },
    warnings,
  };
};

const exportersOf = (signal: Signal, env: Env, warnings: string[]): readonly string[] | undefined => {
  const variable = `OTEL_${names[signal]}_EXPORTER`;
  const text = env[variable]?.trim();
  if (text === undefined || text === '') return undefined;
  const known = signal === 'metrics' ? ['otlp', 'prometheus', 'none'] : ['otlp', 'none'];
  const wanted = text.split(',').map((one) => one.trim());
  const odd = wanted.filter((one) => !known.includes(one));
  if (odd.length > 0)
    warnings.push(`${variable} names ${odd.join(', ')}, which is not there: it can be ${known.join(', ')}.`);
  return wanted;
};

const targetOf = (
  signal: Signal,
  exporters: readonly string[] | undefined,
  config: TelemetryConfig | undefined,
  env: Env,
): Target | undefined => {
  if (exporters?.includes('none')) return undefined;
  const { otlp } = config ?? {};
  if (otlp !== undefined)
    return otlp.send.includes(signal) ? { url: below(otlp.endpoint, signal), headers: otlp.headers } : undefined;
  const own = env[`OTEL_EXPORTER_OTLP_${names[signal]}_ENDPOINT`];
  const shared = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const wanted = exporters === undefined ? Boolean(own || shared) : exporters.includes('otlp');
  if (!wanted) return undefined;
  return { url: own || below(shared || usualEndpoint, signal), headers: {} };
};

const below = (endpoint: string, signal: Signal): string => `${endpoint.replace(/\/+$/, '')}/v1/${signal}`;

const samplerOf = (env: Env, warnings: string[]): Settings['sampler'] => {
  const named = env.OTEL_TRACES_SAMPLER?.trim();
  const usual = 'parentbased_always_on';
  if (named === undefined || named === '') return usual;
  const found = samplers.find((one) => one === named);
  if (found === undefined)
    warnings.push(`OTEL_TRACES_SAMPLER is "${named}", which is none of ${samplers.join(', ')}: ${usual} is taken.`);
  return found ?? usual;
};
