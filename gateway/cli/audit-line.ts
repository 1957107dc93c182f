import type { StoredEntry } from '../../policies/ports.ts';
import { paint } from './terminal.ts';

/** An entry as one JSON object. */
export const auditJson = ({ sequence, hash, body }: StoredEntry): string =>
  JSON.stringify({ sequence, hash, entry: JSON.parse(body) });

/** An entry as one line for a person: number, time, outcome, who, what. */
export const auditLine = ({ sequence, body }: StoredEntry): string => {
  const entry = JSON.parse(body) as Record<string, unknown> & { principal?: { id: string } };
  const kind = String(entry.kind);
  const outcome = kind === 'outcome' ? String(entry.outcome) : kind;
  const colour =
    kind === 'ahead'
      ? 'cyan'
      : outcome === 'completed'
        ? 'green'
        : ['failed', 'denied', 'unknown'].includes(outcome)
          ? 'red'
          : 'yellow';
  return [
    paint('dim', String(sequence).padStart(6)),
    paint('dim', String(entry.at)),
    paint(colour, outcome.padEnd(12)),
    who(entry).padEnd(12),
    // What a caller wrote must not steer the terminal of whoever reads the log.
    about(entry).replaceAll(/\p{C}/gu, '\uFFFD'),
    entry.code === undefined ? '' : paint('dim', String(entry.code)),
  ].join('  ');
};

const who = (entry: Record<string, unknown> & { principal?: { id: string } }): string =>
  String(entry.principal?.id ?? (entry.kind === 'reputation' ? (entry.who as string[]).at(-1) : '-'));

const about = (entry: Record<string, unknown>): string => {
  switch (entry.kind) {
    case 'reputation':
      return `${String(entry.effect)}: ${String(entry.from)} to ${String(entry.to)}`;
    case 'settled':
      return `${String(entry.intent)}: ${String(entry.outcome)}, by ${String(entry.by)}`;
    case 'retry':
      return `sent again: ${String(entry.request)}`;
    case 'checkpoint':
    case 'cut':
      return `signed by ${String(entry.key)}`;
    default:
      // What is asked of tokens has no intent.
      return String(entry.intent ?? entry.words ?? entry.name ?? /^token .*/.exec(String(entry.asked))?.[0] ?? '');
  }
};
