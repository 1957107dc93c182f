import { writeFileSync } from 'node:fs';
import { CommandError, paintError, printError } from './terminal.ts';

/** Prints what was made, or writes it where it is wanted. @throws CommandError where it cannot be written */
export const writeOut = (text: string, file: string | undefined): void => {
  if (file === undefined) {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  try {
    writeFileSync(file, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${(error as Error).message}`);
  }
  printError(`${paintError('green', '✔')} ${file}`);
};
