import type { Intent } from './contract.ts';
import { isObject, type JsonSchema, pointerPath } from './json.ts';
import type { FieldError } from './problems.ts';
import type { SchemaLibrary } from './schema-library.ts';

export interface Shaped {
  readonly value: unknown;
  /** Where the backend broke the contract; at most 20. */
  readonly broken: readonly FieldError[];
}

/** Whether an intent's list is to be had item by item: a read whose output says `x-stream`. */
export const streamsOutput = ({ effect, output }: Intent): boolean =>
  effect === 'read' && output?.['x-stream'] === true && output.type === 'array' && isObject(output.items);

/**
 * Compiles what is let out of a backend's answer: only members that the output schema lists (an object that lists
 * none, or says `additionalProperties`, is open), and, in mode `drop`, only values that fit it. Built at the first answer.
 */
export const compileOutput = (intent: Intent, library: SchemaLibrary): ((value: unknown) => Shaped) => {
  const { output } = intent;
  if (output === undefined) return (value) => ({ value, broken: [] });
  let pick: Pick | undefined;
  return (answer) => {
    pick ??= compilePick(output, library.resolveRef, new Map());
    const value = pick(answer);
    const validate = library.validator(output);
    if (validate(value)) return { value, broken: [] };
    const errors = validate.errors ?? [];
    const broken = errors
      .slice(0, 20)
      .map((error) => ({ pointer: error.instancePath, detail: error.message ?? 'is not valid' }));
    return {
      value:
        intent.outputMode === 'drop'
          ? without(
              value,
              errors.map((error) => error.instancePath),
            )
          : value,
      broken,
    };
  };
};

type Pick = (value: unknown) => unknown;
const same: Pick = (value) => value;

const compilePick = (
  schema: JsonSchema,
  resolveRef: (schema: JsonSchema) => JsonSchema,
  known: Map<JsonSchema, { pick: Pick }>,
): Pick => {
  const here = resolveRef(schema);
  const before = known.get(here);
  // A recursive schema meets itself while it is still being compiled: look its function up when it runs.
  if (before !== undefined) return (value) => before.pick(value);
  const cell = { pick: same };
  known.set(here, cell);
  if (isObject(here.items)) {
    const item = compilePick(here.items, resolveRef, known);
    if (item !== same) cell.pick = (value) => (Array.isArray(value) ? value.map(item) : value);
  }
  const open = ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf'].some(
    (keyword) => here[keyword] !== undefined,
  );
  if (here.properties !== undefined && !open) {
    const members = Object.entries(here.properties).map(
      ([name, property]) => [name, compilePick(property, resolveRef, known)] as const,
    );
    cell.pick = (value) => {
      if (!isObject(value)) return value;
      const picked: Record<string, unknown> = {};
      for (const [name, pick] of members) if (Object.hasOwn(value, name)) picked[name] = pick(value[name]);
      return picked;
    };
  }
  return cell.pick;
};

const without = (value: unknown, pointers: readonly string[]): unknown => {
  if (pointers.includes('')) return null;
  const copy = structuredClone(value);
  for (const pointer of pointers) {
    const path = pointerPath(pointer);
    const last = path.pop() ?? '';
    let parent: unknown = copy;
    for (const name of path)
      parent = isObject(parent) || Array.isArray(parent) ? (parent as Record<string, unknown>)[name] : undefined;
    if (Array.isArray(parent)) parent[Number(last)] = null;
    else if (isObject(parent)) delete parent[last];
  }
  return copy;
};
