import { Command, InvalidArgumentError } from 'commander';
import { didYouMean } from '../../intents/did-you-mean.ts';
import { isObject, type Json, pointerSegment } from '../../intents/json.ts';
import { obligationText, toEvaluation } from '../../policies/record.ts';
import { type Asked, bands, type Decision, type Verdict } from '../../policies/types.ts';
import { readSource, soundPolicies } from './policy-files.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

interface Options {
  readonly case?: { readonly file: string; readonly line: number };
  readonly as?: string;
  readonly claims: Record<string, Json>;
  readonly intent?: string;
  readonly purpose?: string;
  readonly input: Record<string, Json>;
  readonly totals: Record<string, Json>;
  readonly ip?: string;
  readonly at?: Date;
  readonly band?: NonNullable<Asked['band']>;
  readonly json?: boolean;
}

const more = `
Examples:
  $ npx ostiary policy explain examples/shop --as user:dana --claims '{"roles":["support"]}' --intent orders.refund@2 --purpose support --input '{"order_id":"A-1001","amount":500,"currency":"EUR"}'
  $ npx ostiary policy explain examples/shop --case examples/shop/policy-cases.yaml:40

Exit codes: 0 permitted, 4 denied, 3 permitted once confirmed, 2 what was asked is wrong.`;

/** `ostiary policy explain [DIR]` */
export const policyExplainCommand = (): Command =>
  new Command('explain')
    .summary('decide one request, and say what each rule made of it')
    .description(
      'Decides one request under the policies of a set-up, without a gateway, and says of each rule for the intent ' +
        'whether it fired, condition by condition. Everything comes from the options, or from a case of a policy test.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--case <file:line>', 'a case of a policy test, as its failure names it', caseAt)
    .option('--as <type:id>', 'who asks: user:dana')
    .option('--claims <json>', 'claims of their credential', object('--claims'), {})
    .option('--intent <id>', 'what: orders.refund@2')
    .option('--purpose <name>', 'why')
    .option('--input <json>', 'with which values', object('--input'), {})
    .option('--totals <json>', 'what aggregates hold before it', object('--totals'), {})
    .option('--ip <address>', 'from where')
    .option('--at <time>', 'when, as 2026-11-23T10:00:00Z; left out, now', time)
    .option('--band <name>', 'what was seen of them: trusted, standard, new, restricted or unknown', band)
    .option('--json', 'print {"request", "response", "verdicts"}, the first two as in AuthZEN 1.0')
    .addHelpText('after', more)
    .action(async (dir: string, options: Options) => {
      const { bundle, intents } = await soundPolicies(dir);
      const asked =
        options.case === undefined
          ? askedBy(options, intents, bundle.purposes)
          : await askedInCase(options.case, (source) =>
              import('../../policies/cases.ts').then(({ runPolicyCases }) => runPolicyCases(source, bundle, intents)),
            );
      const decision = bundle.decide(asked);
      const verdicts = bundle.explain(asked);
      const confirms = decision.obligations.some(({ type }) => type === 'confirm');
      process.exitCode = decision.outcome === 'deny' ? exit.denied : confirms ? exit.question : exit.ok;
      if (options.json) return printJson({ ...toEvaluation(asked, decision), verdicts });
      draw(asked, decision, verdicts);
    });

const draw = (asked: Asked, decision: Decision, verdicts: readonly Verdict[]): void => {
  const { principal, intent, purpose } = asked;
  const permits = decision.outcome === 'permit';
  print(
    `${paint(permits ? 'green' : 'red', decision.outcome)} ${paint('bold', intent.id)} for ${purpose?.name ?? 'no purpose'}, asked by ${principal.type} ${principal.id}`,
  );
  print(`  ${decision.reason.user}`);
  print(`  ${paint('dim', decision.reason.admin)}`);
  for (const obligation of decision.obligations)
    print(`  ${paint('yellow', obligationText(obligation))} ${paint('dim', obligation.rule)}`);
  const fired = new Set(decision.fired.map(({ id }) => id));
  for (const verdict of verdicts) {
    const { kind, rule, place, who, purpose: complies, conditions } = verdict;
    print();
    const sign = fired.has(rule) ? paint(kind === 'deny' ? 'red' : 'green', 'fires') : paint('dim', 'does not');
    print(`${kind} ${paint('bold', rule)} ${sign} ${paint('dim', place)}`);
    const rows: [string, boolean | undefined][] = [
      ['about this caller', who],
      ['for this purpose', complies],
      ...conditions.map(({ path, tests, value, holds }): [string, boolean | undefined] => [
        `${path} ${JSON.stringify(tests)}: ${value === undefined ? 'is not known' : `it is ${JSON.stringify(value)}`}`,
        holds,
      ]),
    ];
    for (const [text, holds] of rows) print(`  ${truth(holds)} ${text}`);
  }
};

