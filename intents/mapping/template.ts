import type { Template } from '../contract.ts';
import { isObject, type Json, valueAt } from '../json.ts';
import { compileExpression, type Expression } from './expression.ts';

/** A place in a template where something is put in. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  /** `$.a.b`, or the text of an expression. */
  readonly text: string;
  readonly kind: 'reference' | 'expression';
}

/** `{ jsonata: … }` with nothing beside it. */
export const expressionIn = (template: unknown): string | undefined =>
  isObject(template) && typeof template.jsonata === 'string' && Object.keys(template).length === 1
    ? template.jsonata
    : undefined;

const isReference = (template: unknown): template is string =>
  typeof template === 'string' && (template === '$' || template.startsWith('$.'));

/** Every reference and expression of a template. @param path of the template itself */
export const leavesOf = function* (template: unknown, path: readonly (string | number)[] = []): Generator<Leaf> {
  const expression = expressionIn(template);
  if (expression !== undefined) yield { path: [...path, 'jsonata'], text: expression, kind: 'expression' };
  else if (isReference(template)) yield { path, text: template, kind: 'reference' };
  else if (Array.isArray(template))
    for (const [index, item] of template.entries()) yield* leavesOf(item, [...path, index]);
  else if (isObject(template))
    for (const [name, item] of Object.entries(template)) yield* leavesOf(item, [...path, name]);
};

/** Puts something else in the place of each expression, and leaves the rest as it is. */
export const replaceExpressions = (template: Template, by: (text: string) => Template): Template => {
  const expression = expressionIn(template);
  if (expression !== undefined) return by(expression);
  if (Array.isArray(template)) return (template as readonly Template[]).map((item) => replaceExpressions(item, by));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, item]) => [name, replaceExpressions(item as Template, by)]),
  );
};

/**
 * Compiles a template with expressions in it. What refers to something absent, and what an expression gives nothing for,
 * is left out.
 * @throws ExpressionError where one is none
 */
export const compileMapping = (template: Template): ((value: unknown) => Promise<Json | undefined>) => {
  const expressions = new Map<string, Expression>();
  for (const { kind, text } of leavesOf(template))
    if (kind === 'expression') expressions.set(text, compileExpression(text));
  return async (value) => {
    const results = new Map<string, Json | undefined>();
    for (const [text, { evaluate }] of expressions) results.set(text, await evaluate(value));
    const fill = (part: Template): Json | undefined => {
      const expression = expressionIn(part);
      if (expression !== undefined) return results.get(expression);
      if (isReference(part)) return valueAt(value, part.split('.').slice(1)) as Json | undefined;
      if (Array.isArray(part)) return (part as readonly Template[]).flatMap((item) => present(fill(item)));
      if (!isObject(part)) return part;
      return Object.fromEntries(
        Object.entries(part).flatMap(([name, item]) => present(fill(item as Template)).map((found) => [name, found])),
      );
    };
    return fill(template);
  };
};

const present = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : [value]);
