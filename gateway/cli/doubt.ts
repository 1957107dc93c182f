import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import type { OpenWrite } from '../../policies/ports.ts';
import { bodyOf } from '../road/open-write.ts';
import { withStore } from './audit-store.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

const maxListed = 10_000;

/** `ostiary doubt list | show | settle` */
export const doubtCommand = (): Command =>
  new Command('doubt')
    .summary('see and settle writes whose outcome is not known')
    .description(
      'Works on the writes that a backend may have heard of, and whose outcome is not recorded: the gateway died in ' +
        'between, or got no clear answer. Nothing of them is ever repeated by itself, unless their contract says how it ' +
        'is safe. Works while the gateway runs or after.',
    )
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(settleCommand());

const listCommand = (): Command =>
  new Command('list')
    .summary('list them, the oldest first')
    .description(
      'Lists the writes whose outcome is not recorded, the oldest first: since when, whose, what, and whose turn it is.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--json', 'print all of each as a JSON list')
    .addHelpText('after', '\nExample:\n  $ npx ostiary doubt list examples/shop')
    .action((dir: string, { json }: { json?: boolean }) =>
      withStore(dir, async ({ store }) => {
        const open = await store.writes.open(maxListed);
        if (json) return printJson(open.map((write) => told(write)));
        for (const write of open) {
          const { at, principal, intent } = bodyOf(write);
          const state = stateOf(write);
          print(
            [
              paint('bold', write.request),
              paint('dim', at),
              `${principal.type} ${principal.id}`,
              `${intent.name}@${intent.version}`,
              paint(state.startsWith('in doubt') ? 'yellow' : 'cyan', state),
            ].join('  '),
          );
        }
        if (open.length === 0) print('Nothing is in doubt.');
      }),
    );

const showCommand = (): Command =>
  new Command('show')
    .summary('print one with its values')
    .description(
      'Prints a write whose outcome is not recorded: who asked for it, with which values. Its id is the key that the ' +
        'backend got with it, in the header "idempotency-key".',
    )
    .argument('<id>', 'as "ostiary doubt list" prints it')
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .addHelpText('after', '\nExample:\n  $ npx ostiary doubt show Zk3bV0q8r1aT.4 examples/shop')
    .action((id: string, dir: string) =>
      withStore(dir, async ({ store }) => printJson(told(known(await store.writes.find(id), id)))),
    );

interface Settled {
  readonly done?: boolean;
  readonly notDone?: boolean;
  readonly note?: string;
  readonly as: string;
}

const settleCommand = (): Command =>
  new Command('settle')
    .summary('say what became of one')
    .description(
      'Records what became of a write, once you have looked. With --done its key gives an answer without an output from ' +
        'now on; with --not-done the key is free, and whoever sends the request again has it done.',
    )
    .argument('<id>', 'as "ostiary doubt list" prints it')
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .addOption(new Option('--done', 'the backend has done it').conflicts('notDone'))
    .option('--not-done', 'the backend has not done it, and will not')
    .option('--note <text>', 'how you know, for the record')
    .option('--as <name>', 'who says so, for the record', userInfo().username)
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary doubt settle Zk3bV0q8r1aT.4 examples/shop --done --note "seen in the shop"',
    )
    .action((id: string, dir: string, { done = false, notDone = false, note, as }: Settled) => {
      if (done === notDone) throw new CommandError('Say either --done or --not-done.', exit.usage);
      return withStore(dir, async ({ store, config }) => {
        const { settle } = await import('../doubt/settle.ts');
        const write = known(await store.writes.find(id), id);
        const now = new Date();
        // Nobody else settles it meanwhile.
        if (!(await store.writes.take(id, now.getTime(), now.getTime() + 10_000)))
          throw new CommandError(busy(known(await store.writes.find(id), id)));
        const verdict = { done, by: 'operator', operator: as, ...(note === undefined ? {} : { note }) } as const;
        await settle(store, write, verdict, now, config.idempotency.keep);
        print(`${paint('green', '✔')} ${id} is settled: ${done ? 'done' : 'not done'}`);
      });
    });

const known = (write: OpenWrite | undefined, id: string): OpenWrite => {
  if (write !== undefined) return write;
  throw new CommandError(`"${id}" is not in doubt: its outcome is recorded, or it never was.`);
};

const busy = ({ request, untilMs }: OpenWrite): string =>
  `The gateway is at work on ${request} until ${new Date(untilMs).toISOString()} at the latest. Look again then.`;

const told = (write: OpenWrite) => {
  const { claim: _key, seen: _rules, partial: _whole, ...body } = bodyOf(write);
  return { request: write.request, state: stateOf(write), until: new Date(write.untilMs).toISOString(), ...body };
};

const turns = {
  retry: 'the gateway sends it again with its key',
  check: 'the gateway asks the backend',
  operator: 'for you to settle',
};

const stateOf = (write: OpenWrite): string =>
  write.untilMs > Date.now()
    ? `under way until ${new Date(write.untilMs).toISOString()}`
    : `in doubt, ${turns[bodyOf(write).way]}`;
