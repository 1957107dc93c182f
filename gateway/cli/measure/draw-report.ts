import type { Difference } from '../../../intents/resolve/measure/compare.ts';
import type { ConfusionTable } from '../../../intents/resolve/measure/confusion.ts';
import type { Missed } from '../../../intents/resolve/measure/floors.ts';
import { wantsAtMost } from '../../../intents/resolve/measure/floors.ts';
import { paint } from '../terminal.ts';
import type { EvalReport } from './evaluate.ts';
import { decimal, duration, percent, shown, table } from './format.ts';

/** A report in words, the figures first, then what to do about them. */
export const drawReport = (report: EvalReport): string[] => [
  ...introduction(report),
  '',
  ...figures(report).map((line) => `  ${line}`),
  ...tiers(report),
  ...reliability(report),
  ...confused(report),
  ...confusionGrid(report.confusion_table),
  ...weakest(report),
  ...mistakes(report),
];

const introduction = (report: EvalReport): string[] => {
  const { learned_from: from, calibration, refusal, unknown_labels: unknown } = report;
  const line =
    refusal.scope_line === null
      ? 'the line of its effect from which the gateway asks, set by target on held-out examples'
      : `${decimal(refusal.scope_line)}, the line that keeps 95 % of good requests, set on held-out examples`;
  const lines = [
    `Learned from ${from.texts} texts of ${from.intents} intents in ${duration(report.train_ms * 1_000)}${
      calibration === null
        ? ''
        : ` (${fitted(calibration.fitted)}; held out: accuracy ${percent(calibration.accuracy)}, calibration error ${decimal(calibration.ece)})`
    }.`,
    `Tested on ${report.texts} texts: ${report.in_scope} in scope, ${report.out_of_scope} out of scope.`,
  ];
  if (from.out_of_scope > 0)
    lines.push(
      `${counted(from.out_of_scope, 'text')} to learn from out of scope: left out, for what is meant is all that is learned from.`,
    );
  if (from.repeated > 0)
    lines.push(`Passed over, because another says the same: ${counted(from.repeated, 'line')} to learn from.`);
  if (from.contradictory > 0)
    lines.push(
      warn(
        `Under more than one intent: ${counted(from.contradictory, 'text')} to learn from. "ostiary suggest" finds such.`,
      ),
    );
  if (unknown.length > 0)
    lines.push(
      warn(
        `${counted(
          unknown.reduce((sum, { texts }) => sum + texts, 0),
          'text',
        )} of an intent that no example has, so wrong whatever is answered: ${unknown
          .slice(0, 5)
          .map(({ label }) => shown(label, 40))
          .join(', ')}${unknown.length > 5 ? ', …' : ''}.`,
      ),
    );
  lines.push(
    refusal.counted
      ? `Out of scope is what scores under ${line}.`
      : `Nothing is refused in these figures. In use ${percent(refusal.in_scope_under)} of what is in scope would be, for it scores under ${line}. --refuse always counts that.`,
  );
  return lines;
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const warn = (text: string): string => `${paint('yellow', '!')} ${text}`;
const fitted = (how: string): string =>
  how === 'shipped' ? 'too few to calibrate: defaults stand' : 'cross-validated';

const figures = (report: EvalReport): string[] =>
  table([
    ['accuracy', percent(report.accuracy), 'of all texts'],
    [
      'in scope',
      percent(report.in_scope_accuracy),
      `refusing nothing ${percent(report.in_scope_accuracy_unrefused)}; among the best five ${percent(report.in_scope_top5)}`,
    ],
    [
      'out of scope',
      percent(report.oos_recall),
      report.out_of_scope === 0 ? 'there is none in the test' : `found; AUROC ${decimal(report.oos_auroc)}`,
    ],
    ['calibration error', decimal(report.ece), `in scope; of all that is answered ${decimal(report.ece_all)}`],
    [
      'sure of',
      percent(report.coverage_at_99_precision),
      `of texts in scope with 99 % right; ${percent(report.coverage_at_97_precision)} with 97 %`,
    ],
    ['time', duration(report.p50_us), `a text, half of them; 99 in 100 within ${duration(report.p99_us)}`],
  ]);

const heading = (text: string): string[] => ['', paint('bold', text)];

const tiers = ({ tiers: all }: EvalReport): string[] =>
  all.length < 2
    ? []
    : [
        ...heading('Tiers'),
        ...table(
          [
            ['  tier', 'answers', 'accuracy', 'calibration error'],
            ...all.map(({ tier, share, accuracy, ece }) => [
              `  ${tier}`,
              percent(share),
              percent(accuracy),
              decimal(ece),
            ]),
          ],
          [1, 2, 3],
        ),
      ];

const reliability = ({ reliability: bins, lines }: EvalReport): string[] =>
  bins.length === 0
    ? []
    : [
        ...heading('What is said, and what is so'),
        ...table(
          [
            ['  confidence', 'texts', 'right'],
            ...bins.map(({ from, to, count, accuracy }) => [
              `  ${from.toFixed(2)} to ${to.toFixed(2)}`,
              String(count),
              percent(accuracy),
            ]),
          ],
          [1, 2],
        ),
        ...lines
          .filter(({ confidence }, at) => confidence !== null && lines[at + 1]?.confidence !== confidence)
          .map(
            ({ target_precision: target, confidence, coverage, precision }) =>
              `  Sure from ${decimal(confidence)} on, to be right in ${Math.round(target * 100)} %: answers ${percent(coverage)}, right ${percent(precision)}.`,
          ),
      ];

const confused = ({ confusions }: EvalReport): string[] =>
  confusions.length === 0
    ? []
    : [
        ...heading('Taken for one another'),
        ...table(
          [
            ['  meant', 'answered', 'texts', ''],
            ...confusions.map(({ expected, answer, count, share }) => [
              `  ${named(expected)}`,
              answer === null ? '(refused)' : named(answer),
              String(count),
              percent(share),
            ]),
          ],
          [2, 3],
        ),
      ];

const confusionGrid = ({ columns, rows }: ConfusionTable): string[] => {
  if (columns.length === 0) return [];
  const letters = columns.map((_label, at) => String.fromCodePoint(97 + at));
  return [
    ...heading('Confusion table (rows: meant; columns: answered)'),
    ...table(
      [
        ['', '', ...letters, 'refused', 'other'],
        ...rows.map(({ label, counts, refused, others }, at) => [
          `  ${letters[at] ?? ' '}`,
          named(label),
          ...counts.map((count) => (count === 0 ? '·' : String(count))),
          refused === 0 ? '·' : String(refused),
          others === 0 ? '·' : String(others),
        ]),
      ],
      letters.map((_letter, at) => at + 2).concat(letters.length + 2, letters.length + 3),
    ),
  ];
};

const weakest = ({ worst_labels: labels }: EvalReport): string[] => {
  const weak = labels.filter(({ recall, precision }) => recall < 1 || precision < 1);
  return weak.length === 0
    ? []
    : [
        ...heading('Weakest intents'),
        ...table(
          [
            ['  intent', 'texts', 'found', 'right when answered'],
            ...weak.map(({ label, count, recall, precision }) => [
              `  ${named(label)}`,
              String(count),
              percent(recall),
              percent(precision),
            ]),
          ],
          [1, 2, 3],
        ),
      ];
};

const mistakes = ({ worst }: EvalReport): string[] =>
  worst.length === 0
    ? []
    : [
        ...heading('Worst examples'),
        ...worst.map(({ text, expected, answer, confidence, scope }) =>
          answer === null
            ? `  "${shown(text)}" means ${named(expected)}; refused ${paint('dim', `(scope ${decimal(scope, 2)})`)}`
            : `  "${shown(text)}" ${expected === null ? 'is out of scope' : `means ${named(expected)}`}; answered ${named(answer)} ${paint('dim', `(${decimal(confidence, 2)})`)}`,
        ),
      ];

const named = (label: string | null): string => (label === null ? '(out of scope)' : shown(label, 40));

const marks = { better: ['▲', 'green'], worse: ['▼', 'red'], same: [' ', 'dim'] } as const;

/** Only what differs: a run is compared to see what has changed. */
export const drawDifferences = (differences: readonly Difference[], file: string): string[] => {
  const changed = differences.filter(({ verdict }) => verdict !== 'same');
  if (changed.length === 0) return ['', `Nothing differs from ${file}.`];
  return [
    ...heading(`Compared with ${file}`),
    ...table(
      changed.map(({ figure, before, now, verdict }) => [`  ${marks[verdict][0]} ${figure}`, ...told(before, now)]),
      [1, 3],
    ).map((line, at) => paint(marks[changed[at]?.verdict ?? 'same'][1], line)),
  ];
};

/** Both with the same decimals, so that they can be compared at a glance. */
const told = (before: number, now: number): string[] => {
  const whole = Number.isInteger(before) && Number.isInteger(now);
  const [first, second] = [before, now].map((value) => (whole ? String(value) : fixed(value)));
  return [first ?? '', '→', second ?? ''];
};
const fixed = (value: number): string => value.toFixed(Math.abs(value) < 10 ? 4 : 1);
const number = (value: number): string => (Number.isInteger(value) ? String(value) : fixed(value));

export const drawMissed = ({ figure, limit, value }: Missed): string =>
  value === null
    ? `${figure} could not be taken, and had to be ${limit} or ${wantsAtMost(figure) ? 'less' : 'more'}`
    : `${figure} is ${number(value)}, and had to be ${limit} or ${wantsAtMost(figure) ? 'less' : 'more'}`;
