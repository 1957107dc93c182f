import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours text on a terminal that takes colour (NO_COLOR and redirection are honoured), and nowhere else. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout, validateStream: true });

/** The same for what goes to stderr: either may be redirected without the other. */
export const paintError = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stderr, validateStream: true });

/** What a command ends with; docs/cli.md explains each. */
export const exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  question: 3,
  denied: 4,
  outOfScope: 5,
  unknown: 6,
  unreachable: 7,
} as const;

export const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
export const printError = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Ends a command with a message for a person; `main.ts` prints it. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exit.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
