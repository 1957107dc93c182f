import { Command } from 'commander';
import { type Connection, request, withConnection } from './client.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

interface Listed {
  readonly intent: string;
  readonly version: string;
  readonly title: string;
  readonly effect: string;
  readonly examples: readonly string[];
}

/** `ostiary intents` */
export const intentsCommand = (): Command =>
  withConnection(new Command('intents'))
    .summary('list what a key may call on a running gateway')
    .description('Lists the intents that a key may call on a running gateway. What a policy hides is not there.')
    .option('--json', 'print the list as the gateway gave it')
    .addHelpText('after', '\nExample:\n  $ npx ostiary intents --key demo-auditor')
    .action(async (options: Connection & { json?: boolean }) => {
      const { status, body } = await request(options, 'GET', '/v1/intents');
      if (options.json) printJson(body);
      if (status !== 200)
        throw new CommandError(
          `${String(body.title)}: ${String(body.detail)}`,
          status === 401 ? exit.denied : exit.failed,
        );
      if (options.json) return;
      const intents = body.intents as readonly Listed[];
      const width = Math.max(0, ...intents.map(({ intent, version }) => intent.length + version.length + 1));
      for (const { intent, version, title, effect, examples } of intents) {
        const colour = effect === 'read' ? 'green' : effect === 'write' ? 'yellow' : 'red';
        print(
          `${paint('bold', `${intent}@${version}`.padEnd(width))}  ${paint(colour, effect.padEnd(11))}  ${title}${examples[0] === undefined ? '' : paint('dim', `  "${examples[0]}"`)}`,
        );
      }
      if (intents.length === 0) print('This key may call nothing. Policies decide what it may: see docs/policies.md.');
    });
