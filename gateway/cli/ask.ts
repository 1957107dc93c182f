import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { type Connection, request, type Told, withConnection } from './client.ts';
import { drawAnswer, drawRoad } from './draw.ts';
import { drawUnderstanding } from './draw-understanding.ts';
import { progressBar } from './measure/progress.ts';
import { keepSession, readSession } from './session-file.ts';
import { exit, paint, print, printJson } from './terminal.ts';

interface AskOptions extends Connection {
  readonly purpose?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly session?: string;
}

const exitCodes =
  'Exit codes: 0 done, 1 failed, 2 usage, 3 a question back, 4 denied, 5 out of scope,\n6 unknown: the backend may have acted, 7 no gateway answers.';

const exits: Readonly<Record<string, number>> = {
  completed: exit.ok,
  explained: exit.ok,
  clarify: exit.question,
  confirm: exit.question,
  declined: exit.ok,
  denied: exit.denied,
  out_of_scope: exit.outOfScope,
  unknown: exit.unknown,
};

/** What a person who waits reads while a tier is at work. */
const askedOf: Readonly<Record<string, string>> = {
  builtin: 'Understanding the words',
  encoder: 'Asking the encoder',
  model: 'Asking the language model',
};

/** `ostiary ask "…"` */
export const askCommand = (): Command =>
  withConnection(new Command('ask'))
    .summary('ask a running gateway for something, in plain words')
    .description(
      'Asks a running gateway for something, in plain words, and draws the road the request took: how it was ' +
        'understood, why it was allowed or not, what was called and what came back. A write may want a yes first.',
    )
    .argument('<words...>', 'what you want')
    .option('--purpose <name>', 'why you ask; left out, the purpose of the key')
    .option('--session <file>', 'go on with the conversation kept in this file, and keep it there; made where missing')
    .option('-y, --yes', 'say yes to a confirmation without being asked')
    .option('--json', 'print the answer as the gateway gave it; asks nothing (with -y, only what came after the yes)')
    .addHelpText(
      'after',
      `\nExamples:\n  $ npx ostiary ask "show order A-1001" --key demo-support\n  $ OSTIARY_KEY=demo-support npx ostiary ask refund order A-1001\n  $ npx ostiary ask "make it 20 instead" --session talk.session\n\n${exitCodes}`,
    )
    .action(async (words: string[], options: AskOptions) => {
      const text = words.join(' ');
      const bar = progressBar(process.stderr, () => performance.now());
      const tell = ({ tier, tokens }: Told) =>
        bar.stage(`${askedOf[tier] ?? tier}${tokens === undefined ? '' : `: ${tokens} tokens`} …`);
      const asked = { ...askBody(text, options), trace: true };
      let { body } = await request(options, 'POST', '/v1/ask', asked, process.stderr.isTTY ? tell : undefined);
      bar.end();
      if (options.session !== undefined) keepSession(options.session, body.session);
      const { yes = false, json = false } = options;
      const confirmation = body.outcome === 'confirm' ? (body.confirmation as { id: string }) : undefined;
      const answers = confirmation !== undefined && (yes || (process.stdin.isTTY && !json));
      if (!json) draw(text, body);
      if (answers) {
        const confirm = yes || (await askPerson());
        const answer = confirm ? 'yes' : 'no';
        // In a conversation the answer is a turn of it, so that what follows knows that it is done.
        ({ body } =
          options.session === undefined
            ? await request(options, 'POST', `/v1/confirmations/${confirmation.id}`, { confirm, trace: true })
            : await request(options, 'POST', '/v1/ask', { ...askBody(answer, options), trace: true }));
        if (options.session !== undefined) keepSession(options.session, body.session);
        if (!json) draw(answer, body);
      }
      if (json) printJson(body);
      process.exitCode = exits[String(body.outcome)] ?? exit.failed;
    });

/** `ostiary explain "…"` */
export const explainCommand = (): Command =>
  withConnection(new Command('explain'))
    .summary('say what a request would do, without doing it')
    .description(
      'Goes the road of a request up to the decision and says what it may mean, which words spoke for that, and what ' +
        'would be called. Nothing is done.',
    )
    .argument('<words...>', 'what you would ask')
    .option('--purpose <name>', 'why you would ask; left out, the purpose of the key')
    .option('--session <file>', 'explain it as the next turn of the conversation kept in this file')
    .option('--json', 'print the answer as the gateway gave it')
    .addHelpText(
      'after',
      `\nExample:\n  $ npx ostiary explain "refund 500 euros on A-1001" --key demo-support\n\n${exitCodes}`,
    )
    .action(async (words: string[], options: AskOptions) => {
      const text = words.join(' ');
      const { body } = await request(options, 'POST', '/v1/explain', askBody(text, options));
      if (options.json) printJson(body);
      else draw(text, body, drawUnderstanding(body));
      process.exitCode = exits[String(body.outcome)] ?? exit.failed;
    });

const askBody = (text: string, { purpose, session: file }: AskOptions) => {
  const session = file === undefined ? undefined : readSession(file);
  return { text, ...(purpose === undefined ? {} : { purpose }), ...(session === undefined ? {} : { session }) };
};

const draw = (text: string, body: Record<string, unknown>, understanding: readonly string[] = []) => {
  print();
  for (const line of [...drawRoad(text, body), ...understanding, ...drawAnswer(body)]) print(line);
  print();
};

const askPerson = async (): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(paint('yellow', 'Do it? [y/N] '));
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
};
