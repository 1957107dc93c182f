import type { Gate } from '../gate.ts';
import type { BreakerState } from './breaker.ts';

/** Backends that are not called at the moment, or only tried: the gateway is ready all the same. */
export const troubledBackends = ({ compiled }: Gate): Readonly<Record<string, BreakerState>> | undefined => {
  const found = new Map<string, BreakerState>();
  for (const { intent, guard } of compiled.values()) {
    const state = guard.breaker?.state ?? 'closed';
    if (state !== 'closed') found.set(intent.call.backend, state);
  }
  return found.size === 0 ? undefined : Object.fromEntries(found);
};
