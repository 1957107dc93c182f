import { Command } from 'commander';
import { type Connection, request, withConnection } from './client.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

interface Waiting {
  readonly id: string;
  readonly intent: string;
  readonly version: string;
  readonly purpose: string | null;
  readonly asked_by: { readonly type: string; readonly id: string };
  readonly expires_at: string;
  readonly mine: boolean;
  readonly approved: boolean;
  readonly text: string;
}
type Options = Connection & { readonly json?: boolean };

/** `ostiary approvals list | approve | reject` */
export const approvalsCommand = (): Command => {
  const approvals = new Command('approvals')
    .summary('see and answer what waits for a yes')
    .description(
      'Works on what waits for a yes at a running gateway: what this key asked for itself, and what others asked for and ' +
        'a second person must approve.',
    );
  withConnection(approvals.command('list'))
    .summary('list what waits')
    .description(
      'Lists what waits for a yes that this key may give: who asked for what, with which values, and until when.',
    )
    .option('--json', 'print the list as the gateway gave it')
    .addHelpText('after', '\nExample:\n  $ npx ostiary approvals list --key demo-support')
    .action(async (options: Options) => {
      const { status, body } = await request(options, 'GET', '/v1/confirmations');
      if (options.json) printJson(body);
      if (status !== 200) throw failed(status, body);
      if (options.json) return;
      const found = body.confirmations as readonly Waiting[];
      for (const { id, intent, version, purpose, asked_by: by, expires_at: until, mine, approved, text } of found) {
        const state = mine ? (approved ? 'yours, approved' : 'yours') : 'waits for another person';
        print(`${paint('bold', id)} ${intent}@${version} for ${purpose ?? 'no purpose'} ${paint('yellow', state)}`);
        print(paint('dim', `asked by ${by.type} ${by.id}, until ${until}`));
        for (const line of text.split('\n')) print(`  ${line}`);
      }
      if (found.length === 0) print('Nothing waits.');
    });
  for (const [name, confirm] of [
    ['approve', true],
    ['reject', false],
  ] as const)
    withConnection(approvals.command(`${name}`).argument('<id>', 'as "ostiary approvals list" prints it'))
      .summary(confirm ? 'say yes' : 'say no')
      .description(
        confirm
          ? 'Says yes. What this key asked for itself is done, if all that it needs is there; what another asked for is ' +
              'approved, and done when they come back for it.'
          : 'Says no. It can no longer be done.',
      )
      .option('--json', 'print the answer as the gateway gave it')
      .addHelpText(
        'after',
        `\nExample:\n  $ npx ostiary approvals ${name} 6f9c0d5e-… --key demo-support\n\nExit codes: 0 it was heard, 1 it failed, 4 it was denied.`,
      )
      .action(async (id: string, options: Options) => {
        const { status, body } = await request(options, 'POST', `/v1/confirmations/${encodeURIComponent(id)}`, {
          confirm,
        });
        if (options.json) printJson(body);
        if (status !== 200) throw failed(status, body);
        if (!options.json)
          print(`${paint('green', String(body.outcome))} ${String(body.message ?? body.intent ?? '')}`);
      });
  return approvals;
};

const failed = (status: number, body: Record<string, unknown>): CommandError =>
  new CommandError(
    `${String(body.title)}: ${String(body.detail)}`,
    status === 401 || status === 403 ? exit.denied : exit.failed,
  );
