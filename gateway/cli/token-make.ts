import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { exportJWK, generateKeyPair } from 'jose';
import { didYouMean } from '../../intents/did-you-mean.ts';
import { isObject, type JsonObject } from '../../intents/json.ts';
import type { RootClaims } from '../../policies/tokens/claims.ts';
import type { Detail } from '../../policies/tokens/details.ts';
import { publicPartOf, type Signer, thumbprintOf } from '../../policies/tokens/keys.ts';
import { attenuate, type Minted, mintRoot } from '../../policies/tokens/mint.ts';
import { soundPolicies } from './policy-files.ts';
import { CommandError, exit, print, printJson } from './terminal.ts';
import {
  asCommandError,
  detailOf,
  durationOf,
  type Granting,
  readPublic,
  readSigner,
  readToken,
} from './token-input.ts';

/** `ostiary token key` */
export const addKey = (token: Command): void => {
  token
    .command('key')
    .summary('make a key pair')
    .description(
      'Makes a key pair: for a gateway that signs tokens, or for whoever shall hold one. The private key goes into a file ' +
        'that only you can read and never leaves it; the public key is printed, to be given to whoever makes the token.',
    )
    .requiredOption('--out <file>', 'where the private key goes; an existing file is never overwritten')
    .option('--p256', 'ECDSA on P-256 (ES256) instead of Ed25519')
    .option('--json', 'print {"public", "thumbprint"}')
    .addHelpText('after', '\nExample:\n  $ npx ostiary token key --out agent.jwk > agent.public.jwk')
    .action(async ({ out, p256, json }: { out: string; p256?: boolean; json?: boolean }) => {
      const { privateKey } = await generateKeyPair(p256 ? 'ES256' : 'EdDSA', { extractable: true });
      const jwk = await exportJWK(privateKey);
      try {
        writeFileSync(out, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' });
      } catch (error) {
        throw new CommandError(`${out} cannot be written: ${(error as Error).message}`, exit.usage);
      }
      const shown = publicPartOf(jwk);
      if (json) return printJson({ public: shown, thumbprint: await thumbprintOf(shown) });
      print(JSON.stringify(shown));
    });
};

interface MintOptions extends Granting {
  readonly subject: string;
  readonly for?: string;
  readonly claims?: string;
  readonly ttl?: string;
  readonly depth?: string;
  readonly json?: boolean;
}

/** `ostiary token mint` */
export const addMint = (token: Command): void => {
  granting(token.command('mint').argument('[dir]', 'folder with ostiary.yaml', '.'))
    .summary('make a token, with the key of a gateway')
    .description(
      'Makes the root of a capability token, signed by the first of credentials.tokens.keys. It says who it is for, what ' +
        'they may ask, why, and with which values. Policies decide about each request all the same: a token only narrows.',
    )
    .requiredOption('--subject <type:id>', 'for whom, as policies know them: user:dana')
    .option('--for <file>', 'key that it is bound to (either part); left out, whoever holds it may use it')
    .option('--claims <json>', 'what else is said of the subject; policies read it as /token/…')
    .option('--ttl <time>', 'how long it lives, 90s, 15m or 1h; at most credentials.tokens.ttl, which is the default')
    .option('--depth <n>', 'how often it may be handed on (0 to 4)')
    .option('--json', 'print {"token", "link", "expires"}')
    .addHelpText(
      'after',
      `
Example:
  $ npx ostiary token mint examples/shop --subject user:dana --claims '{"roles":["support"]}' --for app.jwk \\
      --intent orders.get@1 orders.refund@2 --purpose support --limit "orders.refund@2 /amount lte 50"`,
    )
    .action(async (dir: string, options: MintOptions) => printMinted(await mint(dir, options), options.json));
};

interface AttenuateOptions extends Granting {
  readonly with: string;
  readonly for: string;
  readonly audience?: readonly string[];
  readonly ttl?: string;
  readonly depth?: string;
  readonly json?: boolean;
}

/** `ostiary token attenuate` */
export const addAttenuate = (token: Command): void => {
  granting(token.command('attenuate').argument('[token]', 'the token; left out or "-", it is read from standard input'))
    .summary('hand a token on, with less in it')
    .description(
      'Adds a link to a token: for the holder of another key, with fewer intents, narrower purposes, tighter limits or an ' +
        'earlier end. It needs your key and nobody else: no gateway, no network. What is left out stays as it is, and ' +
        'what would be more than you have is refused.',
    )
    .requiredOption('--with <file>', 'your private key, to which the token was handed')
    .requiredOption('--for <file>', 'key of whoever gets it (the public part is enough)')
    .option('--audience <who...>', 'of those it is for, only these')
    .option('--ttl <time>', 'how long from now, 90s, 15m or 1h; never longer than the token itself')
    .option('--depth <n>', 'how often it may be handed on in all, counted from its root')
    .option('--json', 'print {"token", "link", "expires"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary token attenuate --with app.jwk --for agent.public.jwk --intent orders.get@1 --ttl 5m < app.token > agent.token',
    )
    .action(async (given: string | undefined, options: AttenuateOptions) => {
      const { audience, ttl, depth } = options;
      const now = new Date();
      const detail = detailOf(options);
      const made = await attenuate(
        readToken(given),
        await readSigner(options.with),
        readPublic(options.for),
        {
          ...(detail === undefined ? {} : { details: [detail] }),
          ...(audience === undefined ? {} : { audience }),
          ...(ttl === undefined ? {} : { expiresAt: new Date(now.getTime() + durationOf(ttl)) }),
          ...(depth === undefined ? {} : { maxDepth: depthOf(depth) }),
        },
        { jti: randomUUID(), now },
      ).catch(asCommandError);
      printMinted(made, options.json);
    });
};

const granting = (command: Command): Command =>
  command
    .option('--intent <id...>', 'what may be asked, each with its major: orders.refund@2')
    .option('--purpose <name...>', 'why; each with everything below it')
    .option('--limit <limit...>', 'what a value must be: "orders.refund@2 /amount lte 50" (lte, gte, eq, in)');

const printMinted = ({ token, id, expiresAt }: Minted, json: boolean | undefined): void =>
  json ? printJson({ token, link: id, expires: expiresAt.toISOString() }) : print(token);

const mint = async (dir: string, options: MintOptions): Promise<Minted> => {
  const { subject, for: holder, claims, ttl, depth } = options;
  const { config, folder, intents, bundle } = await soundPolicies(dir);
  const settings = config.credentials.tokens;
  const { tokensOf } = await import('../wire.ts');
  const { trust, signer } = await tokensOf({ config, folder }).catch((error: Error) => {
    throw new CommandError(error.message, exit.usage);
  });
  if (settings === undefined || trust === undefined || signer === undefined)
    throw new CommandError(
      `The set-up in ${dir} has no key for tokens. Make one with "ostiary token key", and name it in ostiary.yaml:\ncredentials:\n  tokens: { issuer: https://gate.example, keys: [file:./token-key.jwk] }`,
      exit.usage,
    );
  const [, type = '', id = ''] = /^([^:]+):(.+)$/.exec(subject) ?? [];
  if (id === '') throw new CommandError('--subject is written like user:dana.', exit.usage);
  const seconds = Math.floor(Date.now() / 1_000);
  const root: RootClaims = {
    ...claimsOf(claims),
    iss: settings.issuer,
    sub: id,
    sub_type: type,
    tenant: config.tenant,
    aud: trust.audience,
    iat: seconds,
    exp: seconds + Math.floor(Math.min(settings.ttl, ttl === undefined ? Infinity : durationOf(ttl)) / 1_000),
    jti: randomUUID(),
    authorization_details: [known(options, new Set(intents.map(({ id: one }) => one)), bundle.purposes)],
    ...(holder === undefined ? {} : { cnf: { jwk: readPublic(holder) } }),
    del_depth: 0,
    del_max_depth: holder === undefined ? 0 : depth === undefined ? settings.depth : depthOf(depth),
  };
  return signed(signer, root);
};

const signed = (signer: Signer, root: RootClaims): Promise<Minted> => mintRoot(signer, root).catch(asCommandError);

/** What is misspelt here would be refused on every request. */
const known = (
  options: Granting,
  intents: ReadonlySet<string>,
  purposes: ReadonlySet<string>,
): Detail & { intents: string[]; purposes: string[] } => {
  const detail = detailOf(options);
  if (detail?.intents === undefined || detail.purposes === undefined)
    throw new CommandError('A token says what may be asked and why: --intent and --purpose.', exit.usage);
  const { intents: ids, purposes: names } = detail;
  for (const id of [...ids, ...Object.keys(detail.limits ?? {})])
    if (!intents.has(id))
      throw new CommandError(`There is no intent "${id}".${didYouMean(id, [...intents])}`, exit.usage);
  for (const name of names)
    if (!purposes.has(name))
      throw new CommandError(`No policy declares the purpose "${name}".${didYouMean(name, [...purposes])}`, exit.usage);
  return { ...detail, intents: ids, purposes: names };
};

const claimsOf = (written = '{}'): JsonObject => {
  try {
    const value: unknown = JSON.parse(written);
    if (isObject(value)) return value as JsonObject;
  } catch {}
  throw new CommandError(`--claims is a JSON object, like '{"roles":["support"]}'.`, exit.usage);
};

const depthOf = (written: string): number => {
  if (!/^[0-4]$/.test(written)) throw new CommandError('--depth is a number from 0 to 4.', exit.usage);
  return Number(written);
};
