import { Command } from 'commander';
import type { StoredEntry } from '../../policies/ports.ts';
import { auditJson, auditLine } from './audit-line.ts';
import { pagesOf, withStore } from './audit-store.ts';
import { CommandError, paint, print } from './terminal.ts';

/** `ostiary audit show ID` */
export const auditShowCommand = (): Command =>
  new Command('show')
    .summary('print all that is recorded of one request')
    .description(
      'Prints every entry of a request, and of the requests that were made for its sake: what it was about to do, how it ' +
        'ended, and what became known of it later.',
    )
    .argument('<id>', 'of the request: "ostiary-request-id" of its answer, "instance" of a problem')
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--json', 'one JSON object a line: {"sequence", "hash", "entry"}')
    .addHelpText('after', '\nExample:\n  $ npx ostiary audit show Zk3bV0q8r1aT.4 examples/shop')
    .action((written: string, dir: string, options: { json?: boolean }) =>
      withStore(dir, async ({ store }) => {
        const id = written.replace(/^urn:ostiary:request:/, '');
        const found: StoredEntry[] = [];
        for await (const page of pagesOf(store.audit))
          found.push(...page.filter(({ body }) => body.includes(id) && isOf(id, body)));
        if (found.length === 0) throw new CommandError(`Nothing is recorded of the request "${id}".`);
        for (const entry of found) print(options.json ? auditJson(entry) : whole(entry));
      }),
    );

const isOf = (id: string, body: string): boolean => {
  const entry = JSON.parse(body) as Record<string, unknown>;
  return [entry.request, entry.parent, entry.replays, entry.because].includes(id);
};

/** JSON escapes control characters; what could turn or hide text is escaped as well. */
const whole = (entry: StoredEntry): string => {
  const text = JSON.stringify(JSON.parse(entry.body), null, 2).replaceAll(
    /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `${auditLine(entry)}\n${paint('dim', text)}`;
};
