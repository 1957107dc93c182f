import { CommandError, exit } from '../terminal.ts';
import { drawReport } from './draw-report.ts';
import { evaluate } from './evaluate.ts';
import { readLabelledFile } from './labelled-file.ts';
import { believeBehind, learnBuiltin } from './learner.ts';
import type { Ran, RunOptions } from './run.ts';
import { strongerTiers } from './stronger-tiers.ts';
import { trainingSet } from './training-set.ts';

/** `ostiary eval --train FILE --test FILE`: needs no set-up, unless a stronger tier is configured in one. */
export const runFiles = async (how: RunOptions, files: { train: string; test: string }): Promise<Ran> => {
  const train = trainingSet(readLabelledFile(files.train));
  if (train.texts.length === 0)
    throw new CommandError(
      `${files.train}:1 has only texts that are out of scope: there is no intent to learn.`,
      exit.usage,
    );
  const test = readLabelledFile(files.test);
  const stronger = await strongerTiers(how);
  try {
    const report = await evaluate({
      ...how,
      ...stronger.ports,
      train,
      test,
      learn: learnBuiltin,
      believe: believeBehind,
      signal: new AbortController().signal,
    });
    return { report: { ...report, files }, lines: drawReport(report) };
  } finally {
    how.progress.end();
    await stronger.close();
  }
};
