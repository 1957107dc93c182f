import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { approvalsCommand } from './approvals.ts';
import { askCommand, explainCommand } from './ask.ts';
import { auditCommand } from './audit.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { doubtCommand } from './doubt.ts';
import { evalCommand } from './eval.ts';
import { generateCommand } from './generate.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { intentsCommand } from './intents.ts';
import { keyCommand } from './key.ts';
import { policyCommand } from './policy.ts';
import { serveCommand } from './serve.ts';
import { suggestCommand } from './suggest.ts';
import { CommandError, exit, paintError, printError } from './terminal.ts';
import { tokenCommand } from './token.ts';
import { trainCommand } from './train.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('ostiary')
  .description(
    'An intent API gateway: understands a request, decides whether it may run, explains, carries it out, records it.',
  )
  .version(version)
  .addHelpText(
    'after',
    '\nStart here:\n  $ npx ostiary demo                                        a whole shop, with its gateway\n  $ npx ostiary ask "show order A-1001" --key demo-support  in another terminal',
  );

for (const command of [
  demoCommand(),
  serveCommand(),
  initCommand(),
  importCommand(),
  checkCommand(),
  diffCommand(),
  generateCommand(),
  askCommand(),
  explainCommand(),
  intentsCommand(),
  evalCommand(),
  suggestCommand(),
  trainCommand(),
  approvalsCommand(),
  policyCommand(),
  auditCommand(),
  doubtCommand(),
  keyCommand(),
  tokenCommand(),
])
  program.addCommand(command);

// Settings are inherited only by commands made by the parent, so each is told.
const tell = (command: Command, called: string): void => {
  command.exitOverride().showSuggestionAfterError().showHelpAfterError(`("${called} --help" says more)`);
  for (const inner of command.commands) tell(inner as Command, `${called} ${inner.name()}`);
};
tell(program, 'npx ostiary');

// Whoever reads may have seen enough: "ostiary audit tail | head" is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandError) {
    printError(`${paintError('red', 'error:')} ${error.message}`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exit.ok : exit.usage;
  else {
    printError(`${paintError('red', 'error:')} ${(error as Error).stack ?? String(error)}`);
    process.exitCode = exit.failed;
  }
}
