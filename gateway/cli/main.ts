#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { askCommand, explainCommand } from './ask.ts';
import { auditCommand } from './audit.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { initCommand } from './init.ts';
import { intentsCommand } from './intents.ts';
import { keyCommand } from './key.ts';
import { serveCommand } from './serve.ts';
import { CommandError, exit, paint, printError } from './terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// A reader that went away (`| head`) is no reason to fall over.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('ostiary')
  .description(
    'An intent API gateway: understands a request, decides whether it may run, explains, carries it out, records it.',
  )
  .version(version)
  .showHelpAfterError('("ostiary COMMAND --help" says more)')
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    '\nStart here:\n  $ ostiary demo                                        a whole shop, with its gateway\n  $ ostiary ask "show order A-1001" --key demo-support  in another terminal',
  );

for (const command of [
  demoCommand(),
  serveCommand(),
  initCommand(),
  checkCommand(),
  askCommand(),
  explainCommand(),
  intentsCommand(),
  auditCommand(),
  keyCommand(),
])
  program.addCommand(command);

// Settings are inherited only by commands made by the parent, so each is told.
const everyCommand = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap((inner) => everyCommand(inner as Command)),
];
for (const command of everyCommand(program)) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandError) {
    printError(`${paint('red', 'error:')} ${error.message}`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exit.ok : exit.usage;
  else {
    printError(`${paint('red', 'error:')} ${(error as Error).stack ?? String(error)}`);
    process.exitCode = exit.failed;
  }
}
