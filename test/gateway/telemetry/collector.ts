import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean; doubleValue?: number };
type Attribute = { key: string; value: Value };

/** A span as the tests look at it. */
export interface Seen {
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  /** 2 is an error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly state: string | undefined;
}
export interface SeenLine {
  readonly text: string;
  readonly severity: string;
  readonly trace: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Takes OTLP over HTTP in JSON, as a collector does. Source: OTLP specification 1.5, "OTLP/HTTP". */
export const startCollector = async () => {
  const spans: Seen[] = [];
  const lines: SeenLine[] = [];
  const metrics = new Map<string, Record<string, unknown>[]>();
  const resources: Record<string, unknown>[] = [];
  const bytes: string[] = [];
  let answer = 200;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      if (answer === 0) return;
      if (answer === 200) take(request.url ?? '', body);
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
    });
  });
  // biome-ignore lint/suspicious/noExplicitAny: a message is looked into at any depth
  const take = (url: string, body: string, message: any = JSON.parse(body)) => {
    bytes.push(body);
    for (const { resource, scopeSpans = [] } of message.resourceSpans ?? []) {
      resources.push(plain(resource.attributes));
      for (const { spans: some } of scopeSpans)
        for (const one of some)
          spans.push({
            name: one.name,
            kind: one.kind,
            trace: one.traceId,
            id: one.spanId,
            parent: one.parentSpanId ?? '',
            status: one.status?.code ?? 0,
            attributes: plain(one.attributes),
            state: one.traceState,
          });
    }
    for (const { scopeLogs = [] } of message.resourceLogs ?? [])
      for (const { logRecords } of scopeLogs)
        for (const one of logRecords)
          lines.push({
            text: one.body?.stringValue ?? '',
            severity: one.severityText,
            trace: one.traceId || undefined,
            attributes: plain(one.attributes),
          });
    for (const { scopeMetrics = [] } of message.resourceMetrics ?? [])
      for (const { metrics: some } of scopeMetrics)
        for (const { name, sum, gauge, histogram } of some)
          metrics.set(
            name,
            (sum ?? gauge ?? histogram).dataPoints.map((point: { attributes: Attribute[] }) => ({
              ...point,
              attributes: plain(point.attributes),
            })),
          );
    if (!/^\/v1\/(traces|metrics|logs)$/.test(url)) throw new Error(`nothing is sent to ${url}`);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    spans,
    lines,
    metrics,
    resources,
    /** All that came, as it came. */
    bytes: () => bytes.join('\n'),
    /** What it answers from now on; 0: never. */
    answers(status: number) {
      answer = status;
    },
    /** A gateway sends soon, so that a test need not wait for long. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_BLRP_SCHEDULE_DELAY: '20',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
    } as Record<string, string>,
    /** The spans of a trace, the outermost first, each with how deep it is. */
    tree(trace: string): readonly string[] {
      const all = spans.filter((one) => one.trace === trace);
      const ids = new Set(all.map(({ id }) => id));
      const below = (parent: string | undefined, depth: number): string[] =>
        all
          .filter((one) => (parent === undefined ? !ids.has(one.parent) : one.parent === parent))
          .flatMap((one) => [`${'  '.repeat(depth)}${kindOf(one.kind)} ${one.name}`, ...below(one.id, depth + 1)]);
      return below(undefined, 0);
    },
  };
};
export type Collector = Awaited<ReturnType<typeof startCollector>>;

const kindOf = (kind: number): string => ['', 'internal', 'server', 'client'][kind] ?? '';

const plain = (attributes: readonly Attribute[] = []): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue)),
    ]),
  );
