import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Intent } from '../contract.ts';

/** A call that was carried out: what was sent, and what came back. */
export interface Ran {
  /** `orders.get@1` */
  readonly intent: string;
  /** Of which contract, by `contractMark`. */
  readonly contract: string;
  /** What a person would say for it. */
  readonly text: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly output: unknown;
}

/** The file that `ostiary generate examples` writes. */
export const ranDocument = z.strictObject({
  api: z.literal('ostiary-examples/1'),
  ran: z
    .array(
      z.strictObject({
        intent: z.string().min(1),
        contract: z.string().min(1),
        text: z.string(),
        input: z.record(z.string(), z.unknown()),
        output: z.unknown(),
      }),
    )
    .max(10_000),
});

/** What an example stands and falls with: a contract that takes, gives or calls something else has another. */
export const contractMark = ({ id, effect, input, output, call }: Intent): string =>
  createHash('sha256')
    .update(canonicalize({ id, effect, input, output: output ?? null, call }) ?? '')
    .digest('hex')
    .slice(0, 16);

/** Those of one intent that were carried out by the contract as it stands, by a name that tells them apart. */
export const ranOf = (all: readonly Ran[], intent: Intent): Readonly<Record<string, Ran>> => {
  const found = all.filter((one) => one.intent === intent.id && one.contract === contractMark(intent));
  return Object.fromEntries(found.map((one, index) => [`ran-${index + 1}`, one]));
};
