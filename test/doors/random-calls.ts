import fc from 'fast-check';
import type { Catalogue } from '../../intents/catalogue.ts';
import { type Input, isObject, type Json, type JsonSchema } from '../../intents/json.ts';

/** A call as any door could be asked for it. */
export interface Call {
  /** Who asks: a key of the shop. */
  readonly key: string;
  /** `orders.get`, or `desk.file@1`. */
  readonly intent: string;
  readonly purpose: string | undefined;
  readonly input: Input;
  /** The answer, where it has to be confirmed. */
  readonly yes: boolean;
}

const keys = ['demo-support', 'demo-shopper-bot', 'demo-auditor'];
const purposes = ['support', 'support/privacy', 'fraud-review', 'shopping', 'audit', 'nothing'];

/** Calls that are right, nearly right and wrong, made of the contracts and of values that their examples name. */
export const randomCalls = (catalogue: Catalogue, more: readonly string[] = []): fc.Arbitrary<Call> => {
  const known = valuesOf(catalogue);
  const names = [...catalogue.intents.map(({ name }) => name), ...more];
  return fc.constantFrom(...names).chain((intent) => {
    const [name = '', major] = intent.split('@');
    const found = catalogue.find(name);
    const earlier = found?.from?.find((one) => String(one.major) === major);
    const schema = earlier?.input ?? found?.input ?? {};
    return fc.record({
      key: fc.oneof({ weight: 4, arbitrary: fc.constant('demo-support') }, fc.constantFrom(...keys)),
      intent: fc.constant(intent),
      purpose: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.constantFrom(...purposes)),
      input: inputs(schema, catalogue, known),
      yes: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
    });
  });
};

/** Values by the name of their member, out of all examples. */
const valuesOf = ({ intents }: Catalogue): ReadonlyMap<string, readonly Json[]> => {
  const found = new Map<string, Set<Json>>();
  for (const { examples } of intents)
    for (const { input } of examples)
      for (const [name, value] of Object.entries(input)) found.set(name, (found.get(name) ?? new Set()).add(value));
  return new Map([...found].map(([name, values]) => [name, [...values]]));
};

const inputs = (
  schema: JsonSchema,
  { library: { resolveRef } }: Catalogue,
  known: ReadonlyMap<string, readonly Json[]>,
): fc.Arbitrary<Input> => {
  const valid = (given: unknown, depth: number): fc.Arbitrary<Json> => {
    if (!isObject(given)) return anything;
    const here = resolveRef(given);
    if (here.const !== undefined) return fc.constant(here.const);
    if (here.enum !== undefined) return fc.constantFrom(...here.enum);
    const several = [...listed(here.oneOf), ...listed(here.anyOf)];
    if (several.length > 0) return fc.oneof(...several.map((one) => valid(one, depth)));
    const [only, ...others] = [here.type ?? (here.properties === undefined ? [] : 'object')].flat();
    if (only === undefined) return anything;
    return others.length === 0
      ? ofType(only, here, depth)
      : fc.oneof(...[only, ...others].map((one) => ofType(one, here, depth)));
  };
  const ofType = (type: string, here: JsonSchema, depth: number): fc.Arbitrary<Json> => {
    switch (type) {
      case 'object':
        return objects(here, depth);
      case 'array': {
        const { maxItems = 3 } = here as { maxItems?: number };
        return fc.array(valid(here.items ?? true, depth + 1), { maxLength: Math.min(3, maxItems) });
      }
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer(bounds(here, 1)).map((one) => one + 0);
      case 'number':
        return fc
          .oneof(
            fc.integer(bounds(here, 1)),
            fc.double({ ...bounds(here, 0.01), noNaN: true, noDefaultInfinity: true }),
          )
          .map((one) => one + 0);
      default:
        return words(here);
    }
  };
  const objects = (here: JsonSchema, depth: number): fc.Arbitrary<Input> => {
    const members = Object.entries(here.properties ?? {}).map(([name, member]) => {
      const made = valid(member, depth + 1);
      const values = depth === 0 ? known.get(name) : undefined;
      const value = values === undefined ? made : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, made);
      const there = here.required?.includes(name) ? fc.constant(true) : fc.boolean();
      return fc.tuple(fc.constant(name), there, value);
    });
    const others = isObject(here.additionalProperties)
      ? fc.array(
          fc.tuple(fc.string({ minLength: 1, maxLength: 5 }), fc.constant(true), valid(here.additionalProperties, 1)),
          { maxLength: 3 },
        )
      : fc.constant([]);
    return fc
      .tuple(fc.tuple(...members), others)
      .map(([own, more]) =>
        Object.fromEntries([...own, ...more].flatMap(([name, there, value]) => (there ? [[name, value]] : []))),
      );
  };
  const right = objects(resolveRef(schema), 0);
  return fc.oneof({ weight: 2, arbitrary: right }, broken(right));
};

/** One thing about an input is another. */
const broken = (right: fc.Arbitrary<Input>): fc.Arbitrary<Input> =>
  fc
    .tuple(right, fc.nat(), fc.constantFrom('drop', 'replace', 'add'), junk, strangeNames)
    .map(([input, at, how, value, name]) => {
      const entries = Object.entries(input);
      if (how === 'add' || entries.length === 0) return Object.fromEntries([...entries, [name, value]]);
      const index = at % entries.length;
      if (how === 'drop') return Object.fromEntries(entries.toSpliced(index, 1));
      return Object.fromEntries(entries.with(index, [entries[index]?.[0] ?? '', value]));
    });

const strangeNames = fc.constantFrom('unknown', 'constructor', 'toString', 'orderid', 'limit', '$ref', 'a/b~c', '');
const junk: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  null,
  true,
  0,
  -1,
  0.5,
  1e21,
  '',
  '..',
  'A-9999',
  '1',
  'x'.repeat(300),
  '\u0000',
  '<b>&"\u2028',
  [],
  ['A-1001'],
  {},
  { order_id: 'A-1001' },
);
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string({ maxLength: 5 }),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.boolean(), { maxKeys: 2, noNullPrototype: true }),
);

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const bounds = (
  { minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema,
  step: number,
): { min: number; max: number } => {
  const min = Number(minimum ?? (exclusiveMinimum === undefined ? -1_000_000 : Number(exclusiveMinimum) + step));
  const max = Number(maximum ?? (exclusiveMaximum === undefined ? 1_000_000 : Number(exclusiveMaximum) - step));
  return { min: Math.ceil(min), max: Math.floor(Math.min(max, 2 ** 31 - 1)) };
};

const words = ({ pattern, format, contentEncoding, minLength = 0, maxLength = 12 }: JsonSchema): fc.Arbitrary<Json> => {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (contentEncoding === 'base64') return fc.base64String({ maxLength: 16 });
  const day = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
  switch (format) {
    case 'date':
      return day.map((one) => one.toISOString().slice(0, 10));
    case 'date-time':
      return day.map((one) => one.toISOString());
    case 'email':
      return fc.constantFrom('ada@example.org', 'jo.meier@example.org', 'x+y@example.co.uk');
    default:
      return fc.string({ unit: 'grapheme', minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 12) });
  }
};
