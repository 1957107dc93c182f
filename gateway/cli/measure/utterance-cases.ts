import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { zodFindings } from '../../../intents/source.ts';
import { type Utterances, utterancesDocument } from '../../../intents/utterances.ts';
import { readFiles } from '../../files.ts';
import { CommandError, exit } from '../terminal.ts';

export type UtteranceCase = Utterances['cases'][number] & { readonly as: string; readonly now: Date };

/** Files of a set-up whose name says that they hold utterances. */
export const utteranceFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /(?:^|\.)utterances\.(?:ya?ml|json)$/.test(name))
        .sort()
    : [];

/** @throws CommandError that says everything that is wrong, as `file:line message` */
export const readUtterances = async (folder: string, files: readonly string[]): Promise<UtteranceCase[]> => {
  const { sources, findings } = await readFiles(folder, files);
  const cases: UtteranceCase[] = [];
  for (const source of sources) {
    const parsed = utterancesDocument.safeParse(source.value);
    if (!parsed.success) findings.push(...zodFindings(parsed.error, source, 'utterances'));
    else
      cases.push(
        ...parsed.data.cases.map((one) => ({ ...one, as: one.as ?? parsed.data.as, now: new Date(parsed.data.now) })),
      );
  }
  if (findings.length > 0)
    throw new CommandError(
      findings.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'),
      exit.usage,
    );
  if (cases.length === 0)
    throw new CommandError(`${files.map((file) => join(folder, file)).join(', ')}: no cases.`, exit.usage);
  return cases;
};
