import { RE2JS } from 're2js';
import isSafeRegex from 'safe-regex2';

/** To compile a pattern takes time and memory as well. */
const maxLength = 1_000;
/** So many steps, with repetitions written out, compile in some ten milliseconds. */
const maxSteps = 1_000;

/**
 * A pattern that no text can make slow, because RE2 never goes back. What would take long to compile is refused unread.
 * @throws Error saying what is wrong with the pattern, or how large it may be
 */
export const compileSafePattern = (pattern: string): ((text: string) => boolean) => {
  if (pattern.length > maxLength) throw new Error(`a pattern has at most ${maxLength} characters`);
  const steps = stepsOf(pattern);
  if (steps > maxSteps)
    throw new Error(
      `the pattern comes to ${steps} steps with its repetitions written out, and at most ${maxSteps} are taken: repeat less`,
    );
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).find();
};

/**
 * A pattern of a JSON Schema: native where it cannot go back badly, RE2 where it might. What only the native engine knows
 * (a look ahead) is native where nothing that repeats has alternatives.
 * @throws Error where neither takes it
 */
export const compilePattern = (pattern: string, flags: string): { test(text: string): boolean } => {
  if (isLinear(pattern)) return new RegExp(pattern, flags);
  try {
    return { test: compileSafePattern(pattern) };
  } catch (error) {
    if (repeatsAlternatives(pattern) || !isSafeRegex(pattern)) throw error;
    return new RegExp(pattern, flags);
  }
};

/** Whether a text can be gone through a few times at the most: nothing repeats within what repeats, and little repeats at all. */
const isLinear = (pattern: string): boolean => {
  if (repeatsAlternatives(pattern) || !isSafeRegex(pattern)) return false;
  const repeats = pattern.replaceAll(/\\./g, 'x').match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  return repeats <= (pattern.startsWith('^') ? 2 : 1);
};

/** `(a|a)*` tries every way to share a text out between its alternatives. Says yes too often rather than too seldom. */
const repeatsAlternatives = (pattern: string): boolean => /\|.*\)[*+{]/s.test(pattern);

/**
 * How long a pattern is with its counted repetitions written out: `(ab{10}){20}` is 220. At least as large as what
 * becomes of it; what is no pattern at all gets some number.
 */
const stepsOf = (pattern: string): number => {
  const groups: number[] = [0];
  const add = (steps: number) => groups.push((groups.pop() ?? 0) + steps);
  let last = 0;
  for (const [piece] of pattern.matchAll(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|./gsu))
    if (piece === '(') {
      groups.push(0);
      last = 0;
    } else if (piece === ')') {
      last = groups.length > 1 ? (groups.pop() ?? 0) : 0;
      add(last);
    } else if (/^\{\d/.test(piece)) {
      const [least = 0, most = 0] = piece.slice(1, -1).split(',').map(Number);
      const more = last * (Math.max(least, most, 1) - 1);
      last += more;
      add(more);
    } else {
      last = 1;
      add(1);
    }
  return groups.reduce((sum, steps) => sum + steps, 0);
};
