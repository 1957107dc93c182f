import type { TelemetryConfig } from './document.ts';
import { telemetrySettings } from './settings.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/**
 * Telemetry as the configuration and the environment want it. The libraries for it are loaded where there is something
 * to export, and nowhere else.
 * @throws Error where the port for Prometheus cannot be had
 */
export const loadTelemetry = async (
  config: TelemetryConfig | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Telemetry> => {
  const settings = telemetrySettings(config, env);
  if (settings === undefined) return noTelemetry;
  const { openTelemetry } = await import('./open.ts');
  return openTelemetry(settings);
};
