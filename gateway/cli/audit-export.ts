import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { type After, exportFooter, exportHeader, exportLine } from '../../policies/audit/exported.ts';
import { pagesOf, withStore } from './audit-store.ts';
import { CommandError, exit, printError } from './terminal.ts';

/** `ostiary audit export` */
export const auditExportCommand = (): Command =>
  new Command('export')
    .summary('write the log to a file that can be checked anywhere')
    .description(
      'Writes the entries of the audit log as JSON lines, each with its hash and exactly as it was recorded, between a ' +
        'first line that says what they follow and a last one that is signed. "ostiary audit verify --file" checks it ' +
        'without the set-up.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, standard output')
    .option('--after <sequence>', 'only entries after this one', sequence)
    .addHelpText('after', '\nExample:\n  $ npx ostiary audit export examples/shop --out audit.jsonl')
    .action((dir: string, { out, after: from = 0 }: { out?: string; after?: number }) =>
      withStore(dir, async ({ store, config, folder }) => {
        const { auditKeyOf } = await import('../wire.ts');
        const key = auditKeyOf({ config, folder });
        const [before] = from === 0 ? [] : await store.audit.read(from - 1, 1);
        if (from > 0 && before?.sequence !== from)
          throw new CommandError(`There is no entry ${from}, or it is no longer kept.`, exit.usage);
        if (before?.writer !== undefined)
          throw new CommandError('This store has a chain for each of its writers: export all of it.', exit.usage);
        const after: After | undefined = before;
        const { write, end } = target(out);
        let last: After | undefined = after;
        let entries = 0;
        await write(exportHeader(after));
        for await (const page of pagesOf(store.audit, from)) {
          for (const entry of page) await write(exportLine(entry));
          last = page.at(-1);
          entries += page.length;
        }
        await write(exportFooter(after, last, key));
        await end();
        printError(`${entries} entries; check them with: ostiary audit verify --file ${out ?? 'FILE'} --key ${key.id}`);
      }),
    );

const target = (out: string | undefined) => {
  // For its owner alone to read: what callers asked for stands in it.
  const stream = out === undefined ? process.stdout : createWriteStream(out, { flags: 'wx', mode: 0o600 });
  let fault: Error | undefined;
  stream.on('error', (error) => {
    fault = error;
  });
  const whole = () => {
    if (fault !== undefined) throw new CommandError(`The export cannot be written: ${fault.message}`);
  };
  return {
    async write(line: string) {
      whole();
      if (!stream.write(`${line}\n`))
        await Promise.race([once(stream, 'drain'), once(stream, 'error')]).catch(() => {});
    },
    async end() {
      if (out !== undefined) await new Promise<void>((resolve) => stream.end(() => resolve()));
      whole();
    },
  };
};

function sequence(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('the number of an entry');
  return number;
}
