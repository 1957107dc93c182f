import { type Json, pointerPath, pointerSegment } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';

/** A policy document as it is written, of the parts that decide. */
export interface Written {
  readonly purposes: readonly string[];
  readonly subjects: Readonly<Record<string, { readonly match: When }>>;
  readonly capabilities: Readonly<Record<string, { readonly intents: readonly string[] }>>;
  readonly networks?: Readonly<Record<string, readonly string[]>>;
  readonly sinks?: Readonly<Record<string, readonly string[]>>;
  readonly aggregates?: Readonly<Record<string, WrittenAggregate>>;
  readonly rules: readonly WrittenRule[];
}
export interface WrittenAggregate {
  readonly can: readonly string[];
  readonly sum?: string;
  readonly window: string;
  readonly when?: When;
}
export type When = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
export interface WrittenRule {
  readonly allow?: string | undefined;
  readonly deny?: string | undefined;
  readonly require?: string | undefined;
  readonly who?: readonly string[] | undefined;
  readonly can?: readonly string[] | undefined;
  readonly effects?: readonly string[] | undefined;
  readonly for?: readonly string[] | undefined;
  readonly notFor?: readonly string[] | undefined;
  readonly when?: When | undefined;
  readonly priority?: number | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly obligations?: readonly unknown[] | undefined;
}

/** Yes, no, or what cannot be known. */
type Answer = 'yes' | 'no' | 'unknown';

export interface Plain {
  readonly outcome: 'permit' | 'deny';
  readonly rules: { readonly allow: string[]; readonly deny: string[]; readonly require: string[] };
  readonly fields: readonly string[] | undefined;
}

/**
 * The semantics again, as plainly as they can be said, straight from the document: no index, no closures, nothing
 * compiled and nothing shared with the engine. Slow, and easy to read.
 */
export const naive = (policy: Written, asked: Asked): Plain => {
  const about = policy.rules.filter((rule) => reaches(policy, rule, asked));
  const answered = about.map((rule) => ({ rule, answer: answerOf(policy, rule, asked) }));
  const allows = answered.filter(({ rule, answer }) => rule.allow !== undefined && answer === 'yes');
  const denies = answered.filter(({ rule, answer }) => rule.deny !== undefined && answer !== 'no');
  const requires = answered.filter(({ rule, answer }) => rule.require !== undefined && answer !== 'no');
  const highest = Math.max(...allows.map(({ rule }) => rule.priority ?? 0));
  const determining = allows.find(({ rule }) => (rule.priority ?? 0) === highest);
  const permitted = determining !== undefined && denies.length === 0 && withinCeilings(policy, asked);
  return {
    outcome: permitted ? 'permit' : 'deny',
    rules: {
      allow: allows.map(({ rule }) => rule.allow ?? ''),
      deny: denies.map(({ rule }) => rule.deny ?? ''),
      require: requires.map(({ rule }) => rule.require ?? ''),
    },
    fields: permitted ? determining.rule.fields : [],
  };
};

const reaches = ({ capabilities }: Written, { can, effects }: WrittenRule, { intent }: Asked): boolean =>
  (can === undefined || can.some((name) => holds(capabilities, name, intent.id))) &&
  (effects === undefined || effects.includes(intent.effect));

const holds = (capabilities: Written['capabilities'], name: string, id: string): boolean =>
  Object.entries(capabilities).some(([one, { intents }]) => one === name && intents.includes(id));

const withinCeilings = (policy: Written, { intent, principal, purpose }: Asked): boolean => {
  const carried =
    principal.capabilities === undefined ||
    principal.capabilities.some((name) => holds(policy.capabilities, name, intent.id));
  if (!carried) return false;
  if (!counts(policy, purpose)) return intent.purposes.length === 0;
  const { name } = purpose;
  const inContract = intent.purposes.length === 0 || intent.purposes.some((above) => isAtOrBelow(name, above));
  return inContract && principal.purposes.some((above) => isAtOrBelow(name, above));
};

const answerOf = (policy: Written, rule: WrittenRule, asked: Asked): Answer => {
  const subjects = rule.who?.map((name) => conditions(policy, policy.subjects[name]?.match ?? {}, asked));
  return and([
    subjects === undefined ? 'yes' : or(subjects),
    purposeAnswer(policy, rule, asked),
    conditions(policy, rule.when ?? {}, asked),
  ]);
};

const conditions = (policy: Written, when: When, asked: Asked): Answer =>
  and(
    Object.entries(when).flatMap(([path, tests]) =>
      Object.entries(tests).map(([operator, operand]) =>
        compare(operator, read(policy, path, asked), operand, policy.networks),
      ),
    ),
  );

const counts = (policy: Written, purpose: Asked['purpose']): purpose is NonNullable<Asked['purpose']> =>
  purpose !== undefined && purpose.source !== 'proposed' && policy.purposes.includes(purpose.name);
const isAtOrBelow = (purpose: string, above: string): boolean => `${purpose}/`.startsWith(`${above}/`);
/** A wider purpose may mean the narrower one or not. */
const isWithin = (purpose: string, above: string): Answer =>
  isAtOrBelow(purpose, above) ? 'yes' : isAtOrBelow(above, purpose) ? 'unknown' : 'no';

const purposeAnswer = (policy: Written, { for: allowed, notFor = [] }: WrittenRule, { purpose }: Asked): Answer => {
  if (allowed === undefined && notFor.length === 0) return 'yes';
  if (!counts(policy, purpose)) return 'unknown';
  const inside = allowed === undefined ? 'yes' : or(allowed.map((above) => isWithin(purpose.name, above)));
  return and([inside, not(or(notFor.map((out) => isWithin(purpose.name, out))))]);
};