const truth = (holds: boolean | undefined): string =>
  holds === undefined ? paint('yellow', 'unknown') : holds ? paint('green', 'true   ') : paint('dim', 'false  ');

const askedBy = (options: Options, intents: readonly Asked['intent'][], purposes: ReadonlySet<string>): Asked => {
  const { as, claims, intent: id, purpose, input, totals, ip, at, band: seen } = options;
  if (as === undefined || id === undefined)
    throw new CommandError(
      'Say who asks for what: --as user:dana --intent orders.get@1, or --case FILE:LINE.',
      exit.usage,
    );
  const intent = intents.find((one) => one.id === id);
  if (intent === undefined)
    throw new CommandError(
      `There is no intent ${id}.${didYouMean(
        id,
        intents.map((one) => one.id),
      )}`,
      exit.usage,
    );
  if (purpose !== undefined && !purposes.has(purpose))
    throw new CommandError(`There is no purpose "${purpose}".${didYouMean(purpose, purposes)}`, exit.usage);
  const [type = '', ...rest] = as.split(':');
  const held = Object.entries(totals).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return {
    principal: {
      tenant: 'default',
      type,
      id: rest.join(':'),
      claims,
      purposes: purpose === undefined ? [] : [purpose],
      defaultPurpose: undefined,
      capabilities: undefined,
      credential: { kind: 'api-key', id: as },
    },
    intent,
    input,
    purpose: purpose === undefined ? undefined : { name: purpose, source: 'declared' },
    provenance: Object.fromEntries(Object.keys(input).map((name) => [`/${pointerSegment(name)}`, 'input'])),
    resolution: { tier: 'direct', confidence: 1, margin: 1 },
    context: { now: at ?? new Date(), ip, door: 'http' },
    totals: new Map(held),
    ...(seen === undefined ? {} : { band: seen }),
  };
};

type Run = ReturnType<typeof import('../../policies/cases.ts').runPolicyCases>;

const askedInCase = async (
  { file, line }: NonNullable<Options['case']>,
  run: (source: ReturnType<typeof readSource>) => Promise<Run>,
): Promise<Asked> => {
  const { results, findings } = await run(readSource(file));
  const [finding] = findings;
  if (finding !== undefined) throw new CommandError(`${finding.file}:${finding.line} ${finding.message}`, exit.usage);
  // The case that begins there, or else the one that the line lies in.
  const placed = results.map((result) => ({ result, at: Number(/:(\d+):\d+$/.exec(result.place)?.[1]) }));
  const found = placed.findLast(({ at }) => at <= line)?.result;
  if (found?.asked === undefined)
    throw new CommandError(`${file}:${line} ${found?.difference ?? 'is before the first case'}`, exit.usage);
  return found.asked;
};

function caseAt(text: string): { file: string; line: number } {
  const [, file = '', line] = /^(.+?):(\d+)(?::\d+)?$/.exec(text) ?? [];
  if (line === undefined) throw new InvalidArgumentError('written like policy-cases.yaml:40');
  return { file, line: Number(line) };
}

function object(option: string): (text: string) => Record<string, Json> {
  return (text) => {
    try {
      const value: unknown = JSON.parse(text);
      if (isObject(value)) return value as Record<string, Json>;
    } catch {
      // Said below.
    }
    throw new InvalidArgumentError(`${option} is one JSON object`);
  };
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time like 2026-11-23T10:00:00Z');
  return at;
}

function band(text: string): NonNullable<Asked['band']> {
  const seen: readonly string[] = [...bands, 'unknown'];
  if (!seen.includes(text)) throw new InvalidArgumentError(`one of ${seen.join(', ')}`);
  return text as NonNullable<Asked['band']>;
}
