import { Command } from 'commander';
import type { Finding } from '../../intents/findings.ts';
import type { Loaded } from '../setup.ts';
import { CommandError, exit, paint, paintError, print, printError, printJson } from './terminal.ts';

/** `ostiary check [DIR]` */
export const checkCommand = (): Command =>
  new Command('check')
    .summary('check every file of a set-up, without connecting anywhere')
    .description(
      'Loads ostiary.yaml of a folder and all it names: intents, ontology, policies, bindings. Says everything that is wrong at once, with file, line and a suggestion. Connects nowhere.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--json', 'print {"ok", "intents", "policies", "errors", "warnings"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary check examples/shop\n\nExit codes: 0 all is well (warnings included), 1 errors.',
    )
    .action(async (dir: string, options: { json?: boolean }) => {
      const { ok, counts, errors, warnings } = await check(dir);
      if (options.json) printJson({ ok, ...counts, errors: errors.map(plain), warnings: warnings.map(plain) });
      else {
        for (const finding of [...errors, ...warnings]) print(line(finding, paint));
        const summary = [
          counted(counts.intents, 'intent'),
          counted(counts.policies, 'policy rule'),
          counted(errors.length, 'error'),
          counted(warnings.length, 'warning'),
        ].join(', ');
        print(ok ? `${paint('green', '✔')} ${summary}` : `${paint('red', '✘')} ${summary}`);
      }
      if (!ok) process.exitCode = exit.failed;
    });

const check = async (dir: string, env: Readonly<Record<string, string | undefined>> = process.env) => {
  // Loaded here, so that a command that only talks to a gateway does not wait for all of one.
  const [{ loadSetup }, { checkBindings, tokensOf }, { tokenFindings }] = await Promise.all([
    import('../setup.ts'),
    import('../wire.ts'),
    import('../tokens.ts'),
  ]);
  const { setup, findings, counts } = await loadSetup(dir, env);
  const all =
    setup === undefined
      ? findings
      : [...findings, ...(await tokenFindings(tokensOf(setup), setup.folder)), ...(await checkBindings(setup))];
  const of = (wanted: Finding['severity']) => all.filter(({ severity }) => severity === wanted);
  const errors = of('error');
  return { ok: errors.length === 0, setup, counts, errors, warnings: of('warning') };
};

/** A set-up that is whole. @throws CommandError after printing everything that is wrong */
export const setupOrExplain = async (
  dir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<NonNullable<Loaded['setup']>> => {
  const { setup, errors } = await check(dir, env);
  for (const finding of errors) printError(line(finding, paintError));
  if (setup === undefined || errors.length > 0)
    throw new CommandError(
      `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in ${dir}; nothing was started.`,
    );
  return setup;
};

const plain = ({ file, line: at, column, code, message }: Finding) => ({ file, line: at, column, code, message });

const line = ({ severity, file, line: at, column, code, message }: Finding, on: typeof paint): string =>
  `${on('bold', `${file}:${at}:${column}`)} ${on(severity === 'error' ? 'red' : 'yellow', severity)} ${message} ${on('dim', code)}`;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
