import { Command } from 'commander';
import { conclude, counted, loadForPolicies, plainFinding, printFinding } from './policy-files.ts';
import { exit, print, printJson } from './terminal.ts';

/** `ostiary policy check [DIR]` */
export const policyCheckCommand = (): Command =>
  new Command('check')
    .summary('check the policies of a set-up')
    .description(
      'Loads the policies of a set-up against its intents and says everything that is wrong or doubtful at once: ' +
        'operators that do not fit a type, names of nothing, rules that can never hold, an allow that a deny refuses whole.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--strict', 'a warning fails as well')
    .option('--json', 'print {"ok", "rules", "hash", "errors", "warnings"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary policy check examples/shop --strict\n\nExit codes: 0 all is well, 1 errors (with --strict also warnings), 2 the set-up cannot be read.',
    )
    .action(async (dir: string, options: { strict?: boolean; json?: boolean }) => {
      const { bundle, findings } = await loadForPolicies(dir);
      const of = (wanted: 'error' | 'warning') => findings.filter(({ severity }) => severity === wanted);
      const [errors, warnings] = [of('error'), of('warning')];
      const ok = bundle !== undefined && errors.length === 0 && (options.strict !== true || warnings.length === 0);
      if (options.json) {
        const rules = bundle?.ruleCount ?? 0;
        printJson({
          ok,
          rules,
          hash: bundle?.hash ?? null,
          errors: errors.map(plainFinding),
          warnings: warnings.map(plainFinding),
        });
        if (!ok) process.exitCode = exit.failed;
        return;
      }
      for (const finding of [...errors, ...warnings]) print(printFinding(finding));
      conclude(
        ok,
        [
          counted(bundle?.ruleCount ?? 0, 'rule'),
          counted(errors.length, 'error'),
          counted(warnings.length, 'warning'),
        ].join(', '),
      );
    });
