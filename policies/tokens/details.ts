import { z } from 'zod';
import { isWithin } from '../purposes.ts';

/** What a link of a token grants, as RFC 9396 has it. Left out, a member is as the link before says. */
export const detailType = 'intent_capability';

const scalar = z.union([z.string().max(500), z.number(), z.boolean()]);
const intentId = z
  .string()
  .max(200)
  .regex(/^[a-z][\w.-]*@\d{1,9}$/, 'an intent is written with its major, orders.refund@2');
const pointer = z
  .string()
  .max(300)
  .regex(/^(\/([^/~]|~[01])+)+$/, 'a field is a JSON pointer into the input, /amount');
/** Closed: what is not known here cannot be held to, so it refuses the token. */
const limit = z
  .strictObject({
    lte: z.number().optional(),
    gte: z.number().optional(),
    in: z.array(scalar).min(1).max(100).optional(),
    eq: scalar.optional(),
  })
  .refine((tests) => Object.keys(tests).length > 0, 'says lte, gte, in or eq');

export const detailDocument = z.strictObject({
  type: z.literal(detailType),
  intents: z.array(intentId).min(1).max(500).optional(),
  /** Each with everything below it. */
  purposes: z.array(z.string().min(1).max(200)).max(50).optional(),
  /** Intent -> JSON pointer into its input -> what the value must be. */
  limits: z.record(intentId, z.record(pointer, limit)).optional(),
});
export type Detail = z.infer<typeof detailDocument>;
export type Limit = z.infer<typeof limit>;
export const detailsDocument = z.array(detailDocument).min(1).max(20);

export interface Widening {
  readonly invariant: 'intents' | 'purposes' | 'limits';
  readonly message: string;
}

/**
 * Whether details reach beyond others. Each must lie within one of them as a whole, so what only two of them cover
 * together is refused as well: strict, and decidable. Nothing rests on it alone, for whoever decides holds a request to
 * the details of every link.
 * @returns undefined where they do not
 */
export const widening = (details: readonly Detail[], within: readonly Detail[]): Widening | undefined => {
  for (const detail of details) {
    const found = within.map((above) => beyond(detail, above));
    if (found.includes(undefined)) continue;
    // Of several, what comes nearest says best what is wrong.
    const order = ['intents', 'purposes', 'limits'];
    const nearest = (found as Widening[]).toSorted(
      (a, b) => order.indexOf(b.invariant) - order.indexOf(a.invariant),
    )[0];
    return nearest ?? { invariant: 'intents', message: 'there is nothing above it' };
  }
  return undefined;
};

const beyond = (detail: Detail, above: Detail): Widening | undefined => {
  const intent = above.intents && detail.intents?.find((one) => !above.intents?.includes(one));
  if (intent !== undefined) return { invariant: 'intents', message: `"${intent}" is not among the intents above it` };
  const purpose =
    above.purposes && detail.purposes?.find((one) => !above.purposes?.some((wide) => isWithin(one, wide)));
  if (purpose !== undefined) return { invariant: 'purposes', message: `"${purpose}" is not within a purpose above it` };
  for (const [id, fields] of Object.entries(detail.limits ?? {}))
    for (const [field, tests] of Object.entries(fields)) {
      const most = limitOf(above, id, field);
      const wider = most && widerLimit(tests, most);
      if (wider !== undefined) return { invariant: 'limits', message: `the limit of ${id} on ${field} ${wider}` };
    }
  return undefined;
};

const limitOf = ({ limits }: Detail, id: string, field: string): Limit | undefined => {
  const fields = limits !== undefined && Object.hasOwn(limits, id) ? limits[id] : undefined;
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
};

const widerLimit = (tests: Limit, most: Limit): string | undefined => {
  if (tests.lte !== undefined && most.lte !== undefined && tests.lte > most.lte)
    return `rises from ${most.lte} to ${tests.lte}`;
  if (tests.gte !== undefined && most.gte !== undefined && tests.gte < most.gte)
    return `sinks from ${most.gte} to ${tests.gte}`;
  const values = [...(tests.eq === undefined ? [] : [tests.eq]), ...(tests.in ?? [])];
  const out = values.find((value) => !admitsValue(most, value));
  return out === undefined ? undefined : `admits ${JSON.stringify(out)}, which is out above it`;
};

/** Whether a value keeps within a limit; what cannot be compared does not. */
export const admitsValue = ({ lte, gte, in: listed, eq }: Limit, value: unknown): boolean => {
  const number = typeof value === 'number' && Number.isFinite(value);
  return (
    (lte === undefined || (number && value <= lte)) &&
    (gte === undefined || (number && value >= gte)) &&
    (listed === undefined || listed.some((one) => one === value)) &&
    (eq === undefined || eq === value)
  );
};
