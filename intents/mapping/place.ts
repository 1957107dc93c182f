import { valueAt } from '../json.ts';
import type { Source } from '../source.ts';

/**
 * Finds line and column (from 1) of a character in a text of a YAML file, as well as that can be told: where the text is
 * folded, or has escapes before it, of the beginning of the text.
 * @param offset left out, of the beginning
 */
export const placeIn = (
  source: Source,
  path: readonly PropertyKey[],
  offset?: number,
): { line: number; column: number } => {
  const start = source.at(path);
  const value = valueAt(source.value, path.map(String));
  if (offset === undefined || typeof value !== 'string') return start;
  const lines = source.text.split('\n');
  const first = (lines[start.line - 1] ?? '').slice(start.column - 1);
  const before = value.slice(0, offset);
  if (/^\|[-+\d]*\s*(#.*)?$/.test(first)) {
    const breaks = before.split('\n');
    const indent = /^ */.exec(lines[start.line] ?? '')?.[0].length ?? 0;
    return { line: start.line + breaks.length, column: indent + (breaks.at(-1) ?? '').length + 1 };
  }
  const opened = first.replace(/^["']/, '');
  return opened.startsWith(before)
    ? { line: start.line, column: start.column + first.length - opened.length + offset }
    : start;
};
