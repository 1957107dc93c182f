import { Command } from 'commander';
import type { Intent } from '../../intents/contract.ts';
import { isObject } from '../../intents/json.ts';
import type { Source } from '../../intents/source.ts';
import type { Change } from '../../intents/versions/change.ts';
import type { ContractChange } from '../../intents/versions/compare.ts';
import type { Contracts } from './diff-load.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';
import { writeOut } from './write-out.ts';

interface Options {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly save?: string;
}

/** `ostiary diff OLD [NEW]` */
export const diffCommand = (): Command =>
  new Command('diff')
    .summary('say what changed in the contracts, and whether their versions say so')
    .description(
      'Compares the contracts of two folders or files: says of every change whether it is major, minor or patch, refuses a ' +
        'version that promises more than is true, and prints a changelog. An input may only widen within a major, an output ' +
        'only narrow; what cannot be shown to do so is major.',
    )
    .argument('<old>', 'a folder with ostiary.yaml, a folder of contracts, or a file')
    .argument('[new]', 'the same as it is now')
    .option('--json', 'print {"ok", "contracts"}')
    .option('--markdown', 'print a changelog in Markdown')
    .option('--save <file>', 'write the contracts of OLD to one file, to be compared with later')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx ostiary diff examples/shop --save contracts.yaml\n  $ npx ostiary diff contracts.yaml examples/shop\n\nExit codes: 0 the versions are right, 1 one is not.',
    )
    .action(async (old: string, now: string | undefined, options: Options) => {
      if ((now === undefined) === (options.save === undefined))
        throw new CommandError('diff takes OLD and NEW; or OLD and --save FILE.', exit.usage);
      if (options.json && options.markdown) throw new CommandError('Either --json or --markdown.', exit.usage);
      // Loaded here, so that a command that only talks to a gateway does not wait for all of it.
      const { loadContracts, toOneFile } = await import('./diff-load.ts');
      const before = await loadContracts(old);
      if (now === undefined) return writeOut(toOneFile(before), options.save);
      const after = await loadContracts(now);
      const [{ compareCatalogues }, { titleOf, toChangelog }] = await Promise.all([
        import('../../intents/versions/compare.ts'),
        import('../../intents/versions/changelog.ts'),
      ]);
      const found = compareCatalogues(before.catalogue, after.catalogue);
      const refused = found.filter((one) => one.refused !== undefined);
      if (options.json)
        printJson({ ok: refused.length === 0, contracts: found.map((one) => plain(one, before, after)) });
      else if (options.markdown) process.stdout.write(toChangelog(found));
      else {
        for (const one of found) {
          print(paint('bold', titleOf(one)));
          for (const change of one.changes) print(`  ${painted(change.level)} ${change.text}`);
          const place = placeOf(one, before, after);
          if (one.refused !== undefined)
            print(`  ${paint('red', 'refused')} ${place.file}:${place.line}:${place.column} ${one.refused}`);
        }
        const counts = `${found.length} ${found.length === 1 ? 'contract' : 'contracts'} changed, ${refused.length} refused`;
        print(refused.length === 0 ? `${paint('green', '✔')} ${counts}` : `${paint('red', '✘')} ${counts}`);
      }
      if (refused.length > 0) process.exitCode = exit.failed;
    });

const painted = (level: Change['level']): string =>
  paint(level === 'major' ? 'red' : level === 'minor' ? 'yellow' : 'dim', level.padEnd(5));

const plain = (one: ContractChange, before: Contracts, after: Contracts) => ({
  name: one.name,
  before: one.before?.version,
  after: one.after?.version,
  level: one.level,
  ...placeOf(one, before, after),
  changes: one.changes.map(({ level, path, text }) => ({ level, path, text, line: lineOf(one, path, after) })),
  right: one.right,
  refused: one.refused,
});

/** Where its version stands; of what is gone, where it stood. */
const placeOf = ({ before, after }: ContractChange, old: Contracts, now: Contracts) => {
  const intent = (after ?? before) as Intent;
  const source = sourceOf(intent, after === undefined ? old : now);
  return source === undefined ? intent.source : { file: source.file, ...source.at(['version']) };
};

const lineOf = (
  { after }: ContractChange,
  [part = '', ...path]: readonly string[],
  now: Contracts,
): number | undefined =>
  after &&
  sourceOf(after, now)?.at([part, ...path.flatMap((name) => (name === '*' ? ['items'] : ['properties', name]))]).line;

const sourceOf = ({ name, version }: Intent, { sources }: Contracts): Source | undefined =>
  sources.find(({ value }) => isObject(value) && value.intent === name && value.version === version);
