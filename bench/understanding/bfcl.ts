// Question: how many calls does the slot reader alone get right, from a function's schema and description, with no key and
// no example? Measured: BFCL simple_python (--data DIR holds simple_python.json and simple_python.answer.json), one known
// function a question, by BFCL's own rule of comparison. The rules of the reader were developed on the even-numbered cases
// only; the odd ones show whether they hold elsewhere. Prints shares and the commonest failures; --json prints JSON.
// --model URL asks a language model as well (any OpenAI-compatible endpoint; --model-name, key in BFCL_MODEL_KEY), on cases
// spread evenly, --sample of them or as many as --cap seconds allow: what it alone gets right, and what the two do together.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Intent } from '../../intents/contract.ts';
import type { Input, Json, JsonSchema } from '../../intents/json.ts';
import { compileSlotReader } from '../../intents/resolve/slots/read.ts';
import { type AskedModel, askEach } from './bfcl-model.ts';

interface Case {
  readonly id: string;
  readonly question: readonly (readonly { readonly content: string }[])[];
  readonly function: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonSchema;
  }[];
}
type Accepted = Readonly<Record<string, readonly unknown[]>>;
type Why = 'missing' | 'wrong' | 'unasked';
interface Failure {
  readonly name: string;
  readonly why: Why;
  readonly type: string;
  readonly read: Json | undefined;
  readonly accepted: readonly unknown[];
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    data: { type: 'string', default: '../shared/data/bfcl' },
    show: { type: 'string' },
    model: { type: 'string' },
    'model-name': { type: 'string', default: 'default' },
    sample: { type: 'string', default: '40' },
    cap: { type: 'string', default: '600' },
  },
});

const linesOf = <T>(file: string): T[] =>
  readFileSync(join(values.data, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** BFCL writes Python's names of types. */
const types: Readonly<Record<string, string>> = { dict: 'object', float: 'number', tuple: 'array', any: 'string' };
const toSchema = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toSchema);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'type' && typeof inner === 'string' ? (types[inner] ?? inner) : toSchema(inner),
    ]),
  );
};

const toIntent = ({ name, description, parameters }: Case['function'][number]): Intent => ({
  name,
  version: '1.0.0',
  major: 1,
  id: `${name}@1`,
  title: name,
  description,
  effect: 'read',
  purposes: [],
  entity: undefined,
  examples: [],
  input: toSchema(parameters) as JsonSchema,
  output: undefined,
  call: { kind: 'rest', backend: 'bfcl', method: 'GET', path: '/' },
  undo: undefined,
  sinks: [],
  outputMode: 'report',
  source: { file: 'bfcl', line: 1, column: 1 },
});

/** As BFCL compares strings: no case, and none of these marks. */
const bare = (text: string): string =>
  text
    .replace(/[ ,./\-_*^]/g, '')
    .toLowerCase()
    .replaceAll("'", '"');

const equal = (read: unknown, accepted: unknown): boolean => {
  if (typeof read === 'string' && typeof accepted === 'string') return bare(read) === bare(accepted);
  if (Array.isArray(read) && Array.isArray(accepted))
    return read.length === accepted.length && read.every((item, index) => equal(item, accepted[index]));
  if (typeof read === 'object' && read !== null && typeof accepted === 'object' && accepted !== null)
    return failuresOf(read as Input, accepted as Accepted, {}).length === 0;
  return read === accepted;
};

const failuresOf = (input: Input, accepted: Accepted, { properties = {} }: JsonSchema): Failure[] =>
  [...new Set([...Object.keys(input), ...Object.keys(accepted)])].flatMap((name): Failure[] => {
    const read = input[name];
    const allowed = accepted[name] ?? [];
    const right = read === undefined ? allowed.includes('') : allowed.some((one) => equal(read, one));
    if (right) return [];
    const why: Why = read === undefined ? 'missing' : allowed.includes('') ? 'unasked' : 'wrong';
    return [{ name, why, type: String(properties[name]?.type), read, accepted: allowed }];
  });

