import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { firstBroken } from '../../policies/audit/verify.ts';
import type { Store, StoredEntry } from '../../policies/ports.ts';
import { CommandError, exit, paint, print } from './terminal.ts';

/** `ostiary audit tail | verify` */
export const auditCommand = (): Command => {
  const audit = new Command('audit')
    .summary('read and verify the audit log')
    .description(
      'Reads the audit log of a set-up, while the gateway runs or after. Every request has one outcome; a write has an entry ahead of it as well.',
    );
  audit
    .command('tail')
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
    .action(async (dir: string, options: { lines: number; follow?: boolean; json?: boolean }) => {
      const store = await storeOf(dir);
      try {
        let entries = await store.audit.tail(options.lines);
        let last = 0;
        for (;;) {
          for (const entry of entries) print(options.json ? json(entry) : line(entry));
          last = entries.at(-1)?.sequence ?? last;
          if (!options.follow) break;
          await delay(250);
          entries = await store.audit.read(last, 1_000);
        }
      } finally {
        await store.close();
      }
    });
  audit
    .command('verify')
    .summary('check that no entry was changed, removed or put in')
    .description(
      'Checks the hash chain of the audit log: each entry is hashed together with the hash before it, so none can be ' +
        'changed, removed or put in between unseen.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary audit verify examples/shop\n\nExit codes: 0 the chain holds, 1 it breaks, and where.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .action(async (dir: string) => {
      const store = await storeOf(dir);
      try {
        let verified = 0;
        let hash: string | undefined;
        for (;;) {
          const entries = await store.audit.read(verified, 5_000);
          if (entries.length === 0) break;
          const broken =
            entries[0]?.sequence === verified + 1 ? firstBroken(entries, hash) : (entries[0]?.sequence ?? 0);
          if (broken !== undefined)
            throw new CommandError(
              `The chain breaks at entry ${broken}: it, or one before it, is not what was written.`,
            );
          verified = entries.at(-1)?.sequence ?? verified;
          hash = entries.at(-1)?.hash;
        }
        print(`${paint('green', '✔')} ${verified} entries, the chain holds`);
      } finally {
        await store.close();
      }
    });
  return audit;
};

const storeOf = async (dir: string): Promise<Store> => {
  const [{ loadConfig }, { openStore }] = await Promise.all([import('../config.ts'), import('../wire.ts')]);
  const { loaded, findings } = loadConfig(dir, process.env);
  if (loaded === undefined)
    throw new CommandError(
      findings.map(({ file, line: at, message }) => `${file}:${at} ${message}`).join('\n'),
      exit.usage,
    );
  return openStore({ config: loaded.config, folder: loaded.folder });
};

const count = (text: string): number => {
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 1 || lines > 100_000)
    throw new InvalidArgumentError('a number from 1 to 100000');
  return lines;
};

const json = ({ sequence, hash, body }: StoredEntry): string =>
  JSON.stringify({ sequence, hash, entry: JSON.parse(body) });

const line = ({ sequence, body }: StoredEntry): string => {
  const entry = JSON.parse(body) as Record<string, unknown> & { principal?: { id: string } };
  const ahead = entry.kind === 'ahead';
  const moved = entry.kind === 'reputation';
  const outcome = ahead ? 'ahead' : moved ? 'reputation' : String(entry.outcome);
  const colour = ahead
    ? 'cyan'
    : outcome === 'completed'
      ? 'green'
      : ['failed', 'denied', 'unknown'].includes(outcome)
        ? 'red'
        : 'yellow';
  const about = moved
    ? `${String(entry.effect)}: ${String(entry.from)} to ${String(entry.to)}`
    : (entry.intent ?? entry.words ?? entry.name ?? '');
  return [
    paint('dim', String(sequence).padStart(6)),
    paint('dim', String(entry.at)),
    paint(colour, outcome.padEnd(12)),
    String(entry.principal?.id ?? (moved ? (entry.who as string[]).at(-1) : '-')).padEnd(12),
    // What a caller wrote must not steer the terminal of whoever reads the log.
    String(about).replaceAll(/\p{C}/gu, '\uFFFD'),
    entry.code === undefined ? '' : paint('dim', String(entry.code)),
  ].join('  ');
};
