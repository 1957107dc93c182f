import type { Effect, Intent } from '../intents/contract.ts';
import type { Names } from './collect.ts';
import { conditional, obligationsIn } from './compile-rule.ts';
import type { RuleText } from './load.ts';
import type { Rule } from './rules.ts';
import { spell } from './spell.ts';

/**
 * Writes a policy as a page to be read: who there is, which purposes, and for each intent who may ask it, under which
 * conditions, what is asked of them, and what nobody may.
 * @returns Markdown
 */
export const policyPage = (
  texts: readonly RuleText[],
  names: Names,
  catalogue: readonly Intent[],
  hash: string,
): string => {
  const lines = [
    '# What this policy says',
    '',
    `${texts.length} rules over ${catalogue.length} intents. Hash \`${hash}\`.`,
    '',
    'What no rule permits is denied. A deny wins over every allow. What cannot be decided counts against the caller.',
    '',
    '## Purposes',
    '',
    ...[...names.purposes.keys()]
      .sort()
      .map((purpose) => `${'  '.repeat(purpose.split('/').length - 1)}- \`${purpose}\``),
    '',
    '## Who',
    '',
    '| subject | is whoever has |',
    '|---|---|',
    ...subjectRows(texts),
    '',
    ...(['read', 'write', 'destructive'] as const).flatMap((effect) => section(effect, texts, names, catalogue)),
  ];
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
};

const titles: Readonly<Record<Effect, string>> = {
  read: 'What can be read',
  write: 'What can be changed',
  destructive: 'What cannot be taken back',
};

const subjectRows = (texts: readonly RuleText[]): string[] => {
  const sources = new Map(texts.map(({ source }) => [source.file, source.value as { subjects?: Subjects }]));
  return [...sources.values()].flatMap(({ subjects = {} }) =>
    Object.entries(subjects).map(([name, { match }]) => `| ${name} | ${cell(words(match))} |`),
  );
};
type Subjects = Readonly<
  Record<string, { readonly match: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>
>;

const section = (effect: Effect, texts: readonly RuleText[], names: Names, catalogue: readonly Intent[]): string[] => {
  const intents = catalogue.filter((intent) => intent.effect === effect);
  if (intents.length === 0) return [];
  return [`## ${titles[effect]}`, '', ...intents.flatMap((intent) => page(intent, texts, names))];
};

const page = ({ id, title, purposes, sinks }: Intent, texts: readonly RuleText[], names: Names): string[] => {
  const about = texts.filter(({ rule }) => rule.intents.has(id));
  const of = (kind: Rule['kind']) => about.filter(({ rule }) => rule.kind === kind);
  const allows = of('allow');
  const where = names.sinks.get(id) ?? sinks;
  const rows = (found: readonly RuleText[], last: (text: RuleText) => string) =>
    found.map(
      (text) =>
        `| ${text.rule.id} | ${cell(text.written.who?.join(' or ') ?? 'everybody')} | ${cell(forWhat(text))} | ${cell(words(conditional(text.written)?.when ?? {}))} | ${cell(last(text))} |`,
    );
  const table = (head: string, found: readonly string[]) =>
    found.length === 0 ? [] : [`| ${head} |`, '|---|---|---|---|---|', ...found, ''];
  return [
    `### ${title} (\`${id}\`)`,
    '',
    ...(purposes.length === 0 ? [] : [`For ${purposes.join(', ')} alone.`, '']),
    ...(where.length === 0
      ? []
      : [`Where it lands is decided by ${where.map((sink) => `\`${sink}\``).join(', ')}.`, '']),
    ...(allows.length === 0 ? ['Nobody may.', ''] : []),
    ...table('permitted by | to | for | when | and then', rows(allows, then)),
    ...table(
      'refused by | to | for | when | with the words',
      rows(of('deny'), ({ rule }) => rule.reason ?? ''),
    ),
    ...table('more is asked by | of | for | when | namely', rows(of('require'), then)),
  ];
};

const forWhat = ({ written }: RuleText): string => {
  const rule = conditional(written);
  const out = rule?.notFor ?? [];
  return `${rule?.for?.join(', ') ?? 'anything'}${out.length === 0 ? '' : `, not ${out.join(', ')}`}`;
};

const then = ({ written, rule }: RuleText): string =>
  [
    ...obligationsIn(written).flatMap(({ confirm, stepUp, proof, rate, redact }) => [
      ...(confirm === undefined
        ? []
        : [
            `${confirm.by === 'self' ? 'they' : 'another person'} must say yes within ${confirm.ttl}${confirm.onEffects === undefined ? '' : ` (${confirm.onEffects.join(', ')})`}`,
          ]),
      ...(stepUp === undefined
        ? []
        : [`login ${[stepUp.acr, stepUp.maxAge && `at most ${stepUp.maxAge} ago`].filter(Boolean).join(', ')}`]),
      ...(proof === undefined ? [] : [`proof "${proof}"`]),
      ...(rate === undefined ? [] : [`rate "${rate}"`]),
      ...(redact === undefined
        ? []
        : [
            `hidden: ${Object.entries(redact)
              .map(([field, mask]) => `${field} (${mask})`)
              .join(', ')}`,
          ]),
    ]),
    ...(rule.fields === undefined ? [] : [`sees only ${rule.fields.join(', ')}`]),
  ].join('; ');

const words = (when: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string =>
  Object.entries(when)
    .map(([path, tests]) => spell(path, tests) ?? `${path} ${plain(tests)}`)
    .join(' and ');

const plain = (tests: Readonly<Record<string, unknown>>): string =>
  Object.entries(tests)
    .map(([operator, operand]) => `${operator} ${Array.isArray(operand) ? operand.join(', ') : String(operand)}`)
    .join(' and ');

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ') || '–';
