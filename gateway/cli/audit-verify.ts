import { createReadStream } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { createExportVerifier } from '../../policies/audit/exported.ts';
import { type Broken, createVerifier, type Verified } from '../../policies/audit/verifier.ts';
import { pagesOf, withStore } from './audit-store.ts';
import { CommandError, exit, paint, print } from './terminal.ts';

interface Held {
  readonly sequence: number;
  readonly hash: string;
}
interface Options {
  readonly file?: string;
  readonly key: readonly string[];
  readonly holds?: Held;
}

/** `ostiary audit verify` */
export const auditVerifyCommand = (): Command =>
  new Command('verify')
    .summary('check that no entry was changed, removed or put in')
    .description(
      'Checks the hash chain of the audit log: each entry is hashed together with the hash before it, so none can be ' +
        'changed, removed or put in between unseen. Signatures of the gateway in the log say that the whole chain is not ' +
        'another one. What only a note kept elsewhere can tell is whether the newest entries are gone: --holds.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx ostiary audit verify examples/shop\n  $ npx ostiary audit verify --file audit.jsonl --key TxP0…\n\nExit codes: 0 the chain holds, 1 it breaks, and where.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--file <file>', 'check an export instead, without the set-up')
    .option('--key <key...>', 'public keys that sign the log, beside those of the set-up', publicKey, [])
    .option('--holds <sequence:hash>', 'an entry that must be there, noted from an earlier run', held)
    .action(async (dir: string, { file, key, holds }: Options) => {
      const keys = new Set(key);
      const { found, ...rest } =
        file === undefined ? await verifyStore(dir, keys, holds) : await verifyFile(file, keys, holds);
      if ('why' in found) throw new CommandError(`The chain breaks at entry ${found.sequence}: ${found.why}.`);
      if (holds !== undefined && !rest.held)
        throw new CommandError(`Entry ${holds.sequence} is not there as it was noted, or is no longer kept.`);
      const signed = found.signed === 0 ? '' : `; signed through ${found.signedThrough}`;
      print(`${paint('green', '✔')} ${found.entries} entries, the chain holds${signed}`);
      if (found.signed > 0 && found.last !== undefined)
        print(paint('dim', `newest ${found.last.sequence}:${found.last.hash}, keys ${[...keys].join(' ')}`));
    });

interface Checked {
  readonly found: Verified | Broken;
  readonly held: boolean;
}

const verifyStore = (dir: string, keys: Set<string>, holds: Held | undefined): Promise<Checked> =>
  withStore(dir, async ({ store, config, folder }) => {
    const { trustedKeys } = await import('../wire.ts');
    for (const key of trustedKeys({ config, folder })) keys.add(key);
    const verifier = createVerifier(keys);
    let isHeld = false;
    for await (const page of pagesOf(store.audit)) {
      const broken = verifier.take(page);
      if (broken !== undefined) return { found: broken, held: isHeld };
      isHeld ||= page.some((entry) => isThat(entry, holds));
    }
    return { found: verifier.end(), held: isHeld };
  });

const verifyFile = async (file: string, keys: Set<string>, holds: Held | undefined): Promise<Checked> => {
  const verifier = createExportVerifier(keys);
  let isHeld = false;
  for await (const line of linesOf(file)) {
    const broken = verifier.take(line);
    if (broken !== undefined) return { found: broken, held: isHeld };
    isHeld ||= holds !== undefined && isThat(JSON.parse(line) as Held, holds);
  }
  return { found: verifier.end(), held: isHeld };
};

const isThat = ({ sequence, hash }: Held, holds: Held | undefined): boolean =>
  sequence === holds?.sequence && hash === holds.hash;

/** Lines that end with a line feed, and nothing else: what is left over at the end is a line too, for it is wrong. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exit.usage);
  }
  if (rest !== '') yield rest;
}

function publicKey(text: string, before: readonly string[]): readonly string[] {
  if (!/^[\w-]{43}$/.test(text)) throw new InvalidArgumentError('a public key is 43 characters');
  return [...before, text];
}

function held(text: string): Held {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined)
    throw new InvalidArgumentError('written like 120:9f86d0…, a number and 64 hex digits');
  return { sequence: Number(sequence), hash };
}
