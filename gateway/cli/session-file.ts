import { readFileSync, writeFileSync } from 'node:fs';
import { CommandError, exit } from './terminal.ts';

/**
 * The session that an earlier command left in a file.
 * @returns undefined where there is no such file yet, so that the first ask begins a conversation
 * @throws CommandError where it cannot be read
 */
export const readSession = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandError(`The session cannot be read: ${(error as Error).message}`, exit.usage);
  }
};

/** Leaves the session of an answer for the next command. Whoever has the key and this file goes on with the conversation. */
export const keepSession = (file: string, session: unknown): void => {
  if (typeof session !== 'string') return;
  try {
    writeFileSync(file, `${session}\n`, { mode: 0o600 });
  } catch (error) {
    throw new CommandError(`The session cannot be kept: ${(error as Error).message}`, exit.failed);
  }
};
