import { didYouMean } from '../../did-you-mean.ts';
import { isObject } from '../../json.ts';
import type { SlotSpan } from '../tagger/types.ts';

/** One line of a file of labelled texts. */
export interface LabelledLine {
  readonly text: string;
  /** null: out of scope. */
  readonly intent: string | null;
  /** Left out, the line says nothing of slots. */
  readonly slots?: readonly SlotSpan[];
  /** From 1. */
  readonly line: number;
}
export interface LineFault {
  readonly line: number;
  readonly message: string;
}

const known = ['text', 'intent', 'slots'];
const maxTextChars = 20_000;

/**
 * Reads a file of `{"text", "intent"}` lines (JSON Lines). Empty lines, a byte order mark and Windows line ends are
 * passed over; members that are not known are not looked at.
 * @returns what is right, and everything that is wrong with its line
 */
export const readLabelledLines = (file: string): { lines: LabelledLine[]; faults: LineFault[] } => {
  const lines: LabelledLine[] = [];
  const faults: LineFault[] = [];
  let number = 0;
  for (let from = file.charCodeAt(0) === 0xfeff ? 1 : 0; from <= file.length; ) {
    const end = file.indexOf('\n', from);
    const written = file.slice(from, end < 0 ? file.length : end).trim();
    from = end < 0 ? file.length + 1 : end + 1;
    number++;
    if (written === '') continue;
    const read = readLine(written, number);
    if ('message' in read) faults.push(read);
    else lines.push(read);
  }
  return { lines, faults };
};

const readLine = (written: string, line: number): LabelledLine | LineFault => {
  const wrong = (message: string): LineFault => ({ line, message });
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    const hint =
      written === '[' || written.startsWith('[{') ? ' This looks like one JSON array: write one object a line.' : '';
    return wrong(`is not JSON: ${(error as Error).message}.${hint}`);
  }
  if (!isObject(value)) return wrong('is not an object: write {"text": "…", "intent": "…"}.');
  const member = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
  const { text, intent, slots } = { text: member('text'), intent: member('intent'), slots: member('slots') };
  for (const [name, found] of [
    ['text', text],
    ['intent', intent],
  ] as const)
    if (found === undefined)
      return wrong(
        `"${name}" is missing${name === 'intent' ? ' (null means out of scope)' : ''}.${hintOf(name, value)}`,
      );
  if (typeof text !== 'string') return wrong(`"text" is ${kindOf(text)}, not a string.`);
  if (text.trim() === '') return wrong('"text" is empty.');
  if (text.length > maxTextChars) return wrong(`"text" has ${text.length} characters; ${maxTextChars} are the most.`);
  if (intent !== null && (typeof intent !== 'string' || intent.trim() === ''))
    return wrong(
      `"intent" is ${intent === '' ? 'empty' : kindOf(intent)}: write the name of an intent, or null for out of scope.`,
    );
  if (slots === undefined || slots === null) return { text, intent, line };
  const read = readSlots(slots, text);
  return typeof read === 'string' ? wrong(read) : { text, intent, slots: read, line };
};

const readSlots = (slots: unknown, text: string): SlotSpan[] | string => {
  if (!Array.isArray(slots)) return `"slots" is ${kindOf(slots)}, not a list of {"slot", "start", "end"}.`;
  const read: SlotSpan[] = [];
  for (const [index, entry] of slots.entries()) {
    const { slot, start, end }: Record<string, unknown> = isObject(entry) ? entry : {};
    if (typeof slot !== 'string' || slot === '') return `"slots"[${index}] has no "slot", the name of one.`;
    if (!Number.isInteger(start) || !Number.isInteger(end))
      return `"slots"[${index}] has no whole "start" and "end": places in the text, counted from 0.`;
    const span = { slot, start: start as number, end: end as number };
    if (span.start < 0 || span.end <= span.start || span.end > text.length)
      return `"slots"[${index}] stands from ${span.start} to ${span.end}, but the text has ${text.length} characters.`;
    read.push(span);
  }
  return read;
};

const aliases: Readonly<Record<string, readonly string[]>> = {
  text: ['utterance', 'sentence', 'query', 'say', 'input'],
  intent: ['label', 'class', 'category', 'target'],
};

const hintOf = (name: string, value: Readonly<Record<string, unknown>>): string => {
  const others = Object.keys(value).filter((key) => !known.includes(key));
  const alias = others.find((key) => aliases[name]?.includes(key));
  if (alias !== undefined) return ` Rename "${alias}" to "${name}".`;
  return didYouMean(name, others);
};

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
