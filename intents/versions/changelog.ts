import type { Level } from './change.ts';
import type { ContractChange } from './compare.ts';

const headings: Readonly<Record<Level, string>> = {
  major: 'Breaks callers',
  minor: 'New',
  patch: 'Told or done otherwise',
};
const levels = ['major', 'minor', 'patch'] as const;

/** What happened to a contract, in a line: `orders.refund 1.4.0 → 2.0.0`. */
export const titleOf = ({ name, before, after }: ContractChange): string => {
  if (before === undefined) return `${name} ${after?.version} is new`;
  if (after === undefined) return `${name} ${before.version} is gone`;
  return before.version === after.version ? `${name} ${after.version}` : `${name} ${before.version} → ${after.version}`;
};

/** A changelog in Markdown. Deterministic: the same two catalogues give the same text. */
export const toChangelog = (found: readonly ContractChange[]): string => {
  const sections = found.map((one) => {
    const lists = levels.flatMap((level) => {
      const lines = one.changes.filter((change) => change.level === level).map(({ text }) => `- ${escaped(text)}`);
      return lines.length === 0 ? [] : [`${headings[level]}:\n\n${lines.join('\n')}`];
    });
    return [`## ${titleOf(one)}`, ...(one.refused === undefined ? [] : [`**${escaped(one.refused)}**`]), ...lists].join(
      '\n\n',
    );
  });
  return `# Changes of the contracts\n\n${sections.length === 0 ? 'None.' : sections.join('\n\n')}\n`;
};

/** What Markdown would read as its own in names and values. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|]/g, '\\$&');
