import { stringify } from 'yaml';
import type { Effect } from '../contract.ts';
import type { DraftIntent } from './draft.ts';

interface Capability {
  readonly effect: Effect;
  readonly intents: readonly string[];
}

/**
 * Writes a policy under which nobody may do anything, with a capability per group and effect, and as comments a reader and
 * an allow for each: blocks to be taken in place of `subjects: {}` and `rules: []`.
 * @param beside of capabilities, what stands in front of their names; purposes that another file declares
 */
export const denyAllText = (
  intents: readonly DraftIntent[],
  tenant: string,
  { prefix = '', purposes: declared = [] }: { readonly prefix?: string; readonly purposes?: readonly string[] } = {},
): string => {
  const byCapability = Map.groupBy(intents, ({ group, effect }) => `${prefix}${group}.${effect}`);
  const capabilities: [string, Capability][] = [...byCapability]
    .map(([name, members]): [string, Capability] => [
      name,
      {
        effect: members[0]?.effect ?? 'read',
        intents: members.map((intent) => `${intent.name}@${intent.version.split('.')[0]}`).toSorted(),
      },
    ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const wanted = [...new Set(['general', ...intents.flatMap((intent) => intent.purposes ?? [])])];
  const purposes = wanted.filter((name) => !declared.includes(name));
  return `# Nobody may do anything yet: what no rule allows is denied.
api: intent-policy/1
tenant: ${JSON.stringify(tenant)}
purposes: [${purposes.join(', ')}]

# To begin, take this in place of the line "subjects: {}". Subjects are matched on the credential alone.
subjects: {}
# subjects:
#   reader: { match: { /token/roles: { has: reader } } }
#   editor: { match: { /token/roles: { has: editor } } }

${stringify({ capabilities: Object.fromEntries(capabilities) }, { lineWidth: 0 })}
# Take the ones you want of these in place of the line "rules: []".
rules: []
# rules:
${capabilities.map(([name, { effect }]) => suggestion(name, effect)).join('')}`;
};

const suggestion = (capability: string, effect: Effect): string =>
  [
    `#   - allow: ${capability.replaceAll('.', '-')}`,
    `#     who: [${effect === 'read' ? 'reader, editor' : 'editor'}]`,
    `#     can: [${capability}]`,
    '#     for: [general]',
    ...(effect === 'read' ? [] : ['#     obligations: [{ confirm: { by: self, ttl: 300s } }]']),
    '',
  ].join('\n');
