import type { Intent } from '../contract.ts';
import { type Input, type Json, pointerSegment } from '../json.ts';
import { isNegated } from './negation.ts';
import type { SlotReader } from './slots/read.ts';
import type { ReadingContext } from './slots/utterance.ts';
import { fold, type Span } from './text.ts';
import type { Proposal, Slot, Tier } from './types.ts';

/** What would be proposed, with what speaks against running it. */
export interface Draft {
  readonly proposal: Proposal;
  /** Pointers of required values that are neither read, given nor a default. */
  readonly missing: readonly string[];
  /** Values in the words that no slot took. */
  readonly unread: readonly Span[];
  /** The words deny or only suppose a write. */
  readonly negated: boolean;
}

export interface Filling {
  readonly input: Input;
  readonly slots: readonly Slot[];
}

interface Drafted {
  readonly intent: Intent;
  readonly confidence: number;
  readonly margin: number;
  readonly tier: Tier;
  readonly text: string;
  readonly reader: SlotReader;
  readonly context: ReadingContext;
  /** Typed values that came beside the words; they win over everything. */
  readonly given: Input;
  /** Values read by somebody else: an example's own, a model's. They win where they stand in the words. */
  readonly filling?: Filling;
}

export const draftOf = ({
  intent,
  confidence,
  margin,
  tier,
  text,
  reader,
  context,
  given,
  filling,
}: Drafted): Draft => {
  const read = reader.read(text, context);
  const own = filling === undefined ? read : merged(read, filling);
  const input: Input = { ...own.input, ...given };
  const typed = Object.keys(given).map((name) => `/${pointerSegment(name)}`);
  const slots: Slot[] = [
    ...own.slots.filter(({ pointer }) => !typed.includes(memberOf(pointer))),
    ...typed.map((pointer): Slot => ({ pointer, provenance: 'input', span: undefined })),
  ];
  const taken = [...slots.map(({ span }) => span), ...spansOf(given, text, reader, context)].filter(
    (span) => span !== undefined,
  );
  const wordsOf = ({ start, end }: Span) => fold(text.slice(start, end));
  const spoken = [...read.unread, ...read.slots.map(({ span }) => span).filter((span) => span !== undefined)];
  return {
    proposal: { intent, input, confidence, margin, tier, slots },
    missing: reader.required.filter((pointer) => !slots.some((slot) => memberOf(slot.pointer) === pointer)),
    unread: spoken.filter(
      (span) =>
        !taken.some((other) => (span.start < other.end && other.start < span.end) || wordsOf(other) === wordsOf(span)),
    ),
    negated:
      intent.effect !== 'read' &&
      isNegated(
        text,
        intent,
        taken.filter(
          ({ start, end }) => /["“”«»']/u.test(text.charAt(start - 1)) && /["“”«»']/u.test(text.charAt(end)),
        ),
      ),
  };
};

/** Member by member: the other's value where all of it stands in the words or nothing else was read, else ours. */
const merged = (read: Filling, other: Filling): Filling => {
  const ofMember = ({ slots }: Filling, pointer: string) => slots.filter((slot) => memberOf(slot.pointer) === pointer);
  const input: Record<string, Json> = { ...read.input };
  const slots: Slot[] = [];
  for (const name of new Set([...Object.keys(read.input), ...Object.keys(other.input)])) {
    const pointer = `/${pointerSegment(name)}`;
    const theirs = ofMember(other, pointer);
    const wins =
      Object.hasOwn(other.input, name) &&
      (!Object.hasOwn(read.input, name) ||
        (theirs.length > 0 && theirs.every(({ provenance }) => provenance !== 'model')));
    if (wins) input[name] = other.input[name] as Json;
    slots.push(...(wins ? theirs : ofMember(read, pointer)));
  }
  return { input, slots };
};

/** The pointer of the top-level member that a pointer is in. */
const memberOf = (pointer: string): string => `/${pointer.split('/')[1] ?? ''}`;

const spansOf = (given: Input, text: string, reader: SlotReader, context: ReadingContext): (Span | undefined)[] =>
  Object.entries(given).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item: Json) =>
      reader.locate(text, `/${pointerSegment(name)}`, item, context),
    ),
  );
