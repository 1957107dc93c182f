import type { Template } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';

/** @returns undefined where everything that was asked for is absent */
export type Fill = (input: Input) => Json | undefined;

/**
 * Turns a template into a function of the input. Strings that begin with `$.` are references, read through own members
 * only; all else is constant. A member or list item that refers to something absent is left out.
 * @throws Error on a reference that can never be read
 */
export const compileTemplate = (template: Template): Fill => {
  if (typeof template === 'string' && template.startsWith('$.')) return compileReference(template);
  if (referencesOf(template).length === 0) return () => template;
  if (Array.isArray(template)) {
    const items = (template as readonly Template[]).map(compileTemplate);
    return (input) => items.map((fill) => fill(input)).filter((item) => item !== undefined);
  }
  return compileMembers(template as Readonly<Record<string, Template>>);
};

/** The same for the members of an object, so that the answer is surely an object. */
export const compileMembers = (
  templates: Readonly<Record<string, Template>>,
): ((input: Input) => Record<string, Json>) => {
  if (Object.hasOwn(templates, '__proto__')) throw new Error('A template cannot have a member named __proto__.');
  const members = Object.entries(templates).map(([name, template]) => [name, compileTemplate(template)] as const);
  return (input) => {
    const filled: Record<string, Json> = {};
    for (const [name, fill] of members) {
      const value = fill(input);
      if (value !== undefined) filled[name] = value;
    }
    return filled;
  };
};

/** Every reference in a template, `$.a.b`. */
export const referencesOf = (template: Template | undefined): readonly string[] => {
  if (typeof template === 'string') return template.startsWith('$.') ? [template] : [];
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(referencesOf);
};

/** Names of the input's own members that a template reads: `a` for `$.a.b`. */
export const slotsOf = (template: Template | undefined): readonly string[] =>
  referencesOf(template).map((reference) => reference.split('.')[1] ?? '');

/**
 * Turns the `result` of a binding into a function of the backend's answer.
 * @param result `$.a.b`; `$` or left out, the whole answer
 * @returns null where the answer has nothing there, since a backend may leave out what is null
 */
export const compileResult = (result: string | undefined): ((answer: unknown) => unknown) => {
  if (result === undefined || result === '$') return (answer) => answer;
  const read = compileReference(result);
  return (answer) => read(answer as Input) ?? null;
};

const compileReference = (reference: string): Fill => {
  const path = reference.split('.').slice(1);
  if (!reference.startsWith('$.') || path.includes('') || path.includes('*'))
    throw new Error(`"${reference}" is not a reference: it is written like $.order.id or $.lines.0.id.`);
  return (input) => {
    let here: unknown = input;
    for (const name of path) {
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
      here = (here as Record<string, unknown>)[name];
    }
    return here as Json | undefined;
  };
};
