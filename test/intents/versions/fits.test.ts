import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeObjects } from '../../../intents/check-schema.ts';
import type { Intent } from '../../../intents/contract.ts';
import type { Input, Json, JsonSchema } from '../../../intents/json.ts';
import { schemaLibrary } from '../../../intents/schema-library.ts';
import { compileInput } from '../../../intents/validate.ts';
import { compareSchemas } from '../../../intents/versions/compare-schema.ts';
import { contract, load } from './contracts.ts';

const scalar: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  null,
  true,
  0,
  1,
  2,
  3,
  5,
  1.5,
  '',
  'a',
  'ab',
  'abc',
  '2026-01-01',
);
const names = ['a', 'b', 'c'];
const keywords = (inner: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> =>
  fc
    .record(
      {
        type: fc.constantFrom(
          'string',
          'integer',
          'number',
          'object',
          'array',
          'boolean',
          ['string', 'null'],
          ['integer', 'object'],
        ),
        enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) }),
        minLength: fc.nat(3),
        maxLength: fc.nat(3),
        pattern: fc.constantFrom('^a', 'b$'),
        format: fc.constant('date'),
        minimum: fc.nat(3),
        exclusiveMaximum: fc.nat(4),
        multipleOf: fc.constantFrom(1, 2, 4, 0.5),
        minItems: fc.nat(2),
        maxItems: fc.nat(2),
        uniqueItems: fc.boolean(),
        items: inner,
        prefixItems: fc.array(inner, { minLength: 1, maxLength: 2 }),
        properties: fc.dictionary(fc.constantFrom(...names), inner, { maxKeys: 3, noNullPrototype: true }),
        required: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), inner),
        patternProperties: fc.dictionary(fc.constantFrom('^a', '^[bc]'), inner, { maxKeys: 1, noNullPrototype: true }),
        minProperties: fc.nat(2),
        maxProperties: fc.nat(3),
        default: scalar,
        anyOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
        allOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
        not: inner,
        propertyNames: fc.constant({ pattern: '^[ab]' }),
      },
      { requiredKeys: [] },
    )
    .chain((whole) =>
      // Few at a time: schemas with all of them let nothing in.
      fc
        .subarray(Object.keys(whole), { maxLength: 3 })
        .map((kept) => Object.fromEntries(Object.entries(whole).filter(([name]) => kept.includes(name)))),
    );
const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonSchema[]>({}, { type: 'string' }, { type: 'integer' }, { enum: ['a', 1] }),
    keywords(tie('schema')),
  ),
}));
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, 'd'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const input = fc.dictionary(fc.constantFrom('order_id', ...names), value, { maxKeys: 4, noNullPrototype: true });

const root = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  more: JsonSchema,
): JsonSchema => ({ ...more, type: 'object', properties, required });
const roots = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...names), schema, { maxKeys: 3, noNullPrototype: true }),
    fc.constantFrom<JsonSchema[]>({}, {}, { additionalProperties: true }, { maxProperties: 2 }, { minProperties: 1 }),
  )
  .chain(([properties, more]) =>
    fc.subarray(Object.keys(properties)).map((required) => root(properties, required, more)),
  );
/** The same contract with one thing otherwise, so that many of the pairs are compatible. */
const changed = (before: JsonSchema): fc.Arbitrary<JsonSchema> => {
  const properties = before.properties ?? {};
  const required = before.required ?? [];
  const [first] = Object.keys(properties);
  const other = fc
    .tuple(fc.constantFrom(...names), schema)
    .map(([name, inner]) => root({ ...properties, [name]: inner }, required, {}));
  if (first === undefined) return fc.oneof(roots, other);
  const here = properties[first] as JsonSchema;
  return fc.oneof(
    roots,
    other,
    fc.constant(root(properties, required.slice(1), {})),
    fc.constant(root(properties, Object.keys(properties), {})),
    schema.map((one) => root({ ...properties, [first]: { ...here, ...one } }, required, {})),
    schema.map((one) => root({ ...properties, [first]: { anyOf: [here, one] } }, required, {})),
    fc.constantFrom(...Object.keys(here), '').map((gone) => {
      const { [gone]: _gone, ...less } = here;
      return root({ ...properties, [first]: less }, required, {});
    }),
  );
};
const pairs = roots.chain((before) => fc.tuple(fc.constant(before), changed(before)));

const inputs = fc.array(input, { minLength: 8, maxLength: 8 });
const numRuns = Number(process.env.RUNS ?? 500);

const isMajor = (before: JsonSchema, after: JsonSchema, part: 'input' | 'output'): boolean =>
  compareSchemas({ schema: before, library }, { schema: after, library }, part).some(({ level }) => level === 'major');

const [plain] = load(contract()).intents as readonly [Intent];
const library = schemaLibrary(new Map());

/** Whether both are schemas at all: the validator refuses some random ones. */
const areSchemas = (pair: readonly JsonSchema[]): boolean => {
  try {
    for (const one of pair) library.validator(one);
    return pair.every((one) => library.malformed(one).length === 0);
  } catch {
    return false;
  }
};

/** The validator throws on a few schemas where what is evaluated hangs on an alternative; it says nothing of them. */
const known = <T>(check: () => T): T | undefined => {
  try {
    return check();
  } catch {
    return undefined;
  }
};

test('what is no major change takes every input that was taken before', () => {
  let held = 0;
  fc.assert(
    fc.property(pairs, inputs, (pair, given) => {
      if (!areSchemas(pair)) return;
      const [before, after] = pair.map((one) => ({ ...plain, input: closeObjects(one) })) as [Intent, Intent];
      if (isMajor(before.input, after.input, 'input')) return;
      const [old, now] = [compileInput(before, library), compileInput(after, library)];
      for (const one of given as Input[]) {
        const was = known(() => old(one));
        if (was === undefined) continue;
        if (was.missing.length + was.wrong.length > 0) continue;
        held++;
        const is = known(() => now(one));
        if (is === undefined) continue;
        expect([one, ...is.missing, ...is.wrong]).toEqual([one]);
      }
    }),
    { numRuns },
  );
  // Otherwise it would hold of nothing.
  expect(held).toBeGreaterThan(numRuns / 5);
});

test('what is no major change answers nothing that was no answer before', () => {
  let held = 0;
  fc.assert(
    fc.property(pairs, inputs, ([was, is], given) => {
      if (!areSchemas([was, is]) || isMajor(was, is, 'output')) return;
      for (const one of given)
        if (known(() => library.validator(is)(one))) {
          held++;
          expect([one, known(() => library.validator(was)(one)) ?? true]).toEqual([one, true]);
        }
    }),
    { numRuns },
  );
  expect(held).toBeGreaterThan(numRuns / 5);
});