const read = (policy: Written, path: string, asked: Asked): unknown => {
  const [root, ...below] = pointerPath(path);
  const { principal, resolution, context } = asked;
  const purpose = counts(policy, asked.purpose) ? asked.purpose : {};
  if (root === 'prov') return below[0] === 'sinks' ? sinkLabels(policy, asked) : one(labels(asked, below));
  if (root === 'agg') return total(policy, below[0] ?? '', asked);
  const roots: Record<string, unknown> = {
    in: asked.input,
    token: principal.claims,
    subject: { type: principal.type, id: principal.id },
    resolution,
    purpose,
    ctx: { ip: context.ip, door: context.door, agent: principal.type !== 'user' || 'act' in principal.claims },
    rep: { band: asked.band === 'unknown' ? undefined : (asked.band ?? 'new') },
    chain: { depth: principal.delegations ?? 0 },
  };
  let here: unknown = roots[root ?? ''];
  for (const name of below)
    here = typeof here === 'object' && here !== null ? Object.getOwnPropertyDescriptor(here, name)?.value : undefined;
  return here;
};

/** Every value of an input by its pointer, with the label of the nearest member that has one. */
const labelled = ({ input, provenance }: Asked): { path: string[]; label: string | undefined }[] => {
  const leaves: { path: string[]; label: string | undefined }[] = [];
  const visit = (value: Json, path: string[]) => {
    const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [name, member] of inner) visit(member as Json, [...path, name]);
    if (inner.length > 0) return;
    const above = path.map((_name, index) =>
      path
        .slice(0, path.length - index)
        .map((name) => `/${pointerSegment(name)}`)
        .join(''),
    );
    const nearest = above.find((pointer) => provenance[pointer] !== undefined);
    leaves.push({ path, label: nearest === undefined ? undefined : provenance[nearest] });
  };
  visit(input, []);
  return leaves;
};
const labels = (asked: Asked, wanted: readonly string[]): (string | undefined)[] =>
  labelled(asked)
    .filter(({ path }) => path.length >= wanted.length && wanted.every((name, at) => name === '*' || name === path[at]))
    .map(({ label }) => label);
const sinkLabels = ({ sinks = {} }: Written, asked: Asked): (string | undefined)[] => {
  const more = (sinks[asked.intent.id] ?? []).map((path) => path.replace('/in', ''));
  return [...asked.intent.sinks, ...more].flatMap((sink) => labels(asked, pointerPath(sink)));
};

/** What was before, and what this request adds where it counts. */
const total = (policy: Written, name: string, asked: Asked): number | undefined => {
  const { can, sum, when = {} } = policy.aggregates?.[name] ?? { can: [] };
  const before = asked.totals?.get(name);
  if (before === undefined) return undefined;
  if (!can.some((capability) => holds(policy.capabilities, capability, asked.intent.id))) return before;
  const counted = conditions(policy, when, asked);
  if (counted === 'no') return before;
  const amount = sum === undefined ? 1 : read(policy, sum, asked);
  return counted === 'unknown' || typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0
    ? undefined
    : before + amount;
};
const one = (all: readonly (string | undefined)[]): string | undefined =>
  new Set(all).size === 1 ? all[0] : undefined;

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

/** An IPv4 address as a number. */
const address = (written: string): number | undefined => {
  const parts = written.split('.');
  const bytes = parts.map(Number);
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part)) && bytes.every((byte) => byte <= 255)
    ? bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    : undefined;
};
const inRange = (ip: number, range: string): boolean => {
  const [base = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(ip / size) === Math.floor((address(base) ?? -1) / size);
};

const compare = (operator: string, value: unknown, operand: unknown, networks: Written['networks'] = {}): Answer => {
  switch (operator) {
    case 'present':
      return yes((value !== undefined && value !== null) === operand);
    case 'in':
      return or((operand as unknown[]).map((option) => compare('eq', value, option)));
    case 'notIn':
      return not(compare('in', value, operand));
    case 'ne':
      return not(compare('eq', value, operand));
    case 'has':
      return compare('hasAny', value, [operand]);
    case 'hasAny':
    case 'anyIn':
      return Array.isArray(value) ? or(value.map((item) => compare('in', item, operand))) : 'unknown';
    case 'inNet': {
      const ip = typeof value === 'string' ? address(value) : undefined;
      const ranges = [operand].flat().flatMap((name) => networks[String(name)] ?? [String(name)]);
      return ip === undefined ? 'unknown' : yes(ranges.some((range) => inRange(ip, range)));
    }
    case 'notInNet':
      return not(compare('inNet', value, operand, networks));
    case 'matches':
      return typeof value === 'string' ? yes(new RegExp(String(operand), 'u').test(value)) : 'unknown';
  }
  if (!isScalar(value) || typeof value !== typeof operand) return 'unknown';
  if (operator === 'eq') return yes(value === operand);
  if (typeof value !== 'number' || typeof operand !== 'number') return 'unknown';
  switch (operator) {
    case 'gt':
      return yes(value > operand);
    case 'gte':
      return yes(value >= operand);
    case 'lt':
      return yes(value < operand);
    case 'lte':
      return yes(value <= operand);
  }
  throw new Error(`the naive interpreter knows no operator "${operator}"`);
};

const yes = (holds: boolean): Answer => (holds ? 'yes' : 'no');
const not = (answer: Answer): Answer => (({ yes: 'no', no: 'yes', unknown: 'unknown' }) as const)[answer];
const and = (answers: readonly Answer[]): Answer =>
  answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
const or = (answers: readonly Answer[]): Answer =>
  answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
