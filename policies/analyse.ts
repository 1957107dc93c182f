import { isDeepStrictEqual } from 'node:util';
import type { Intent } from '../intents/contract.ts';
import type { Names, Tell, Written } from './collect.ts';
import { conditional, obligationsIn } from './compile-rule.ts';
import type { RuleText } from './load.ts';
import { isWithin } from './purposes.ts';
import { admits } from './rules.ts';

/**
 * Finds what is sound and yet hardly meant: rules that reach nothing or can never hold, an allow that a deny refuses
 * whole, names that nothing uses, intents that nobody can call.
 */
export const findDoubtful = (
  documents: readonly Written[],
  texts: readonly RuleText[],
  names: Names,
  catalogue: readonly Intent[],
  tell: Tell,
): void => {
  const [first] = documents;
  if (first === undefined) return;
  const doubt = ({ source, path, rule }: RuleText, code: string, message: string) =>
    tell('warning', source, [...path, rule.kind], code, message);
  const byId = new Map(catalogue.map((intent) => [intent.id, intent]));
  const deniesOf = new Map<string, RuleText[]>();
  for (const text of texts)
    if (text.rule.kind === 'deny')
      for (const id of text.rule.intents) deniesOf.set(id, [...(deniesOf.get(id) ?? []), text]);
  for (const text of texts) {
    const { id } = text.rule;
    const never = impossible(text);
    const [anyIntent = ''] = text.rule.intents;
    const denies = text.rule.kind === 'allow' && deniesOf.get(anyIntent)?.find((deny) => shadows(deny, text));
    if (text.rule.intents.size === 0) doubt(text, 'dead-rule', `The rule "${id}" reaches no intent.`);
    else if (isOutOfReach(text, names, byId)) doubt(text, 'dead-rule', `No purpose reaches the rule "${id}".`);
    else if (never !== undefined)
      doubt(text, 'dead-rule', `The rule "${id}" can never hold: ${never} cannot be true of any value.`);
    else if (denies)
      doubt(
        text,
        'shadowed',
        `The deny "${denies.rule.id}" at ${denies.rule.place} refuses all that the rule "${id}" allows.`,
      );
  }
  // A set-up that has just been imported has no rules yet: one warning says more than one for each capability.
  if (texts.length === 0) {
    tell('warning', first.source, ['rules'], 'no-rules', 'There is no rule, so everything is denied.', 'key');
    return;
  }
  const used = usedNames(documents, texts);
  for (const { section, name, source } of names.declared) {
    if (section === 'subjects' || used[section].has(name)) continue;
    const message = {
      capabilities: `No rule speaks of the capability "${name}".`,
      aggregates: `No condition reads the aggregate "${name}".`,
      networks: `No condition names the network "${name}".`,
      rates: `No obligation names the rate "${name}".`,
      masks: `No obligation names the mask "${name}".`,
    }[section];
    tell('warning', source, [section, name], 'unused', message, 'key');
  }
  const covered = new Set([...names.capabilities.values()].flatMap((ids) => [...ids]));
  const uncovered = catalogue.filter(({ id }) => !covered.has(id)).map(({ id }) => id);
  if (uncovered.length > 0)
    tell(
      'warning',
      first.source,
      ['capabilities'],
      'uncovered',
      `No capability names ${uncovered.slice(0, 5).join(', ')}${uncovered.length > 5 ? ` and ${uncovered.length - 5} more` : ''}: nobody can call what no capability names.`,
      'key',
    );
};

/** An allow for purposes that the contracts it is about are not for. */
const isOutOfReach = ({ rule }: RuleText, { purposes }: Names, byId: ReadonlyMap<string, Intent>): boolean =>
  rule.kind === 'allow' &&
  purposes.size > 0 &&
  !rule.intents.values().some((id) => {
    const intent = byId.get(id);
    return intent !== undefined && purposes.keys().some((purpose) => admits(rule, intent, purpose));
  });

/** @returns the condition that no value fulfils, as written; undefined where there may be one for each */
const impossible = ({ rule }: RuleText): string | undefined => {
  const part = rule.parts.find(({ tests, test }) => {
    const { gt, gte, lt, lte, present } = tests as Readonly<Record<string, number>> & { present?: boolean };
    const { eq, in: listed } = tests;
    // Where it can be one of so many values, each is tried.
    const values = eq === undefined ? listed : [eq];
    if (Array.isArray(values) && values.every((value) => test(value) !== true)) return true;
    const low = Math.max(gt ?? -Infinity, gte ?? -Infinity);
    const high = Math.min(lt ?? Infinity, lte ?? Infinity);
    const open = low === gt || high === lt;
    if (low > high || (low === high && open)) return true;
    return present === false && Object.keys(tests).length > 1;
  });
  return part === undefined ? undefined : `${part.path} ${JSON.stringify(part.tests)}`;
};

/** Whether a deny fires on everything that an allow could permit. */
const shadows = (deny: RuleText, allow: RuleText): boolean => {
  const [out, way] = [conditional(deny.written), conditional(allow.written)];
  if (out === undefined || way === undefined) return false;
  const { who, for: purposes, notFor, when = {} } = out;
  const ofAll = who === undefined || (way.who?.every((name) => who.includes(name)) ?? false);
  const ofTenants = deny.source === allow.source || !ofOneTenant(deny);
  const forAll =
    (purposes === undefined ||
      (way.for?.every((asked) => purposes.some((above) => isWithin(asked, above))) ?? false)) &&
    (notFor ?? []).length === 0;
  const whenever = () => Object.entries(when).every(([path, tests]) => isDeepStrictEqual(way.when?.[path], tests));
  return ofAll && ofTenants && forAll && whenever() && allow.rule.intents.isSubsetOf(deny.rule.intents);
};
const ofOneTenant = ({ source }: RuleText): boolean =>
  typeof (source.value as { readonly tenant?: unknown }).tenant === 'string';

const usedNames = (documents: readonly Written[], texts: readonly RuleText[]) => {
  const paths = texts.flatMap(({ rule }) => rule.reads);
  const tests = [
    ...texts.flatMap(({ rule }) => rule.parts.map((part) => part.tests)),
    ...documents.flatMap(({ value }) =>
      Object.values(value.aggregates).flatMap(({ when = {} }) => Object.values(when)),
    ),
  ];
  const obligations = texts.flatMap(({ written }) => obligationsIn(written));
  return {
    capabilities: new Set([
      ...texts.flatMap(({ written }) => written.can ?? []),
      ...documents.flatMap(({ value }) => Object.values(value.aggregates).flatMap(({ can }) => can)),
    ]),
    aggregates: new Set(paths.filter((path) => path.startsWith('/agg/')).map((path) => path.slice('/agg/'.length))),
    networks: new Set(tests.flatMap(({ inNet = [], notInNet = [] }) => [inNet, notInNet].flat().map(String))),
    rates: new Set(obligations.flatMap(({ rate }) => rate ?? [])),
    masks: new Set(obligations.flatMap(({ redact }) => Object.values(redact ?? {}))),
  };
};
