import jsonata from 'jsonata';
import { isObject, type Json } from '../json.ts';
import { compilePattern } from '../pattern.ts';
import { type AstNode, nodesOf, type Read, readsOf } from './expression-reads.ts';

export interface Expression {
  readonly text: string;
  /** What it surely reads of the value it is given; it may read more. */
  readonly reads: readonly Read[];
  /** Names of the object that it makes, where it makes one outright; else undefined. */
  readonly makes: readonly { readonly name: string; readonly offset: number }[] | undefined;
  /**
   * @returns undefined where it gives nothing
   * @throws ExpressionError (rejects) without any of the value in its words
   */
  evaluate(value: unknown): Promise<Json | undefined>;
}

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** From the beginning of the expression, in characters. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const maxLength = 4_000;
/** While it runs nothing else does: far more than a mapping needs, and hardly felt. */
const limits = { timeout: 250, stack: 400, sequence: 100_000 };
const most = { depth: 64, values: 200_000, characters: 4_000_000 };

/** What would make two calls with one input differ, or run what stands in the input. */
const refused: Readonly<Record<string, string>> = {
  eval: 'runs what stands in its input',
  now: 'is another each time',
  millis: 'is another each time',
  random: 'is another each time',
  shuffle: 'is another each time',
};

/**
 * Compiles a JSONata expression (https://docs.jsonata.org, 2.2) for a mapping. It reads one JSON value and makes another;
 * it has no other effect, and ends within limits of time, depth and size.
 * @throws ExpressionError where it is none, calls what is not taken here, or has a pattern that could be slow
 */
export const compileExpression = (text: string): Expression => {
  if (text.length > maxLength) throw new ExpressionError(`An expression has at most ${maxLength} characters.`, 0);
  let compiled: jsonata.Expression;
  try {
    compiled = jsonata(text, limits);
  } catch (error) {
    const { message, position = 1, token } = error as Partial<jsonata.JsonataError>;
    const said = (message ?? 'it cannot be read').replace(/[.\s]+$/, '');
    const length = typeof token === 'string' ? token.length : 1;
    throw new ExpressionError(`This is not JSONata: ${said}.`, Math.max(0, position - length));
  }
  const ast = compiled.ast() as unknown as AstNode;
  for (const node of nodesOf(ast)) checkNode(node);
  // Its length comes from the input, and one character makes a text of any size.
  compiled.registerFunction('pad', pad, '<s-ns?:s>');
  return {
    text,
    reads: readsOf(ast),
    makes: madeBy(ast),
    async evaluate(value) {
      let result: unknown;
      try {
        // A copy: `items[]` marks the list that it is given.
        result = await compiled.evaluate(structuredClone(value));
      } catch (error) {
        // The messages of JSONata quote what they stumble over.
        const { code = 'no code', position } = error as { code?: string; position?: number };
        const where = position === undefined ? '' : ` at character ${position}`;
        const why = reasons[code] ?? `failed (${code})`;
        throw new ExpressionError(`The expression ${why}${where}: ${text.slice(0, 200)}`, position ?? 0);
      }
      return toJson(result, text);
    },
  };
};

const reasons: Readonly<Record<string, string>> = {
  D1011: 'went deeper than it may',
  D1012: `took longer than ${limits.timeout} ms`,
  D2014: `made a list of more than ${limits.sequence} items`,
  D2015: `made a list of more than ${limits.sequence} items`,
};

const checkNode = ({ type, value, position = 1 }: AstNode): void => {
  if (type === 'variable' && typeof value === 'string' && Object.hasOwn(refused, value))
    throw new ExpressionError(
      `$${value} is not taken here: it ${refused[value]}.`,
      Math.max(0, position - value.length - 1),
    );
  if (type !== 'regex') return;
  const { source, flags } = value as RegExp;
  const wrong = (why: string) =>
    new ExpressionError(`The pattern /${source.slice(0, 60)}/ ${why}.`, Math.max(0, position - source.length - 2));
  let pattern: unknown;
  try {
    pattern = compilePattern(source, flags.replace('g', ''));
  } catch (error) {
    throw wrong(`cannot be taken: ${(error as Error).message}`);
  }
  if (!(pattern instanceof RegExp)) throw wrong('could be made slow: repeat less in it');
};

const madeBy = ({ type, value, lhs }: AstNode): Expression['makes'] => {
  if (type !== 'unary' || value !== '{' || !Array.isArray(lhs)) return undefined;
  const names = (lhs as unknown as readonly (readonly AstNode[])[]).flatMap(([key]) =>
    key?.type === 'string'
      ? [{ name: String(key.value), offset: Math.max(0, (key.position ?? 1) - String(key.value).length - 2) }]
      : [],
  );
  return names.length === lhs.length ? names : undefined;
};

const pad = (text: string | undefined, width: number, filling?: string): string | undefined => {
  if (text === undefined) return undefined;
  if (Math.abs(width) > 10_000) throw { code: 'D2015' };
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  const units = [...(filling === undefined || filling === '' ? ' ' : filling)];
  const padding = Array.from({ length: missing }, (_, index) => units[index % units.length]).join('');
  return width > 0 ? text + padding : padding + text;
};

/** A plain copy: lists of JSONata carry marks of their own. */
const toJson = (result: unknown, text: string): Json | undefined => {
  let [values, characters] = [0, 0];
  const fail = (why: string): never => {
    throw new ExpressionError(`The expression ${why}: ${text.slice(0, 200)}`, 0);
  };
  const copy = (value: unknown, depth: number): Json | undefined => {
    if (value === undefined) return undefined;
    values++;
    if (typeof value === 'string') characters += value.length;
    if (depth > most.depth || values > most.values || characters > most.characters) fail('makes too much');
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : fail('makes what is no number');
    if (Array.isArray(value))
      return Array.from(value).flatMap((item) => {
        const inner = copy(item, depth + 1);
        return inner === undefined ? [] : [inner];
      });
    if (
      !isObject(value) ||
      value._jsonata_lambda === true ||
      value._jsonata_function === true ||
      value instanceof RegExp
    )
      return fail('makes a function');
    const members: Record<string, Json> = {};
    for (const [name, item] of Object.entries(value)) {
      if (name === '__proto__') fail('makes a member "__proto__"');
      const inner = copy(item, depth + 1);
      if (inner !== undefined) members[name] = inner;
    }
    return members;
  };
  return copy(result, 0);
};
