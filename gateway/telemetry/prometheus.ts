import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { IMetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';

export interface PrometheusListener {
  readonly reader: IMetricReader;
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
  close(): Promise<void>;
}

const maxConnections = 32;
const units: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };

/**
 * Serves `GET /metrics` on a listener of its own, so that it is never open to those whom the gateway serves.
 * @throws Error where the port cannot be had
 */
export const openPrometheus = async ({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<PrometheusListener> => {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const end = (status: number, text: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...headers }).end(text);
    if (request.url?.split('?')[0] !== '/metrics') end(404, 'There is only /metrics here.\n');
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      end(405, '/metrics takes GET.\n', { allow: 'GET, HEAD' });
    else
      reader.collect().then(
        ({ resourceMetrics }) => end(200, serializer.serialize(withUnits(resourceMetrics))),
        () => end(503, 'The metrics cannot be had now.\n'),
      );
  });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `/metrics cannot be served at ${host}:${port} (${error.code ?? error.message}). Choose another port: telemetry.metrics.prometheus.port, or OTEL_EXPORTER_PROMETHEUS_PORT.`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    reader,
    url: `http://${name}:${bound.port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** With the unit at the end of a name, as dashboards know it. Source: OpenTelemetry, "Prometheus and OpenMetrics Compatibility". */
const withUnits = (all: ResourceMetrics): ResourceMetrics => ({
  ...all,
  scopeMetrics: all.scopeMetrics.map((scope) => ({
    ...scope,
    metrics: scope.metrics.map((metric) => {
      const { name, unit } = metric.descriptor;
      const suffix = units[unit];
      return suffix === undefined
        ? metric
        : { ...metric, descriptor: { ...metric.descriptor, name: `${name}.${suffix}`, unit: suffix } };
    }),
  })),
});
