import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { Gate } from '../gate.ts';

/** As many as are told apart; above, it is at least so many. */
const mostOpen = 1_000;
/** A look at the store must not hold up whoever scrapes. */
const lookMs = 2_000;
const resolutionMs = 10;
const states = { closed: 0, 'half-open': 1, open: 2 } as const;

/** How the process and what it stands on are, looked at whenever somebody asks. */
export const watchGateway = (meter: Meter, gate: () => Gate): void => {
  const gauge = (
    name: string,
    description: string,
    unit: string,
    look: (result: ObservableResult) => void | Promise<void>,
  ) => meter.createObservableGauge(name, { description, unit }).addCallback(look);

  gauge('ostiary.records.waiting', 'Entries of the audit log that are not yet on disk.', '{entry}', (result) =>
    result.observe(gate().store.audit.backlog()),
  );
  gauge('ostiary.store.available', '1 where the store can be written, else 0.', '1', (result) =>
    result.observe(gate().store.fault() === undefined ? 1 : 0),
  );
  gauge(
    'ostiary.writes.in_doubt',
    'Writes of which nobody knows yet whether they were done.',
    '{write}',
    async (result) => {
      const found = await within(gate().store.writes.open(mostOpen));
      const now = Date.now();
      if (found !== undefined) result.observe(found.filter(({ untilMs }) => untilMs <= now).length);
    },
  );
  const backends = () =>
    new Map([...gate().compiled.values()].map(({ intent, guard }) => [intent.call.backend, guard]));
  gauge('ostiary.backend.calls', 'Calls of a backend that are under way.', '{call}', (result) => {
    for (const [backend, { bulkhead }] of backends()) result.observe(bulkhead.active, { backend });
  });
  gauge(
    'ostiary.backend.limit',
    'Calls of a backend that there may be at once, fewer while it is slow.',
    '{call}',
    (result) => {
      for (const [backend, { bulkhead }] of backends()) result.observe(bulkhead.limit, { backend });
    },
  );
  gauge('ostiary.backend.breaker', 'Whether a backend is called: 0 yes, 1 it is tried, 2 no.', '1', (result) => {
    for (const [backend, { breaker }] of backends())
      if (breaker !== undefined) result.observe(states[breaker.state], { backend });
  });
  gauge(
    'ostiary.pressure',
    'Requests under way, of those there may be while the event loop is late.',
    '1',
    (result) => {
      const { active, limit } = gate().shedder;
      result.observe(active / limit);
    },
  );
  gauge('ostiary.intents', 'Intents that are served.', '{intent}', (result) =>
    result.observe(gate().catalogue.intents.length),
  );

  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const measures: readonly [string, (delay: ReturnType<typeof monitorEventLoopDelay>) => number][] = [
    ['min', ({ min }) => min],
    ['max', ({ max }) => max],
    ['mean', ({ mean }) => mean],
    ['p50', (one) => one.percentile(50)],
    ['p90', (one) => one.percentile(90)],
    ['p99', (one) => one.percentile(99)],
  ];
  const delays = measures.map(([name]) =>
    meter.createObservableGauge(`nodejs.eventloop.delay.${name}`, {
      description: `Event loop delay since it was last asked for: ${name}.`,
      unit: 's',
    }),
  );
  meter.addBatchObservableCallback((result) => {
    for (const [index, instrument] of delays.entries()) {
      const value = measures[index]?.[1](delay) ?? 0;
      // A loop on time counts as the resolution.
      if (delay.count > 0) result.observe(instrument, Math.max(0, value / 1e9 - resolutionMs / 1e3));
    }
    delay.reset();
  }, delays);
  let before = performance.eventLoopUtilization();
  gauge('nodejs.eventloop.utilization', 'Share of the time that the event loop was busy.', '1', (result) => {
    const now = performance.eventLoopUtilization();
    result.observe(performance.eventLoopUtilization(now, before).utilization);
    before = now;
  });
  gauge('process.memory.usage', 'Memory of this process.', 'By', (result) => result.observe(process.memoryUsage.rss()));
};

const within = async <T>(work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), lookMs);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
};
