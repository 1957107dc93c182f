import { schemaAt } from '../intents/check-schema.ts';
import type { Intent, Provenance } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import { isObject, type JsonSchema, pointerPath } from '../intents/json.ts';
import type { Tier } from '../intents/resolve/types.ts';
import { betweenTimes } from './clock.ts';
import type { World } from './conditions.ts';
import { compileOperator, operandKind, operatorNames } from './operators.ts';
import { roots } from './read.ts';
import { bands, type Purpose } from './types.ts';

export interface ConditionFault {
  /** Below the condition: the path, or the path and the operator. */
  readonly at: readonly string[];
  readonly message: string;
}

/**
 * Checks one path and its tests before they are compiled: the path must lead somewhere in every intent the rule
 * reaches, and each operator must fit the type that stands there.
 * @param subject whether this describes a subject, which reads verified claims alone
 */
export const checkCondition = (
  path: string,
  tests: Readonly<Record<string, unknown>>,
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  world: World,
  subject: boolean,
): ConditionFault[] => {
  const [root = '', ...below] = pointerPath(path);
  const known = subject ? ['subject', 'token'] : Object.keys(roots);
  if (!known.includes(root)) {
    const why =
      subject && Object.hasOwn(roots, root)
        ? 'A subject is matched on verified claims alone'
        : `"/${root}" is not something a condition can read`;
    return [
      {
        at: [path],
        message: `${why}: write ${known.map((name) => `/${name}/…`).join(', ')}.${didYouMean(root, known)}`,
      },
    ];
  }
  const members = roots[root];
  if (below.length === 0 || (Array.isArray(members) && (below.length > 1 || !members.includes(below[0] ?? ''))))
    return [
      {
        at: [path],
        message: `${path} is not there. /${root} has ${Array.isArray(members) ? members.join(', ') : 'members'}.${Array.isArray(members) ? didYouMean(below[0] ?? '', members) : ''}`,
      },
    ];
  const name = below.join('/');
  if (root === 'agg' && !world.aggregates.has(name))
    return [
      {
        at: [path],
        message: `There is no aggregate "${name}".${didYouMean(name, world.aggregates.keys())} Aggregates stand under "aggregates".`,
      },
    ];
  if (below.includes('*') && (root === 'in' || root === 'prov'))
    return [{ at: [path], message: `${path}: a condition reads one value, so "*" cannot stand in its path.` }];
  const faults: ConditionFault[] = [];
  const modifiers = 'between' in tests ? ['tz', 'days'] : [];
  for (const operator of Object.keys(tests))
    if (!operatorNames.includes(operator) && !modifiers.includes(operator))
      faults.push({
        at: [path, operator],
        message: `"${operator}" is not an operator.${didYouMean(operator, operatorNames)} There are ${operatorNames.join(', ')}.`,
      });
  if (Object.keys(tests).length === 0)
    faults.push({ at: [path], message: 'A condition without an operator says nothing.' });
  if (faults.length > 0) return faults;
  for (const operator of Object.keys(tests))
    if (!modifiers.includes(operator))
      try {
        if (operator !== 'between') compileOperator(operator, tests[operator], world.networks);
        else if (path === '/ctx/time') betweenTimes(tests.between, tests);
        else throw new Error('"between" is for /ctx/time');
      } catch (error) {
        faults.push({ at: [path, operator], message: `${path}: ${ended((error as Error).message)}` });
      }
  if (faults.length > 0) return faults;
  const fixed = path === '/prov/sinks' ? sinks : root === 'prov' ? label : root === 'agg' ? total : facts[path];
  if (fixed !== undefined) faults.push(...misfits(path, tests, fixed, path, resolveRef));
  if (root === 'in' || (root === 'prov' && path !== '/prov/sinks'))
    faults.push(...misplaced(path, below, tests, intents, resolveRef, root === 'in'));
  return faults;
};

const ended = (message: string): string => (/[.?]$/.test(message) ? message : `${message}.`);

const total: JsonSchema = { type: 'total' };
const origins = ['user', 'input', 'session', 'default', 'principal', 'backend', 'model'] satisfies Provenance[];
const label: JsonSchema = { type: 'string', enum: origins };
const sinks: JsonSchema = { type: 'array', items: label };

