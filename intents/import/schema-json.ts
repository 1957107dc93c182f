import { isBalanced } from './plain-text.ts';

/**
 * Writes a value as JSON on one line, which is YAML too and far quicker to write than YAML in blocks. Brackets of a string that
 * do not pair up are escaped: the loader counts brackets to refuse what is nested too deeply.
 */
export const schemaJson = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/"(?:[^"\\]|\\.)*"/g, (text) => (isBalanced(text) ? text : text.replace(/[[\]{}]/g, escaped)))
    // YAML reads these as ends of lines, or not at all.
    .replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
