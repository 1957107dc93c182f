import { resolve as resolvePath } from 'node:path';
import type { Catalogue } from '../../../intents/catalogue.ts';
import type { Config } from '../../config-document.ts';
import type { Setup } from '../../setup.ts';
import { setupOrExplain } from '../check.ts';
import { CommandError, exit } from '../terminal.ts';
import { callersOf } from './callers.ts';
import { catalogueTiers, examplesOf, withExamples } from './catalogue-tiers.ts';
import { heldOut } from './cross-validate.ts';
import { drawReport } from './draw-report.ts';
import { evaluateTiers, reportOn } from './evaluate.ts';
import { percent, shown } from './format.ts';
import { readLabelledFile } from './labelled-file.ts';
import type { Ran, RunOptions } from './run.ts';
import { strongerTiers } from './stronger-tiers.ts';
import { trainingSet } from './training-set.ts';
import { readUtterances, type UtteranceCase, utteranceFiles } from './utterance-cases.ts';
import { judgeVerdicts, type VerdictReport } from './verdicts.ts';

/**
 * `ostiary eval DIR`: the tiers alone, learned from the examples of the catalogue, and the whole resolver with its lines,
 * slots and policies, on the utterances of the set-up. Without utterances, each example is held out in turn.
 */
export const runCatalogue = async (how: RunOptions, test: string | undefined): Promise<Ran> => {
  const setup = await setupOrExplain(how.dir, process.env);
  if (setup.catalogue.intents.length === 0) throw new CommandError(`${how.dir} has no intents to measure.`);
  const lines = test !== undefined && !/\.ya?ml$/.test(test) ? readLabelledFile(test) : undefined;
  const files = test === undefined ? utteranceFiles(setup.folder) : [test];
  if (lines === undefined && (how.crossValidate || files.length === 0)) return runFolds(how, setup, files.length === 0);
  const cases = lines === undefined ? await readUtterances(test === undefined ? setup.folder : '.', files) : [];
  const stronger = await strongerTiers(how);
  try {
    how.progress.stage('learning from the examples …');
    const built = await catalogueTiers(setup, how, stronger.ports.encoder);
    const tested = lines ?? cases.flatMap(labelled);
    const report = await evaluateTiers(built, { ...how, train: exampleSet(setup.catalogue), test: tested });
    const verdicts = cases.length === 0 ? undefined : await resolved(how, setup, cases);
    return {
      report: { ...report, ...(verdicts && { ...verdicts.figures, resolver: verdicts.report }) },
      lines: [...drawReport(report), ...(verdicts === undefined ? [] : drawVerdicts(verdicts))],
    };
  } finally {
    how.progress.end();
    await stronger.close();
  }
};

const exampleSet = (catalogue: Catalogue) =>
  trainingSet(examplesOf(catalogue).map(({ text, label }) => ({ text, intent: label })));

/** A case that a policy makes out of scope for its caller says nothing about the words. */
const labelled = ({ say, intent, outcome }: UtteranceCase, index: number, all: readonly UtteranceCase[]) => {
  if (intent === undefined) return [];
  const meant = all.some((other) => other.say === say && other.intent != null);
  return intent === null && (meant || outcome === 'clarify') ? [] : [{ text: say, intent, line: index + 1 }];
};

const runFolds = async (how: RunOptions, setup: Setup, noUtterances: boolean): Promise<Ran> => {
  const said = noUtterances
    ? `${how.dir} has no utterances.yaml, so each example is held out in turn and understood by what the others teach.`
    : 'Each example is held out in turn and understood by what the others teach.';
  const { catalogue } = setup;
  const learn = (places: readonly number[]) => {
    const kept = new Set(places);
    return catalogueTiers({ ...setup, catalogue: withExamples(catalogue, (place) => kept.has(place)) }, how);
  };
  try {
    const { judged, built } = await heldOut(examplesOf(catalogue), learn, how);
    const test = judged.map(({ text, expected }, index) => ({ text, intent: expected, line: index + 1 }));
    const report = reportOn(judged, built, {
      train: exampleSet(catalogue),
      test,
      refuses: false,
      examples: how.examples,
    });
    return { report: { ...report, cross_validated: true }, lines: [said, ...drawReport(report)] };
  } finally {
    how.progress.end();
  }
};

const resolved = async (how: RunOptions, setup: Setup, cases: readonly UtteranceCase[]) => {
  const { resolverOf } = await import('../../wire.ts');
  const caller = callersOf(setup.config);
  how.progress.stage('resolving', cases.length);
  const { resolver, close } = await resolverOf({ ...setup, config: onlyTiers(setup.config, how) });
  try {
    return await judgeVerdicts(cases, {
      resolver,
      library: setup.catalogue.library,
      tenant: setup.config.tenant,
      visible: (name) => {
        const principal = caller(name);
        return (intent) => setup.bundle.visibility(principal, intent) !== 'hidden';
      },
      micros: how.micros,
      done: (count) => how.progress.to(count),
    });
  } catch (error) {
    if (!(error instanceof CommandError) && /^There is no caller/.test((error as Error).message))
      throw new CommandError((error as Error).message, exit.usage);
    throw error;
  } finally {
    await close();
  }
};

/** No model and no encoder is asked that the command did not name: either may cost money. */
const onlyTiers = (config: Config, { tiers, encoderFolder }: RunOptions): Config => {
  const { encoder, ...resolve } = config.resolve;
  const named =
    encoderFolder === undefined
      ? encoder
      : {
          prefix: '',
          ...(encoder?.kind === 'onnx' && encoder),
          kind: 'onnx' as const,
          folder: resolvePath(encoderFolder),
        };
  return {
    ...config,
    models: tiers.includes('model') ? config.models : [],
    resolve: { ...resolve, ...(tiers.includes('encoder') && named !== undefined && { encoder: named }) },
  };
};

const drawVerdicts = ({ figures, report }: VerdictReport): string[] => [
  '',
  `The whole resolver, with its lines, slots and policies: ${percent(figures.resolver_accuracy)} of ${report.cases} cases come out as they should; ${figures.resolver_wrong_runs === 0 ? 'nothing' : figures.resolver_wrong_runs} would run that should not.`,
  `  right intent ${percent(figures.resolver_intent_accuracy)}, right values ${percent(figures.resolver_input_accuracy)}`,
  ...report.wrong.map(
    ({ say, as, wanted, got }) => `  "${shown(say)}" (${as}): should be ${shown(wanted)}; is ${shown(got)}`,
  ),
];