/** What stands at the paths that are the same for every intent. `time` is no JSON type, so only `between` fits it. */
const facts: Readonly<Record<string, JsonSchema>> = {
  '/subject/type': { type: 'string' },
  '/subject/id': { type: 'string' },
  '/ctx/agent': { type: 'boolean' },
  '/ctx/door': { type: 'string' },
  '/ctx/ip': { type: 'address' },
  '/ctx/time': { type: 'time' },
  '/resolution/confidence': { type: 'number' },
  '/resolution/margin': { type: 'number' },
  '/resolution/tier': {
    type: 'string',
    enum: ['direct', 'session', 'example', 'builtin', 'encoder', 'model'] satisfies Tier[],
  },
  '/rep/band': { type: 'string', enum: bands },
  '/chain/depth': { type: 'integer' },
  '/purpose/name': { type: 'string' },
  '/purpose/source': {
    type: 'string',
    enum: ['token', 'session', 'declared', 'proposed'] satisfies Purpose['source'][],
  },
};

const misfits = (
  path: string,
  tests: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  where: string,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): ConditionFault[] =>
  Object.entries(tests).flatMap(([operator, operand]) => {
    const misfit = misfitOf(operator, operand, schema, resolveRef);
    return misfit === undefined ? [] : [{ at: [path, operator], message: `"${operator}" ${misfit} in ${where}.` }];
  });

/** One fault for all the intents that lack the path: a condition nobody can meet would deny, or require, always. */
const misplaced = (
  path: string,
  below: readonly string[],
  tests: Readonly<Record<string, unknown>>,
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  typed: boolean,
): ConditionFault[] => {
  const faults: ConditionFault[] = [];
  const without: Intent[] = [];
  for (const intent of intents) {
    const schema = schemaAt(intent.input, below, resolveRef);
    if (schema === undefined) without.push(intent);
    else if (typed) faults.push(...misfits(path, tests, schema, intent.id, resolveRef));
  }
  const [first, ...others] = without;
  if (first === undefined) return faults;
  const inputs = Object.keys(first.input.properties ?? {});
  const meant = inputs.includes(below[0] ?? '') ? '' : didYouMean(below[0] ?? '', inputs);
  const message =
    others.length === 0
      ? `${path} is not in the input of ${first.id}.${meant}`
      : `${path} is not in the input of ${first.id} and ${others.length} more that the rule reaches. Narrow it with "can".`;
  return [...faults, { at: [path], message }];
};

const misfitOf = (
  operator: string,
  operand: unknown,
  schema: JsonSchema,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): string | undefined => {
  const types = typesOf(schema);
  const wants = operandKind(operator);
  if (types === undefined || wants === undefined || wants === 'any') return undefined;
  const fits = {
    number: () => types.some((type) => type === 'number' || type === 'integer' || type === 'total'),
    string: () => types.includes('string') || types.includes('address'),
    array: () => types.includes('array'),
    scalar: () => types.some((type) => !['array', 'object', 'total'].includes(type)),
  }[wants];
  const is = `but it is ${types.join(' or ')}`;
  if (!fits()) return `works on ${wants === 'scalar' ? 'a single value' : `a value of type ${wants}`}, ${is}`;
  if (wants === 'array') return isObject(schema.items) ? strangerOf(operand, resolveRef(schema.items)) : undefined;
  return wants === 'scalar' ? strangerOf(operand, schema) : undefined;
};

/** An operand that can never stand there: a misspelt one would quietly switch off a deny. */
const strangerOf = (operand: unknown, schema: JsonSchema): string | undefined => {
  const types = typesOf(schema);
  for (const option of Array.isArray(operand) ? operand : [operand]) {
    const type = typeof option;
    const named = { address: 'string', integer: 'number' } as Readonly<Record<string, string>>;
    if (types !== undefined && !types.some((name) => (named[name] ?? name) === type))
      return `compares with ${JSON.stringify(option)}, but it is ${types.join(' or ')}`;
    if (schema.enum !== undefined && !schema.enum.includes(option as never))
      return `compares with ${JSON.stringify(option)}, which is none of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  return undefined;
};

const typesOf = (schema: JsonSchema): readonly string[] | undefined => {
  if (schema.type !== undefined) return typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (schema.enum !== undefined)
    return [...new Set(schema.enum.map((value) => (value === null ? 'null' : typeof value)))];
  return undefined;
};
