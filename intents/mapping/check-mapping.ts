import { schemaAt } from '../check-schema.ts';
import type { Template } from '../contract.ts';
import { didYouMean } from '../did-you-mean.ts';
import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { compileExpression, type Expression, ExpressionError } from './expression.ts';
import { lostOn } from './paths.ts';
import { expressionIn, type Leaf, leavesOf } from './template.ts';

export interface MappingFault {
  /** Below the template. */
  readonly path: readonly (string | number)[];
  /** From the beginning of the text that stands there. */
  readonly offset?: number;
  readonly message: string;
}

type Library = Pick<SchemaLibrary, 'resolveRef' | 'validator'>;

/** Finds references and expressions that read what the schema of the input does not know, and expressions that are none. */
export const checkReads = (
  template: unknown,
  path: readonly (string | number)[],
  input: JsonSchema,
  { resolveRef }: Library,
): MappingFault[] => [...leavesOf(template, path)].flatMap((leaf) => faultsOfLeaf(leaf, input, resolveRef));

const faultsOfLeaf = (leaf: Leaf, input: JsonSchema, resolveRef: Library['resolveRef']): MappingFault[] => {
  const { path, text, kind } = leaf;
  if (kind === 'reference') {
    const lost = lostOn(input, text.split('.').slice(1), resolveRef, false);
    if (lost === undefined) return [];
    return [{ path, message: `${text} refers to nothing in the input.${meant(lost.name, lost.known)}` }];
  }
  const expression = compiled(text);
  if (expression instanceof ExpressionError) return [{ path, offset: expression.offset, message: expression.message }];
  const faults: MappingFault[] = [];
  for (const { path: read, offset } of expression.reads) {
    const lost = lostOn(input, read, resolveRef, true);
    // What lies below it is lost with it.
    if (lost === undefined || lost.path.length < read.length - 1) continue;
    faults.push({ path, offset, message: `"${read.join('.')}" is not in the input.${meant(lost.name, lost.known)}` });
  }
  return faults;
};

/**
 * Holds what a mapping makes of an answer against the schema of the output: names that it does not list would be dropped,
 * constants that do not fit and required members that nothing fills would break it in every call.
 */
export const checkMakes = (
  template: Template,
  path: readonly (string | number)[],
  output: JsonSchema | undefined,
  library: Library,
): MappingFault[] => {
  const text = expressionIn(template);
  if (text !== undefined) {
    const expression = compiled(text);
    const at = [...path, 'jsonata'];
    if (expression instanceof ExpressionError)
      return [{ path: at, offset: expression.offset, message: expression.message }];
    return (expression.makes ?? []).flatMap(({ name, offset }) =>
      unknownMember(name, output, library, { path: at, offset }),
    );
  }
  if (typeof template === 'string' && template.startsWith('$')) return [];
  if (Array.isArray(template)) {
    const items = output && library.resolveRef(output).items;
    return (template as readonly Template[]).flatMap((item, index) =>
      checkMakes(item, [...path, index], isObject(items) ? items : undefined, library),
    );
  }
  if (!isObject(template)) {
    if (output === undefined || library.validator(output)(template)) return [];
    return [
      { path, message: `${JSON.stringify(template)} does not fit the output: ${whyNot(output, template, library)}.` },
    ];
  }
  const missing = (output?.required ?? []).filter((name) => !Object.hasOwn(template, name));
  return [
    ...missing.map((name) => ({ path, message: `"${name}" is required in the output, and nothing fills it.` })),
    ...Object.entries(template).flatMap(([name, item]) => {
      const here = [...path, name];
      const strange = unknownMember(name, output, library, { path: here });
      if (strange.length > 0) return strange;
      return checkMakes(item as Template, here, output && schemaAt(output, [name], library.resolveRef), library);
    }),
  ];
};

const unknownMember = (
  name: string,
  output: JsonSchema | undefined,
  { resolveRef }: Library,
  place: Pick<MappingFault, 'path' | 'offset'>,
): MappingFault[] => {
  const lost = output && lostOn(output, [name], resolveRef, true);
  if (lost === undefined) return [];
  return [{ ...place, message: `"${name}" is not a property of the output.${meant(name, lost.known)}` }];
};

const meant = (name: string, known: readonly string[]): string => didYouMean(name, known);

const compiled = (text: string): Expression | ExpressionError => {
  try {
    return compileExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
};

const whyNot = (schema: JsonSchema, value: unknown, { validator }: Library): string => {
  const validate = validator(schema);
  validate(value);
  return validate.errors?.[0]?.message ?? 'it is not valid';
};
