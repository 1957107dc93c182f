import type { Attributes, Histogram, Meter } from '@opentelemetry/api';
import type { Ended } from '../road/context.ts';
import { watchGateway } from './gauges.ts';
import type { Meters, Operation } from './telemetry.ts';

/** Source: the semantic conventions for HTTP and RPC metrics, "explicit bucket boundaries". */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Source: the semantic conventions for generative AI metrics. */
const modelSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokenCounts = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
/** A built-in tier answers within a millisecond. */
const tierSeconds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10];

const operations: Readonly<Record<Operation, string>> = {
  'http.server.request.duration': 'How long requests over HTTP take.',
  'http.client.request.duration': 'How long calls of REST and GraphQL backends take.',
  'rpc.server.call.duration': 'How long calls over gRPC take.',
  'rpc.client.call.duration': 'How long calls of gRPC backends take.',
  'mcp.server.operation.duration': 'How long messages over MCP take.',
  'mcp.client.operation.duration': 'How long calls of tools of MCP backends take.',
  'gen_ai.client.operation.duration': 'How long one try at a language model takes.',
};

/** @param meter of a provider with a reader */
export const openMeters = (meter: Meter): Meters => {
  const histogram = (name: string, description: string, boundaries: number[], unit = 's') =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: boundaries } });
  const took = Object.fromEntries(
    Object.entries(operations).map(([name, description]) => [
      name,
      histogram(name, description, name.startsWith('gen_ai.') ? modelSeconds : seconds),
    ]),
  ) as Record<Operation, Histogram>;
  const tokens = histogram('gen_ai.client.token.usage', 'Tokens of language models.', tokenCounts, '{token}');
  const tier = histogram('ostiary.resolve.duration', 'How long each tier takes to understand words.', tierSeconds);
  const count = (name: string, description: string, unit: string) => meter.createCounter(name, { description, unit });
  const requests = count('ostiary.requests', 'Requests that came to an end, by how.', '{request}');
  const decisions = count('ostiary.decisions', 'What the policies said.', '{decision}');
  const refusals = count('ostiary.refusals', 'Requests that were refused or failed, by problem.', '{request}');
  const resolutions = count('ostiary.resolutions', 'Words that were understood, by the tier that did.', '{request}');
  const records = count('ostiary.records', 'Entries that were given to the audit log.', '{entry}');
  const reloads = count(
    'ostiary.reloads',
    'Times that the folder was read again, by whether it was taken.',
    '{reload}',
  );

  return {
    took: (operation, ms, attributes) => took[operation].record(ms / 1_000, attributes),
    tokens(input, output, attributes) {
      tokens.record(input, { ...attributes, 'gen_ai.token.type': 'input' });
      tokens.record(output, { ...attributes, 'gen_ai.token.type': 'output' });
    },
    ended({ context, outcome }: Ended) {
      const { request, compiled, decision, trail = [], resolution, evaluation } = context;
      const { door } = request;
      const asked = evaluation !== undefined ? 'evaluation' : request.explain ? 'explain' : request.what.kind;
      requests.add(1, { door, asked, outcome: outcome.kind });
      if (decision !== undefined && compiled !== undefined)
        decisions.add(1, { decision: decision.outcome, ...intentOf(compiled.intent) });
      if ('error' in outcome) refusals.add(1, { door, code: outcome.error.code });
      for (const visit of trail) tier.record(visit.ms / 1_000, { tier: visit.tier, cached: visit.cached === true });
      if (request.what.kind === 'ask')
        resolutions.add(1, {
          tier: resolution?.tier ?? trail.at(-1)?.tier ?? 'none',
          understood: compiled !== undefined,
        });
    },
    refused(door, asked, code) {
      requests.add(1, { door, asked, outcome: 'failed' });
      refusals.add(1, { door, code });
    },
    recorded: () => records.add(1),
    reloaded: (taken) => reloads.add(1, { taken }),
    watch: (gate) => watchGateway(meter, gate),
  };
};

const intentOf = ({ id, effect }: { readonly id: string; readonly effect: string }): Attributes => ({
  intent: id,
  effect,
});
