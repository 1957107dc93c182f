import type { Catalogue } from '../catalogue.ts';
import type { Intent } from '../contract.ts';
import { type Change, isAtLeast, type Level, rightVersion, weightiest } from './change.ts';
import { compareContracts } from './compare-contract.ts';

/** What became of one contract. */
export interface ContractChange {
  /** `orders.refund` */
  readonly name: string;
  /** Undefined where it is new. */
  readonly before: Intent | undefined;
  /** Undefined where it is gone. */
  readonly after: Intent | undefined;
  readonly level: Level | undefined;
  readonly changes: readonly Change[];
  /** The least version that would be right, where the one it has is wrong. */
  readonly right?: string;
  /** Why it is refused, as a sentence. */
  readonly refused?: string;
}

/**
 * Compares all contracts of two catalogues, sorted by name and version. A major is held against the same major; a new
 * one against the newest there was before. What nothing changed in is left out.
 */
export const compareCatalogues = (before: Catalogue, after: Catalogue): readonly ContractChange[] => {
  const [old, now] = [all(before), all(after)];
  const found: ContractChange[] = [];
  for (const intent of now) {
    const same = old.find(({ id }) => id === intent.id);
    const earlier = old.findLast(({ name, major }) => name === intent.name && major < intent.major);
    const against = same ?? earlier;
    if (against === undefined) {
      found.push({ name: intent.name, before: undefined, after: intent, level: 'minor', changes: [] });
      continue;
    }
    const changes = compareContracts({ intent: against, library: before.library }, { intent, library: after.library });
    if (changes.length > 0 || against.version !== intent.version) found.push(judge(against, intent, changes));
  }
  for (const intent of old) {
    if (now.some(({ id }) => id === intent.id)) continue;
    const replaced = now.some(({ name, major }) => name === intent.name && major > intent.major);
    found.push({
      name: intent.name,
      before: intent,
      after: undefined,
      level: 'major',
      changes: [],
      ...(!replaced && { refused: `${intent.id} is gone, and nothing stands in for it: whoever calls it is refused.` }),
    });
  }
  return found.sort((a, b) => order(a).localeCompare(order(b), 'en', { numeric: true }));
};

const all = ({ intents, disabled }: Catalogue): readonly Intent[] =>
  [...intents, ...disabled].sort((a, b) => (a.name === b.name ? a.major - b.major : a.name < b.name ? -1 : 1));

const order = ({ name, before, after }: ContractChange): string => `${name} ${(after ?? before)?.version}`;

const judge = (before: Intent, after: Intent, changes: readonly Change[]): ContractChange => {
  const level = weightiest(changes);
  const right = rightVersion(before.version, level);
  const whole = { name: after.name, before, after, level, changes };
  if (isAtLeast(after.version, right)) return whole;
  const why =
    level === undefined || !isAtLeast(after.version, before.version)
      ? `${after.name} went from ${before.version} back to ${after.version}`
      : `${after.name} changed by a ${level} from ${before.version}, and says it is ${after.version}`;
  return { ...whole, right, refused: `${why}: ${right} would be right.` };
};
