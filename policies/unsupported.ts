import { isObject } from '../intents/json.ts';

interface Place {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const sections: Readonly<Record<string, string>> = {
  networks: '"networks" are not supported by this version.',
  sinks: '"sinks" of a policy are not supported by this version: they are named in the contract of each intent.',
};
const obligations = ['rate', 'stepUp', 'proof', 'notify'];
const roots = ['agg', 'rep', 'chain'];
const operators = ['inNet', 'notInNet'];

/**
 * Takes out of a policy file what the format knows and this version does not do, so that each is told by its name and
 * nothing of it is ever passed over.
 * @returns what is left of the file, every index as it was
 */
export const withoutUnsupported = (value: unknown): { rest: unknown; places: Place[] } => {
  const places: Place[] = [];
  if (!isObject(value)) return { rest: value, places };
  const rest: Record<string, unknown> = { ...value };
  for (const [section, message] of Object.entries(sections))
    if (Object.hasOwn(rest, section)) {
      places.push({ path: [section], message });
      delete rest[section];
    }
  if (Array.isArray(rest.rules))
    rest.rules = rest.rules.map((rule: unknown, index) =>
      isObject(rule) ? supportedRule(rule, ['rules', index], places) : rule,
    );
  return { rest, places };
};

const supportedRule = (rule: Record<string, unknown>, at: Place['path'], places: Place[]): unknown => {
  const rest: Record<string, unknown> = { ...rule };
  if (Array.isArray(rule.obligations))
    rest.obligations = rule.obligations.map((one: unknown, index) => {
      if (!isObject(one)) return one;
      const here = [...at, 'obligations', index];
      const known = obligations.find((name) => Object.hasOwn(one, name));
      if (known !== undefined) {
        places.push({ path: [...here, known], message: `The obligation "${known}" is not supported by this version.` });
        return { redact: { '/unsupported': 'drop' } };
      }
      if (!isObject(one.confirm) || !Object.hasOwn(one.confirm, 'show')) return one;
      places.push({ path: [...here, 'confirm', 'show'], message: '"show" is not supported by this version.' });
      const { show: _, ...confirm } = one.confirm;
      return { ...one, confirm };
    });
  if (isObject(rule.when)) rest.when = supportedConditions(rule.when, [...at, 'when'], places);
  return rest;
};

const supportedConditions = (when: Record<string, unknown>, at: Place['path'], places: Place[]): unknown => {
  const unsupported = Object.entries(when).flatMap(([path, tests]): Place[] => {
    const root = path.split('/')[1] ?? '';
    if (roots.includes(root))
      return [{ path: [...at, path], message: `Conditions on /${root} are not supported by this version.` }];
    return Object.keys(isObject(tests) ? tests : {})
      .filter((operator) => operators.includes(operator))
      .map((operator) => ({
        path: [...at, path, operator],
        message: `The operator "${operator}" is not supported by this version.`,
      }));
  });
  if (unsupported.length === 0) return when;
  places.push(...unsupported);
  // Any sound condition will do in its place: the file is refused anyway.
  return { '/ctx/door': { eq: 'http' } };
};
