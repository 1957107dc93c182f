import type { Detail } from '../../../policies/tokens/details.ts';

export interface Question {
  readonly intent: string;
  readonly purpose: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the details of all links together permit, as plainly as it can be said: shares nothing with the engine. */
export const naivelyWithin = (links: readonly (readonly Detail[])[], asked: Question): boolean => {
  for (const details of links) {
    let some = false;
    for (const detail of details) if (permits(detail, asked)) some = true;
    if (!some) return false;
  }
  return true;
};

const permits = (detail: Detail, { intent, purpose, input }: Question): boolean => {
  if (detail.intents !== undefined && detail.intents.indexOf(intent) === -1) return false;
  if (detail.purposes !== undefined) {
    if (purpose === undefined && detail.purposes.length > 0) return false;
    const steps = purpose?.split('/') ?? [];
    // A purpose is within each of its beginnings.
    const above = steps.map((_, at) => steps.slice(0, at + 1).join('/'));
    if (purpose !== undefined && !detail.purposes.some((one) => above.includes(one))) return false;
  }
  const fields = detail.limits?.[intent] ?? {};
  for (const pointer of Object.keys(fields)) {
    const value = input[pointer.slice(1)];
    const { lte, gte, eq, in: listed } = fields[pointer] ?? {};
    if (lte !== undefined) if (typeof value !== 'number' || !(value <= lte)) return false;
    if (gte !== undefined) if (typeof value !== 'number' || !(value >= gte)) return false;
    if (eq !== undefined) if (value !== eq) return false;
    if (listed !== undefined) if (!(listed as readonly unknown[]).includes(value)) return false;
  }
  return true;
};
