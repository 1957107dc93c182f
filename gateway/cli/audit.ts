import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { auditExportCommand } from './audit-export.ts';
import { auditJson, auditLine } from './audit-line.ts';
import { auditShowCommand } from './audit-show.ts';
import { withStore } from './audit-store.ts';
import { auditVerifyCommand } from './audit-verify.ts';
import { print } from './terminal.ts';

/** `ostiary audit tail | show | verify | export` */
export const auditCommand = (): Command =>
  new Command('audit')
    .summary('read, verify and export the audit log')
    .description(
      'Reads the audit log of a set-up, while the gateway runs or after. Every request has one outcome; a write has an entry ahead of it as well.',
    )
    .addCommand(tailCommand())
    .addCommand(auditShowCommand())
    .addCommand(auditVerifyCommand())
    .addCommand(auditExportCommand());

const tailCommand = (): Command =>
  new Command('tail')
    .summary('print the newest entries')
    .description(
      'Prints the newest entries of the audit log, oldest first: number, time, outcome, who, what. "ahead" is what a ' +
        'write was about to do, on disk before the backend heard of it.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('-n, --lines <count>', 'how many entries', count, 20)
    .option('-f, --follow', 'go on printing what comes')
    .option('--json', 'one JSON object a line: {"sequence", "hash", "entry"}')
    .addHelpText('after', '\nExample:\n  $ npx ostiary audit tail examples/shop -n 5')
    .action((dir: string, options: { lines: number; follow?: boolean; json?: boolean }) =>
      withStore(dir, async ({ store }) => {
        let entries = await store.audit.tail(options.lines);
        let last = 0;
        for (;;) {
          for (const entry of entries) print(options.json ? auditJson(entry) : auditLine(entry));
          last = entries.at(-1)?.sequence ?? last;
          if (!options.follow) break;
          await delay(250);
          entries = await store.audit.read(last, 1_000);
        }
      }),
    );

const count = (text: string): number => {
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 1 || lines > 100_000)
    throw new InvalidArgumentError('a number from 1 to 100000');
  return lines;
};
