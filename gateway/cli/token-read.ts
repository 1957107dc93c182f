import { resolve } from 'node:path';
import type { Command } from 'commander';
import { principalOf } from '../../policies/tokens/principal.ts';
import { verifyChain } from '../../policies/tokens/verify.ts';
import { conclude, counted } from './policy-files.ts';
import { CommandError, exit, paint, print, printError, printJson } from './terminal.ts';
import { drawLink, plain, toldBy } from './token-draw.ts';
import { asCommandError, readToken } from './token-input.ts';

const argument = ['[token]', 'the token; left out or "-", it is read from standard input'] as const;

/** `ostiary token inspect` */
export const addInspect = (token: Command): void => {
  token
    .command('inspect')
    .argument(...argument)
    .summary('show what a token says, without believing it')
    .description(
      'Takes a token apart, link by link: for whom, until when, what it grants, and the ids by which its links and keys can ' +
        'be revoked. Nothing is verified: a forged token looks like any other.',
    )
    .option('--json', 'print the links with all their claims')
    .addHelpText('after', '\nExample:\n  $ npx ostiary token inspect < agent.token')
    .action(async (given: string | undefined, { json }: { json?: boolean }) => {
      const links = await toldBy(readToken(given)).catch(asCommandError);
      if (json) return printJson({ links });
      for (const link of links) drawLink(link);
      print(paint('dim', 'Not verified: "ostiary token verify" does that.'));
    });
};

/** `ostiary token verify` */
export const addVerify = (token: Command): void => {
  token
    .command('verify')
    .argument(...argument)
    .summary('verify a token as a gateway would')
    .description(
      'Verifies a token by the keys and issuers of a set-up: every signature, and of each link that it only narrows. Prints ' +
        'who a request with it would be from, and what is left. What was revoked is known to the running gateway alone.',
    )
    .option('--dir <dir>', 'folder with ostiary.yaml', '.')
    .option('--at <time>', 'as if it were then (2026-11-23T10:00:00Z)')
    .option('--json', 'print {"valid", "principal"} or {"valid", "invariant", "link", "message"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary token verify --dir examples/shop < agent.token\n\nExit codes: 0 it is valid, 1 it is not.',
    )
    .action(async (given: string | undefined, { dir, at, json }: { dir: string; at?: string; json?: boolean }) => {
      const { config, trust } = await trustOf(dir);
      const now = at === undefined ? new Date() : new Date(at);
      if (Number.isNaN(now.getTime())) throw new CommandError(`"${at}" is no time.`, exit.usage);
      const written = readToken(given);
      try {
        const principal = principalOf(await verifyChain(written, trust, now), config.tenant);
        if (json) return printJson({ valid: true, principal });
        for (const link of await toldBy(written)) drawLink(link);
        const { type, id, purposes, delegations } = principal;
        const often = delegations === 0 ? 'not handed on' : `handed on ${counted(delegations ?? 0, 'time')}`;
        print(plain(`${type} ${id}, ${often}; left for ${purposes.join(', ') || 'no purpose'}`));
        conclude(true, 'The token is valid.');
      } catch (error) {
        const { message, facts } = error as Error & { facts?: object };
        if (json) printJson({ valid: false, ...facts, message });
        else conclude(false, plain(message));
        process.exitCode = exit.failed;
      }
    });
};

const trustOf = async (dir: string) => {
  const [{ loadConfig }, { tokensOf }] = await Promise.all([import('../config.ts'), import('../wire.ts')]);
  const { loaded, findings } = loadConfig(dir, process.env);
  if (loaded === undefined) {
    for (const { file, line, column, message } of findings) printError(`${file}:${line}:${column} ${message}`);
    throw new CommandError(`The set-up in ${resolve(dir)} cannot be read.`, exit.usage);
  }
  const { trust } = await tokensOf(loaded).catch((error: Error) => {
    throw new CommandError(error.message, exit.usage);
  });
  if (trust === undefined)
    throw new CommandError('This set-up takes no tokens: it has no credentials.tokens.', exit.usage);
  return { config: loaded.config, trust };
};
