import type { Store } from '../../policies/ports.ts';
import type { Telemetry } from './telemetry.ts';

/** A store that tells of every entry of the audit log that it is given; itself, where nobody wants to know. */
export const countRecords = (store: Store, { meters }: Telemetry): Store =>
  meters === undefined
    ? store
    : {
        ...store,
        audit: {
          ...store.audit,
          append(...entry) {
            meters.recorded();
            return store.audit.append(...entry);
          },
        },
      };
