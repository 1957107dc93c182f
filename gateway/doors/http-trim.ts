import { isObject } from '../../intents/json.ts';
import { type Trimmed, trimTo } from '../../intents/trim.ts';
import type { Ended } from '../road/context.ts';
import type { Printed } from './http-print.ts';

/** Places that a header names; of more it says how many. */
const mostPlaces = 20;

/**
 * An output as small as the caller prefers it, with headers that say what was preferred and what is left out. An answer
 * that is no output, or fits, stays as it is.
 * @param budget bytes of JSON
 */
export const trimTyped = (
  printed: Printed,
  { outcome }: Ended,
  minimal: boolean,
  budget: number | undefined,
): { printed: Printed; headers: Readonly<Record<string, string>> } => {
  if ((!minimal && budget === undefined) || outcome.kind !== 'completed') return { printed, headers: {} };
  const trimmed = budget === undefined ? undefined : trimTo(printed.body, budget);
  const applied = [...(minimal ? ['return=minimal'] : []), ...(trimmed ? [`max-bytes=${budget}`] : [])];
  return {
    printed: trimmed ? { ...printed, body: trimmed.value } : printed,
    headers: {
      ...(applied.length > 0 && { 'preference-applied': applied.join(', ') }),
      ...(trimmed && trimmed.left.length > 0 && { 'ostiary-trimmed': printLeft(trimmed.left) }),
    },
  };
};

/** The same where the output is a member of the answer: then `trimmed` beside it says what is left out. */
export const trimConversation = (printed: Printed, { outcome }: Ended, budget: number | undefined): Printed => {
  if (budget === undefined || outcome.kind !== 'completed' || !isObject(printed.body)) return printed;
  const { value, left } = trimTo(printed.body.output, budget);
  return left.length === 0 ? printed : { ...printed, body: { ...printed.body, output: value, trimmed: left } };
};

/** A list of structured fields (RFC 9651, section 3.1): `"/orders";kept=3;of=20`. */
const printLeft = (left: Trimmed['left']): string =>
  [
    ...left.slice(0, mostPlaces).map(({ pointer, kept, of }) => `"${encodeURI(pointer)}";kept=${kept};of=${of}`),
    ...(left.length > mostPlaces ? [`more;places=${left.length - mostPlaces}`] : []),
  ].join(', ');
