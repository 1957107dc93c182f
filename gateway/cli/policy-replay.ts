import { Command, InvalidArgumentError } from 'commander';
import type { Flip, Replayed } from '../../policies/replay.ts';
import type { Waivers } from '../../policies/waivers.ts';
import { conclude, counted, loadForPolicies, printFinding, readSource, soundPolicies } from './policy-files.ts';
import { CommandError, exit, paint, paintError, print, printError, printJson } from './terminal.ts';

interface Options {
  readonly candidate?: readonly string[];
  readonly waivers?: string;
  readonly since?: Date;
  readonly show: number;
  readonly json?: boolean;
}

const codes = 'Exit codes: 0 nothing is permitted anew, or a waiver answers for it; 1 something is; 2 a file is wrong.';

/** `ostiary policy replay [DIR]` */
export const policyReplayCommand = (): Command =>
  shared(new Command('replay'))
    .summary('decide recorded requests again under other policies')
    .description(
      'Decides every recorded request again under a candidate and prints what it would have decided otherwise, by rule ' +
        'and by caller. What the candidate reads and the log does not hold is told as not replayable, never guessed.',
    )
    .requiredOption('--candidate <paths...>', 'files and folders of the policies to try')
    .option('--waivers <file>', 'which new permits are meant: {"waivers": [{"rule", "intent", "because"}]}')
    .addHelpText(
      'after',
      `\nExample:\n  $ npx ostiary policy replay examples/shop --candidate next/policies --waivers next/waivers.yaml\n\n${codes}`,
    )
    .action(async (dir: string, options: Options) => {
      const { config, folder } = await loadForPolicies(dir);
      const { bundle, intents } = await soundPolicies(dir, options.candidate);
      const { replay } = await import('../../policies/replay.ts');
      const waivers = await readWaivers(options.waivers);
      await report(
        await replay(entriesOf({ config, folder }, options.since), bundle, intents),
        waivers,
        options,
        bundle.hash,
      );
    });

/** `ostiary policy shadow [DIR]` */
export const policyShadowCommand = (): Command =>
  shared(new Command('shadow'))
    .summary('say what policies on trial decided otherwise')
    .description(
      'Reads from the audit log what the policies on trial ("shadow" in ostiary.yaml) would have decided on live ' +
        'requests, and prints where that differs, by rule and by caller.',
    )
    .option('--waivers <file>', 'which new permits are meant: {"waivers": [{"rule", "intent", "because"}]}')
    .addHelpText('after', `\nExample:\n  $ npx ostiary policy shadow examples/shop --since 2026-11-20\n\n${codes}`)
    .action(async (dir: string, options: Options) => {
      const { config, folder } = await loadForPolicies(dir);
      if (config.shadow.length === 0)
        throw new CommandError(
          `${dir}/ostiary.yaml names no policies on trial: add "shadow: [./next.policy.yaml]".`,
          exit.usage,
        );
      const { resolve } = await import('node:path');
      const { bundle } = await soundPolicies(
        dir,
        config.shadow.map((path) => resolve(folder, path)),
      );
      const { comparedWithShadow } = await import('../../policies/replay.ts');
      const waivers = await readWaivers(options.waivers);
      await report(
        await comparedWithShadow(entriesOf({ config, folder }, options.since), bundle.hash),
        waivers,
        options,
        bundle.hash,
      );
    });

function shared(command: Command): Command {
  return command
    .argument('[dir]', 'folder with ostiary.yaml and the audit log', '.')
    .option('--since <time>', 'only what was asked since: 2026-11-20T00:00:00Z', time)
    .option('--show <count>', 'how many requests to show one by one', count, 20)
    .option('--json', 'print {"requests", "same", "flips", "not_replayable", "unwaived"}');
}

const report = async (
  { requests, same, flips, skipped }: Replayed,
  waivers: Waivers,
  { show, json }: Options,
  hash: string,
): Promise<void> => {
  const { unwaived } = await import('../../policies/waivers.ts');
  const open = unwaived(flips, waivers);
  const ok = open.length === 0;
  if (!ok) process.exitCode = exit.failed;
  if (json)
    return printJson({
      requests,
      same,
      flips,
      not_replayable: Object.fromEntries(skipped),
      unwaived: open.length,
      candidate: hash,
    });
  for (const kind of ['deny to permit', 'permit to deny', 'obligations'] as const) {
    const of = flips.filter((flip) => flip.kind === kind);
    if (of.length === 0) continue;
    print(`${paint('bold', kind === 'obligations' ? 'other obligations' : kind)}: ${of.length}`);
    drawCounts('by rule', of, ({ by }) => (by.length === 0 ? 'no allow holds' : by.join(', ')));
    drawCounts('by caller', of, ({ caller }) => caller);
  }
  for (const { at, request, intent, caller, before, after } of flips.slice(0, show))
    print(`${paint('dim', `${at} ${request}`)} ${intent} ${caller}: ${drawn(before)} → ${drawn(after)}`);
  if (flips.length > show) print(paint('dim', `and ${flips.length - show} more (--show ${flips.length})`));
  for (const [why, times] of skipped) print(`${paint('yellow', 'not replayable')} ${times}: ${why}`);
  conclude(
    ok,
    [
      counted(requests, 'request'),
      `${same} the same`,
      `${flips.length} different`,
      `${[...skipped.values()].reduce((sum, times) => sum + times, 0)} not replayable`,
      ...(ok ? [] : [`${open.length} permitted anew without a waiver`]),
    ].join(', '),
  );
};

const drawn = ({ outcome, by, obligations }: Flip['before']): string =>
  `${paint(outcome === 'permit' ? 'green' : 'red', outcome)}${by.length === 0 ? '' : ` by ${by.join(', ')}`}${obligations.length === 0 ? '' : ` (${obligations.join('; ')})`}`;

const drawCounts = (title: string, flips: readonly Flip[], of: (flip: Flip) => string): void => {
  const counts = [...Map.groupBy(flips, of)].map(([name, all]) => [name, all.length] as const);
  print(
    `  ${title}: ${counts
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}`,
  );
};

const readWaivers = async (file: string | undefined): Promise<Waivers> => {
  if (file === undefined) return [];
  const { parseWaivers } = await import('../../policies/waivers.ts');
  const { waivers, findings } = parseWaivers(readSource(file));
  for (const finding of findings) printError(printFinding(finding, paintError));
  if (findings.length > 0) throw new CommandError(`${counted(findings.length, 'fault')} in ${file}.`, exit.usage);
  return waivers;
};

/** The log a page at a time: it may be longer than what memory holds. */
async function* entriesOf(
  setup: Pick<Awaited<ReturnType<typeof loadForPolicies>>, 'config' | 'folder'>,
  since: Date | undefined,
): AsyncGenerator<Record<string, unknown>> {
  const { openStore } = await import('../wire-stores.ts');
  const store = await openStore(setup);
  try {
    let last = 0;
    for (;;) {
      const page = await store.audit.read(last, 5_000);
      if (page.length === 0) return;
      last = page.at(-1)?.sequence ?? last;
      for (const { body } of page) {
        const entry = JSON.parse(body) as Record<string, unknown>;
        if (since === undefined || Date.parse(String(entry.at)) >= since.getTime()) yield entry;
      }
    }
  } finally {
    await store.close();
  }
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time like 2026-11-20T00:00:00Z');
  return at;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 100_000)
    throw new InvalidArgumentError('a number from 0 to 100000');
  return number;
}
