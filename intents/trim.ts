import { isObject, pointerSegment } from './json.ts';

export interface Trimmed {
  readonly value: unknown;
  /** What was left out, in the order of the pointers: of a list its end, or a member altogether. */
  readonly left: readonly { readonly pointer: string; readonly kept: number; readonly of: number }[];
}

/** The size of a value as JSON in UTF-8, in bytes. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? 'null');

/**
 * What of a value fits into so many bytes of JSON. Long lists are cut first, all at the same length, the longest that
 * fits; where lists of one are too much, whole members go, the largest first. Nothing that stays is changed: no text is
 * cut, so that what is there is true.
 */
export const trimTo = (value: unknown, maxBytes: number): Trimmed => {
  if (jsonBytes(value) <= maxBytes) return { value, left: [] };
  let [low, high] = [0, longest(value)];
  // The longest that fits is found by halving: a shorter list is never larger.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonBytes(cut(value, middle)) <= maxBytes) low = middle;
    else high = middle - 1;
  }
  const short = cut(value, Math.max(1, low));
  const small = jsonBytes(short) <= maxBytes ? short : withoutLargest(short, maxBytes);
  return { value: small, left: leftOut(value, small) };
};

const longest = (value: unknown): number => {
  if (Array.isArray(value)) return Math.max(value.length, ...value.map(longest));
  return isObject(value) ? Math.max(0, ...Object.values(value).map(longest)) : 0;
};

const cut = (value: unknown, most: number): unknown => {
  if (Array.isArray(value)) return value.slice(0, most).map((item) => cut(item, most));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cut(inner, most)]));
};

/** Of an object its members go, of a list its items; one that is all there is, is made smaller inside first. */
const withoutLargest = (value: unknown, maxBytes: number): unknown => {
  if (Array.isArray(value)) {
    const [only, ...others] = value;
    if (only === undefined || others.length > 0) return maxBytes >= 2 ? [] : null;
    const inner = withoutLargest(only, maxBytes - 2);
    return inner === null || (isObject(inner) && Object.keys(inner).length === 0) ? [] : [inner];
  }
  if (!isObject(value)) return jsonBytes(value) <= maxBytes ? value : null;
  const entries = Object.entries(value);
  let total = jsonBytes(value);
  // Of two of a size the later goes first: what a contract names first matters most.
  const order = entries
    .map(([name, inner], index) => ({ name, index, bytes: jsonBytes(inner) }))
    .sort((a, b) => b.bytes - a.bytes || b.index - a.index);
  const gone = new Set<string>();
  for (const { name, bytes } of order) {
    if (total <= maxBytes) break;
    gone.add(name);
    total -= bytes + jsonBytes(name) + 2;
  }
  return Object.fromEntries(entries.filter(([name]) => !gone.has(name)));
};

const leftOut = (before: unknown, after: unknown, at = ''): Trimmed['left'] => {
  if (Array.isArray(before) && Array.isArray(after))
    return [
      ...(after.length < before.length ? [{ pointer: at, kept: after.length, of: before.length }] : []),
      ...after.flatMap((item, index) => leftOut(before[index], item, `${at}/${index}`)),
    ];
  if (isObject(before) && isObject(after))
    return Object.entries(before).flatMap(([name, inner]) => {
      const pointer = `${at}/${pointerSegment(name)}`;
      return Object.hasOwn(after, name) ? leftOut(inner, after[name], pointer) : [{ pointer, kept: 0, of: 1 }];
    });
  return before === after || (before === null && after === null) ? [] : [{ pointer: at, kept: 0, of: 1 }];
};
