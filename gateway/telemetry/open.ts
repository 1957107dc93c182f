import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseKeyPairsIntoRecord, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Gate } from '../gate.ts';
import { logExport } from './log-export.ts';
import { openMeters } from './meters.ts';
import { openPrometheus } from './prometheus.ts';
import type { Settings } from './settings.ts';
import { openSpans } from './spans.ts';
import type { Telemetry } from './telemetry.ts';

/** Of one export; a collector that is slower than that does not get it. */
const exportMs = 5_000;
/** A collector that is down is told of so often at most. */
const tellEveryMs = 60_000;
const maxValueChars = 1_000;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * Begins to export. Queues are bounded: what a collector does not take in time is dropped, and no request waits for it.
 * @throws Error where the port for Prometheus cannot be had
 */
export const openTelemetry = async (settings: Settings): Promise<Telemetry> => {
  const { targets, queue } = settings;
  const resource = resourceOf(settings);
  let log: Gate['log'] = () => {};
  tellOnce((cause) => log('warn', 'telemetry could not be exported', { cause }));
  const to = ({ url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> }) => ({
    url,
    headers: { ...headers },
    timeoutMillis: exportMs,
  });
  const batched = ({ size, batch, everyMs }: Settings['queue']['spans']) => ({
    maxQueueSize: size,
    maxExportBatchSize: batch,
    scheduledDelayMillis: everyMs,
    exportTimeoutMillis: exportMs,
  });

  const prometheus = settings.prometheus && (await openPrometheus(settings.prometheus));
  const readers: IMetricReader[] = prometheus === undefined ? [] : [prometheus.reader];
  if (targets.metrics !== undefined)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(to(targets.metrics)),
        exportIntervalMillis: settings.metricsEveryMs,
        exportTimeoutMillis: Math.min(exportMs, settings.metricsEveryMs),
      }),
    );
  const meterProvider = readers.length === 0 ? undefined : new MeterProvider({ resource, readers });
  const tracerProvider =
    targets.traces &&
    new TracerProvider({
      resource,
      sampler: samplerOf(settings),
      spanLimits: { attributeValueLengthLimit: maxValueChars },
      spanProcessors: [
        new BatchSpanProcessor({ exporter: new OTLPTraceExporter(to(targets.traces)), ...batched(queue.spans) }),
      ],
    });
  const loggerProvider =
    targets.logs &&
    new LoggerProvider({
      resource,
      processors: [
        new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to(targets.logs)), ...batched(queue.lines) }),
      ],
    });

  return {
    spans: tracerProvider && openSpans(tracerProvider.getTracer('ostiary', version)),
    meters: meterProvider && openMeters(meterProvider.getMeter('ostiary', version)),
    logs: loggerProvider && logExport(loggerProvider.getLogger('ostiary', version)),
    prometheus: prometheus?.url,
    tell(to) {
      log = to;
      for (const warning of settings.warnings) log('warn', warning);
    },
    async close(withinMs) {
      const all = [tracerProvider, meterProvider, loggerProvider].map((provider) => provider?.shutdown());
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([Promise.allSettled(all), late]);
      clearTimeout(timer);
      await prometheus?.close();
    },
  };
};

/** Trouble of exporters is told by a handler of the whole process. */
const tellOnce = (tell: (cause: string) => void): void => {
  let told = Number.NEGATIVE_INFINITY;
  setGlobalErrorHandler((error) => {
    const now = performance.now();
    if (now - told < tellEveryMs) return;
    told = now;
    tell(
      (error instanceof Error ? error.message : String((error as { message?: string }).message ?? error)).slice(0, 300),
    );
  });
};

const resourceOf = ({ service, resource }: Settings): Resource =>
  defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_VERSION]: version,
      [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      ...parseKeyPairsIntoRecord(resource),
      [ATTR_SERVICE_NAME]: service,
    }),
  );

const samplerOf = ({ sampler, ratio }: Settings): Sampler => {
  const root = sampler.endsWith('always_on')
    ? new AlwaysOnSampler()
    : sampler.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
};
