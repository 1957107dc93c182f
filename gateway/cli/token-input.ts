import { readFileSync } from 'node:fs';
import { OstiaryError } from '../../intents/problems.ts';
import { type Detail, detailDocument, detailType } from '../../policies/tokens/details.ts';
import { type PublicJwk, publicPartOf, type Signer, signerOf } from '../../policies/tokens/keys.ts';
import { CommandError, exit } from './terminal.ts';
import { plain } from './token-draw.ts';

/** A token as it was given: itself, or on standard input, which leaves no trace in the history of a shell. */
export const readToken = (given: string | undefined): string => {
  if (given !== undefined && given !== '-') return given.trim();
  if (process.stdin.isTTY)
    throw new CommandError('No token was given. Write it behind the command, or pipe it in.', exit.usage);
  const token = readFileSync(0, 'utf8').trim();
  if (token === '') throw new CommandError('There is no token on standard input.', exit.usage);
  return token;
};

/** @throws CommandError where the file is no private key */
export const readSigner = (file: string): Promise<Signer> =>
  signerOf(readJson(file)).catch((error: Error) => {
    throw new CommandError(`${file} ${error.message}`, exit.usage);
  });

/** The public part of the key in a file, whichever part that has. @throws CommandError where it is no key */
export const readPublic = (file: string): PublicJwk => {
  try {
    return publicPartOf(readJson(file));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} ${(error as Error).message}`, exit.usage);
  }
};

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : `cannot be read: ${(error as Error).message}`;
    throw new CommandError(`${file} ${why}. "ostiary token key" makes a key.`, exit.usage);
  }
};

export interface Granting {
  readonly intent?: readonly string[];
  readonly purpose?: readonly string[];
  readonly limit?: readonly string[];
}

/**
 * What the options grant, as one detail.
 * @returns undefined where they say nothing @throws CommandError where one of them does not fit
 */
export const detailOf = ({ intent, purpose, limit }: Granting): Detail | undefined => {
  if (intent === undefined && purpose === undefined && limit === undefined) return undefined;
  const limits: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const written of limit ?? []) {
    const [, id = '', pointer = '', test = '', value = ''] =
      /^(\S+) +(\/\S+) +(lte|gte|eq|in) +(.+)$/.exec(written.trim()) ?? [];
    if (id === '')
      throw new CommandError(
        `--limit "${written}" does not fit. Write it like "orders.refund@2 /amount lte 50"; lte, gte, eq and in are known.`,
        exit.usage,
      );
    limits[id] ??= {};
    limits[id][pointer] = { ...limits[id][pointer], [test]: test === 'in' ? listOf(value) : literalOf(value) };
  }
  const parsed = detailDocument.safeParse({
    type: detailType,
    ...(intent === undefined ? {} : { intents: intent }),
    ...(purpose === undefined ? {} : { purposes: purpose }),
    ...(limit === undefined ? {} : { limits }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(`${issue?.path.join(' ')}: ${issue?.message}`, exit.usage);
};

const listOf = (written: string): unknown =>
  written.startsWith('[') ? literalOf(written) : written.split(',').map((one) => literalOf(one.trim()));

/** A number, true or false, or a text as it stands. */
const literalOf = (written: string): unknown => {
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
};

/** @returns milliseconds @throws CommandError */
export const durationOf = (written: string): number => {
  const [, count, unit = ''] = /^(\d{1,6})(s|m|h)$/.exec(written) ?? [];
  if (count === undefined)
    throw new CommandError(`"${written}" is no time to live. Write it like 90s, 15m or 1h.`, exit.usage);
  return Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? 0);
};

/** Says what a token broke, and leaves everything else as it is. */
export const asCommandError = (error: unknown): never => {
  throw error instanceof OstiaryError ? new CommandError(plain(error.message)) : error;
};