const now = new Date('2023-06-01T12:00:00Z');
const answers = new Map(
  linesOf<{ id: string; ground_truth: readonly Readonly<Record<string, Accepted>>[] }>('simple_python.answer.json').map(
    ({ id, ground_truth: [call = {}] }) => [id, Object.values(call)[0] ?? {}],
  ),
);
const micros: number[] = [];
const results = linesOf<Case>('simple_python.json').flatMap((one, index) => {
  const [called] = one.function;
  const text = one.question[0]?.[0]?.content;
  if (called === undefined || text === undefined) return [];
  const intent = toIntent(called);
  const reader = compileSlotReader(intent, (schema) => schema);
  reader.read(text, { now });
  const start = performance.now();
  const { input } = reader.read(text, { now });
  micros.push((performance.now() - start) * 1_000);
  return [
    { id: one.id, index, text, intent, input, failures: failuresOf(input, answers.get(one.id) ?? {}, intent.input) },
  ];
});

const share = (of: readonly Pick<(typeof results)[number], 'failures'>[]): number =>
  Math.round((1_000 * of.filter(({ failures }) => failures.length === 0).length) / of.length) / 10;
const even = results.filter(({ index }) => index % 2 === 0);
const odd = results.filter(({ index }) => index % 2 === 1);
micros.sort((a, b) => a - b);
const kinds = new Map<string, number>();
for (const { failures } of results)
  for (const { why, type } of failures) kinds.set(`${why} ${type}`, (kinds.get(`${why} ${type}`) ?? 0) + 1);
const withModel = await (async () => {
  if (values.model === undefined) return undefined;
  const step = Math.max(1, Math.floor(results.length / Number(values.sample)));
  // An odd step takes in cases of both halves.
  const spread = results.filter((_, place) => place % (step - (step % 2) + 1) === 0).slice(0, Number(values.sample));
  const apiKey = process.env.BFCL_MODEL_KEY;
  const asked = await askEach(spread, {
    baseURL: values.model,
    model: values['model-name'],
    capMs: 1_000 * Number(values.cap),
    now,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  const judged = (pick: (one: AskedModel) => Input) =>
    asked.map((one) => {
      const { id, intent } = spread.find(({ index }) => index === one.index) as (typeof spread)[number];
      return { failures: failuresOf(pick(one), answers.get(id) ?? {}, intent.input) };
    });
  const known = new Set(asked.map(({ index }) => index));
  return {
    model: values['model-name'],
    cases: asked.length,
    answered: asked.filter(({ failed }) => failed === undefined).length,
    unanswered: Object.fromEntries(
      Map.groupBy(asked, ({ failed = '' }) => failed)
        .entries()
        .filter(([why]) => why !== '')
        .map(([why, all]) => [why, all.length]),
    ),
    reader_alone: share(spread.filter(({ index }) => known.has(index))),
    model_alone: share(judged(({ alone }) => alone)),
    together: share(judged(({ together }) => together)),
  };
})();
const report = {
  kind: 'ostiary-bench-bfcl/1',
  cases: results.length,
  all_right: share(results),
  all_right_even: share(even),
  all_right_odd: share(odd),
  p50_us: Math.round(micros[Math.floor(micros.length / 2)] ?? 0),
  p99_us: Math.round(micros[Math.floor(micros.length * 0.99)] ?? 0),
  ...(withModel && { with_model: withModel }),
  failures: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
};

if (values.json) console.log(JSON.stringify(report, undefined, 2));
else {
  console.log(`BFCL simple_python, ${report.cases} cases: every argument right, from schema and description alone`);
  console.log(
    `  all ${report.all_right} %   even (developed on) ${report.all_right_even} %   odd ${report.all_right_odd} %`,
  );
  console.log(`  reading one text: half within ${report.p50_us} us, 99 in 100 within ${report.p99_us} us`);
  if (withModel !== undefined)
    console.log(
      `  ${withModel.cases} cases with ${withModel.model}, which answered ${withModel.answered}: reader alone ${withModel.reader_alone} %, model alone ${withModel.model_alone} %, together ${withModel.together} %`,
    );
  for (const [why, count] of Object.entries(withModel?.unanswered ?? {})) console.log(`    ${count} x ${why}`);
  for (const [what, count] of Object.entries(report.failures).slice(0, 10)) console.log(`  ${count} x ${what}`);
}
// Only cases that may be developed on are shown.
if (values.show !== undefined)
  for (const { index, text, failures } of even)
    if (failures.length > 0) {
      console.log(`${index} ${text}`);
      for (const { name, why, read, accepted } of failures)
        console.log(`    ${why} ${name}: ${JSON.stringify(read)} not ${JSON.stringify(accepted)}`);
    }
