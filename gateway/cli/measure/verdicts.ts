import { isDeepStrictEqual } from 'node:util';
import type { Intent } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import { share } from '../../../intents/resolve/measure/judged.ts';
import { quantile } from '../../../intents/resolve/measure/quantile.ts';
import type { Resolver } from '../../../intents/resolve/resolve.ts';
import type { Resolution } from '../../../intents/resolve/types.ts';
import type { SchemaLibrary } from '../../../intents/schema-library.ts';
import { compileInput } from '../../../intents/validate.ts';
import type { UtteranceCase } from './utterance-cases.ts';

export interface VerdictOptions {
  readonly resolver: Resolver;
  readonly library: SchemaLibrary;
  /** What a caller may know of. @throws Error for a caller there is not */
  readonly visible: (caller: string) => (intent: Intent) => boolean;
  /** Whose budget a language model is asked on. */
  readonly tenant: string;
  readonly micros: () => number;
  readonly done: (count: number) => void;
}
export type VerdictReport = Awaited<ReturnType<typeof judgeVerdicts>>;

interface Verdict {
  readonly outcome: string;
  readonly intent: string | null;
  readonly input: Input;
}

/** Puts every case through the whole resolver, as its caller, and holds what comes out against what should. */
export const judgeVerdicts = async (
  cases: readonly UtteranceCase[],
  { resolver, library, visible, tenant, micros, done }: VerdictOptions,
) => {
  const rows: { one: UtteranceCase; verdict: Verdict; micros: number }[] = [];
  for (const one of cases) {
    const context = { now: one.now, visible: visible(one.as), signal: AbortSignal.timeout(60_000), tenant };
    const start = micros();
    const resolution = await resolver.resolve(one.say, context);
    rows.push({ one, micros: micros() - start, verdict: verdictOf(resolution, library) });
    done(rows.length);
  }
  const named = rows.filter(({ one }) => one.intent !== undefined && one.outcome !== 'not_run');
  const read = rows.filter(({ one }) => one.input !== undefined);
  const times = rows.map((row) => row.micros);
  return {
    figures: {
      /** Outcome, intent and values. */
      resolver_accuracy: share(rows, ({ one, verdict }) => isAsWanted(one, verdict)) ?? null,
      resolver_intent_accuracy: share(named, ({ one, verdict }) => verdict.intent === one.intent) ?? null,
      resolver_input_accuracy: share(read, ({ one, verdict }) => isDeepStrictEqual(verdict.input, one.input)) ?? null,
      /** Would be carried out although it should not, or as something else than it should. */
      resolver_wrong_runs: rows.filter(({ one, verdict }) => runsWrongly(one, verdict)).length,
      resolver_p50_us: quantile(times, 0.5) ?? null,
      resolver_p99_us: quantile(times, 0.99) ?? null,
    },
    report: {
      cases: rows.length,
      wrong: rows
        .filter(({ one, verdict }) => !isAsWanted(one, verdict))
        .map(({ one, verdict }) => ({ say: one.say, as: one.as, wanted: wantedOf(one), got: told(verdict) })),
    },
  };
};

/** What the words come to before any policy decides: a proposal that lacks nothing, a question back, or nothing. */
const verdictOf = (resolution: Resolution, library: SchemaLibrary): Verdict => {
  switch (resolution.kind) {
    case 'proposal': {
      const { intent, input } = resolution.proposal;
      const { missing, wrong } = compileInput(intent, library)(input);
      return { outcome: missing.length + wrong.length > 0 ? 'clarify' : 'proposal', intent: intent.name, input };
    }
    case 'ask': {
      const { best, candidates } = resolution;
      return { outcome: 'clarify', intent: (best ?? candidates[0])?.intent.name ?? null, input: best?.input ?? {} };
    }
    case 'out-of-scope':
      return { outcome: 'out_of_scope', intent: null, input: {} };
    default:
      // Several requests in one text are asked back part by part.
      return { outcome: 'clarify', intent: null, input: {} };
  }
};

const outcomeOf = ({ intent, outcome }: UtteranceCase): string =>
  outcome ?? (intent === null ? 'out_of_scope' : 'proposal');

const isAsWanted = (one: UtteranceCase, { outcome, intent, input }: Verdict): boolean =>
  one.outcome === 'not_run'
    ? outcome !== 'proposal'
    : outcome === outcomeOf(one) &&
      (one.intent === undefined || intent === one.intent) &&
      (one.input === undefined || isDeepStrictEqual(input, one.input));

const runsWrongly = (one: UtteranceCase, { outcome, intent }: Verdict): boolean =>
  outcome === 'proposal' && (outcomeOf(one) !== 'proposal' || (one.intent !== undefined && intent !== one.intent));

const told = ({ outcome, intent, input }: Verdict): string =>
  [outcome, intent ?? '', Object.keys(input).length > 0 ? JSON.stringify(input) : ''].filter(Boolean).join(' ');
const wantedOf = (one: UtteranceCase): string =>
  [outcomeOf(one), one.intent ?? '', one.input && Object.keys(one.input).length > 0 ? JSON.stringify(one.input) : '']
    .filter(Boolean)
    .join(' ');
