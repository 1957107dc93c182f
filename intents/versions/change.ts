/** What a change means for whoever calls: `major` breaks some, `minor` adds, `patch` is only told or done otherwise. */
export type Level = 'major' | 'minor' | 'patch';

/** One thing that a contract says otherwise than before. */
export interface Change {
  readonly level: Level;
  /** Where in the contract document: `['input', 'order_id']`, with `*` for what is in a list. */
  readonly path: readonly string[];
  /** What is otherwise, as a sentence without its full stop. */
  readonly text: string;
}

const rank: Readonly<Record<Level, number>> = { patch: 1, minor: 2, major: 3 };

/** The weightiest of some changes; undefined where there are none. */
export const weightiest = (changes: readonly { readonly level: Level }[]): Level | undefined =>
  changes.reduce<Level | undefined>(
    (most, { level }) => (most === undefined || rank[level] > rank[most] ? level : most),
    undefined,
  );

const numbers = (version: string): readonly [number, number, number] => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
};

/** The least version that says what changed. Source: Semantic Versioning 2.0.0, items 6 to 8, for major 0 as well. */
export const rightVersion = (before: string, level: Level | undefined): string => {
  const [major, minor, patch] = numbers(before);
  if (level === 'major') return `${major + 1}.0.0`;
  if (level === 'minor') return `${major}.${minor + 1}.0`;
  return level === 'patch' ? `${major}.${minor}.${patch + 1}` : before;
};

/** Whether a version is at least another. */
export const isAtLeast = (version: string, other: string): boolean => {
  const [a, b] = [numbers(version), numbers(other)];
  const place = a.findIndex((one, index) => one !== b[index]);
  return place === -1 || (a[place] as number) > (b[place] as number);
};
