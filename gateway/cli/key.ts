import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { print, printJson } from './terminal.ts';

/** `ostiary key new` */
export const keyCommand = (): Command => {
  const key = new Command('key')
    .summary('make API keys')
    .description('Makes API keys. The config keeps only the hash of a key.');
  key
    .command('new')
    .summary('make a key and its hash')
    .description(
      'Makes a random API key and its SHA-256. The key goes to its holder, the hash into ostiary.yaml; nothing is stored.',
    )
    .option('--json', 'print {"key", "hash"}')
    .addHelpText('after', '\nExample:\n  $ npx ostiary key new')
    .action((options: { json?: boolean }) => {
      const made = `ost_${randomBytes(24).toString('base64url')}`;
      const hash = `sha256:${createHash('sha256').update(made).digest('hex')}`;
      if (options.json) return printJson({ key: made, hash });
      print(
        `key:  ${made}\nhash: ${hash}\n\nGive the key to its holder; it is shown this once. Put the hash into ostiary.yaml:\n`,
      );
      print(
        `credentials:\n  keys:\n    - id: a-name-for-the-log\n      hash: ${hash}\n      subject: { type: user, id: who }\n      claims: { roles: [] } # policies read them as /token/roles\n      purposes: [] # what it may be used for, of those that the policies declare`,
      );
    });
  return key;
};
