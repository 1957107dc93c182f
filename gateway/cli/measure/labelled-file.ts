import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { type LabelledLine, readLabelledLines } from '../../../intents/resolve/measure/labelled-lines.ts';
import { CommandError, exit } from '../terminal.ts';

const maxFileBytes = 256 * 1024 * 1024;
const faultsShown = 20;

/**
 * Reads a file of `{"text", "intent"}` lines.
 * @throws CommandError that lists what is wrong as `file:line message`, or that the file cannot be read or holds nothing
 */
export const readLabelledFile = (file: string): LabelledLine[] => {
  const { lines, faults } = readLabelledLines(readText(file));
  if (faults.length > 0) {
    const shown = faults.slice(0, faultsShown).map(({ line, message }) => `${file}:${line} ${message}`);
    if (faults.length > faultsShown) shown.push(`and ${faults.length - faultsShown} more lines like these`);
    throw new CommandError(shown.join('\n'), exit.usage);
  }
  if (lines.length === 0)
    throw new CommandError(
      `${file}:1 holds no text: write {"text": "…", "intent": "…"}, one object a line.`,
      exit.usage,
    );
  return lines;
};

/** @throws CommandError where the file cannot be read, is too large or is not UTF-8 */
export const readText = (file: string): string => {
  try {
    const { size } = statSync(file);
    if (size > maxFileBytes)
      throw new CommandError(`${file} is larger than ${maxFileBytes / 1024 / 1024} MiB.`, exit.usage);
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw new CommandError(`${file} is not UTF-8. Save it as UTF-8 and try again.`, exit.usage);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exit.usage);
  }
};
