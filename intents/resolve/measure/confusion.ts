import type { Judged } from './judged.ts';

/** Texts that mean one thing and were answered with another. */
export interface Confusion {
  /** null: out of scope. */
  readonly expected: string | null;
  /** null: refused. */
  readonly answer: string | null;
  readonly count: number;
  /** Share of the texts that mean `expected`. */
  readonly share: number;
}

/** How one label fares. */
export interface LabelFigures {
  readonly label: string;
  readonly count: number;
  /** Share of the texts that mean it that were answered with it. */
  readonly recall: number;
  /** Share of the texts answered with it that mean it; 1 where there are none. */
  readonly precision: number;
}

type Verdict = Pick<Judged, 'expected' | 'answer'>;

/** @returns the most frequent first, then by name */
export const confusions = (judged: readonly Verdict[]): Confusion[] => {
  const totals = new Map<string | null, number>();
  const wrong = new Map<string | null, Map<string | null, number>>();
  for (const { expected, answer } of judged) {
    totals.set(expected, (totals.get(expected) ?? 0) + 1);
    if (expected === answer) continue;
    const answers = wrong.get(expected) ?? new Map<string | null, number>();
    wrong.set(expected, answers.set(answer, (answers.get(answer) ?? 0) + 1));
  }
  return [...wrong]
    .flatMap(([expected, answers]) =>
      [...answers].map(([answer, count]) => ({ expected, answer, count, share: count / (totals.get(expected) ?? 1) })),
    )
    .sort((a, b) => b.count - a.count || byName(a.expected, b.expected) || byName(a.answer, b.answer));
};

/** @returns the label that fares worst first */
export const labelFigures = (judged: readonly Verdict[]): LabelFigures[] => {
  const labels = new Map<string, { meant: number; answered: number; right: number }>();
  const of = (label: string) => {
    const found = labels.get(label) ?? { meant: 0, answered: 0, right: 0 };
    labels.set(label, found);
    return found;
  };
  for (const { expected, answer } of judged) {
    if (expected !== null) of(expected).meant++;
    if (answer !== null) of(answer).answered++;
    if (expected !== null && expected === answer) of(expected).right++;
  }
  return [...labels]
    .filter(([, { meant }]) => meant > 0)
    .map(([label, { meant, answered, right }]) => ({
      label,
      count: meant,
      recall: right / meant,
      precision: answered === 0 ? 1 : right / answered,
    }))
    .sort((a, b) => a.recall - b.recall || a.precision - b.precision || byName(a.label, b.label));
};

/** Counts of who was taken for whom, for the labels that are confused most. */
export interface ConfusionTable {
  /** What was answered, for each count of a row. */
  readonly columns: readonly string[];
  /** One per column, and a last one, null, where texts are out of scope. */
  readonly rows: readonly {
    readonly label: string | null;
    readonly counts: readonly number[];
    readonly refused: number;
    /** Answered with what has no column. */
    readonly others: number;
  }[];
}

/** @param limit at most so many rows */
export const confusionTable = (judged: readonly Verdict[], limit: number): ConfusionTable => {
  const chosen = new Set<string>();
  for (const { expected, answer } of confusions(judged)) {
    const added = [expected, answer].filter((label) => label !== null && !chosen.has(label)) as string[];
    if (chosen.size + added.length > limit) break;
    for (const label of added) chosen.add(label);
  }
  const outside = judged.some(({ expected }) => expected === null) ? [null] : [];
  const columns = [...chosen].sort();
  const rows = [...columns, ...outside].map((label) => {
    const answers = judged.filter(({ expected }) => expected === label).map(({ answer }) => answer);
    const counts = columns.map((name) => answers.filter((answer) => answer === name).length);
    const refused = answers.filter((answer) => answer === null).length;
    return { label, counts, refused, others: answers.length - refused - counts.reduce((sum, count) => sum + count, 0) };
  });
  return { columns, rows };
};

const byName = (a: string | null, b: string | null): number => (a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1);
