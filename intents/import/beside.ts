import { isObject, type JsonSchema } from '../json.ts';
import type { DraftIntent, Imported } from './draft.ts';
import { unique } from './naming.ts';

export interface Beside {
  /** Names of the intents of the set-up that are not of this source. */
  readonly taken: Iterable<string>;
  /** Names that operations of this source were given before. */
  readonly known: (operation: string) => string | undefined;
}

/**
 * Makes an import fit beside what a set-up has already: its shared schemas get the name of the backend in front, and an
 * intent whose name is taken gets a number.
 */
export const beside = (imported: Imported, { taken, known }: Beside): Imported => {
  const { backend, intents, schemas } = imported;
  const names = new Set(taken);
  for (const { operation } of intents) names.add(known(operation) ?? '');
  const renamed = new Map(intents.map(({ operation, name }) => [name, known(operation) ?? unique(name, names)]));
  const draft = (one: DraftIntent): DraftIntent => ({
    ...one,
    name: renamed.get(one.name) ?? one.name,
    ...(one.undo === undefined ? {} : { undo: renamed.get(one.undo) ?? one.undo }),
    input: prefixed(one.input, backend) as JsonSchema,
    output: prefixed(one.output, backend) as JsonSchema | undefined,
  });
  return {
    ...imported,
    intents: intents.map(draft),
    schemas: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [`${backend}.${name}`, prefixed(schema, backend) as JsonSchema]),
    ),
    lossy: imported.lossy.map((one) => ({
      ...one,
      operation: one.operation.replace(/^schema:/, `schema:${backend}.`),
    })),
  };
};

/** With every reference to a shared schema renamed; examples and constants hold none that is told apart from one. */
const prefixed = (value: unknown, backend: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => prefixed(item, backend));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === '$ref' && typeof inner === 'string'
        ? inner.replace(/^schema:/, `schema:${backend}.`)
        : prefixed(inner, backend),
    ]),
  );
};
