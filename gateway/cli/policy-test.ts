import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import type { Finding } from '../../intents/findings.ts';
import type { CaseResult } from '../../policies/cases.ts';
import { conclude, counted, plainFinding, printFinding, readSource, soundPolicies } from './policy-files.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

const more = `
Without FILES, every *.policy-test.yaml and policy-cases.yaml below the folder is run. The clock stands
still at the time that a file names. docs/policies.md says how cases and matrices are written.

Examples:
  $ npx ostiary policy test examples/shop
  $ npx ostiary policy test . policies/refunds.policy-test.yaml --coverage

Exit codes: 0 every case is as expected, 1 one is not (with --coverage also: a rule that no case fires),
2 a file is wrong, or there is none.`;

/** `ostiary policy test [DIR] [FILES…]` */
export const policyTestCommand = (): Command =>
  new Command('test')
    .summary('run the cases of policies')
    .description(
      'Decides every case of policy tests and says which are not as expected, and which rules no case fires.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .argument('[files...]', 'files of cases')
    .option('--coverage', 'a rule that no case fires fails as well')
    .option('--json', 'print {"ok", "cases", "failed", "rules", "unfired", "findings"}')
    .addHelpText('after', more)
    .action(async (dir: string, files: readonly string[], options: { coverage?: boolean; json?: boolean }) => {
      const { bundle, intents } = await soundPolicies(dir);
      const { runPolicyCases } = await import('../../policies/cases.ts');
      const found = files.length > 0 ? files : casesBelow(dir);
      if (found.length === 0)
        throw new CommandError(
          `There are no *.policy-test.yaml below ${dir}. docs/policies.md says how one is written.`,
          exit.usage,
        );
      const runs = found.map((file) => ({ file, ...runPolicyCases(readSource(file), bundle, intents) }));
      const results = runs.flatMap((run) => run.results);
      const findings = runs.flatMap((run) => run.findings);
      const failed = results.filter(({ difference }) => difference !== undefined);
      const fired = new Set(results.flatMap(({ decision }) => decision?.fired.map(({ id }) => id) ?? []));
      // What is merely revealed is no matter of a decision.
      const rules = bundle.rules.filter(({ kind }) => kind !== 'reveal');
      const unfired = rules.filter(({ id }) => !fired.has(id));
      const ok = failed.length + findings.length === 0 && (options.coverage !== true || unfired.length === 0);
      if (findings.length > 0) process.exitCode = exit.usage;
      else if (!ok) process.exitCode = exit.failed;
      if (options.json)
        return printJson({
          ok,
          cases: results.length,
          failed: failed.map(({ name, place, difference }) => ({ name, place, difference })),
          rules: rules.length,
          unfired: unfired.map(({ id, place }) => ({ rule: id, place })),
          findings: findings.map(plainFinding),
        });
      report(runs, unfired, options.coverage === true);
      const summary = [
        counted(results.length, 'case'),
        `${failed.length} failed`,
        `${rules.length - unfired.length} of ${counted(rules.length, 'rule')} fired`,
      ].join(', ');
      conclude(ok, summary);
      if (findings.length > 0) process.exitCode = exit.usage;
    });

const report = (
  runs: readonly { file: string; suite: string; results: readonly CaseResult[]; findings: readonly Finding[] }[],
  unfired: readonly { id: string; kind: string; place: string }[],
  strict: boolean,
): void => {
  for (const { file, suite, results, findings } of runs) {
    for (const finding of findings) print(printFinding(finding));
    const failed = results.filter(({ difference }) => difference !== undefined);
    if (findings.length === 0)
      print(
        `${failed.length === 0 ? paint('green', '✔') : paint('red', '✘')} ${suite} ${paint('dim', `${file}, ${counted(results.length, 'case')}`)}`,
      );
    for (const { name, place, difference } of failed) print(`  ${paint('bold', place)} ${name}: ${difference}`);
  }
  for (const { id, kind, place } of unfired)
    print(`${paint(strict ? 'red' : 'yellow', 'not fired')} ${kind} ${id} ${paint('dim', place)}`);
};

const isCases = (name: string): boolean => /(^|\.)policy-(test|cases)\.ya?ml$/.test(name);

const casesBelow = (dir: string): string[] => {
  const root = resolve(dir);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && isCases(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(process.cwd(), join(entry.parentPath, entry.name)))
    .sort();
};
