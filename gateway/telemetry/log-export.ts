import { type Logger, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';

/** By the levels of pino. Source: OpenTelemetry logs data model, "Severity Fields". */
const severities: Readonly<Record<number, [SeverityNumber, string]>> = {
  10: [SeverityNumber.TRACE, 'TRACE'],
  20: [SeverityNumber.DEBUG, 'DEBUG'],
  30: [SeverityNumber.INFO, 'INFO'],
  40: [SeverityNumber.WARN, 'WARN'],
  50: [SeverityNumber.ERROR, 'ERROR'],
  60: [SeverityNumber.FATAL, 'FATAL'],
};

/** Hands lines of the log on as they were written: what was taken out of them stays out. */
export const logExport =
  (logger: Logger) =>
  (line: string): void => {
    const said = read(line);
    if (said === undefined) return;
    const { level, time, msg, pid: _pid, hostname: _hostname, trace_id, span_id, trace_flags, ...facts } = said;
    const [severityNumber, severityText] = severities[Number(level)] ?? [SeverityNumber.UNSPECIFIED, ''];
    const attributes: Record<string, string | number | boolean> = {};
    for (const [name, value] of Object.entries(facts))
      attributes[name] = isPlain(value) ? value : JSON.stringify(value ?? null);
    logger.emit({
      timestamp: typeof time === 'number' ? time : Date.now(),
      severityNumber,
      severityText,
      body: typeof msg === 'string' ? msg : '',
      attributes,
      context:
        typeof trace_id === 'string' && typeof span_id === 'string'
          ? trace.setSpanContext(ROOT_CONTEXT, {
              traceId: trace_id,
              spanId: span_id,
              traceFlags: trace_flags === '01' ? 1 : 0,
            })
          : ROOT_CONTEXT,
    });
  };

const read = (line: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
