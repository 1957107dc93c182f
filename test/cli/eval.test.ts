import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ostiary, type Ran, root } from './ostiary.ts';

let folder: string;
const write = (name: string, ...lines: readonly (string | object)[]): string => {
  writeFileSync(
    join(folder, name),
    lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
  );
  return name;
};
const evaluated = (...args: string[]): Promise<Ran> => ostiary(['eval', ...args], { cwd: folder });

const said = {
  track: [
    'where is my parcel',
    'track my delivery',
    'when will the package arrive',
    'has my parcel been sent',
    'delivery status please',
  ],
  refund: [
    'give me my money back',
    'I want a refund',
    'refund this order please',
    'pay me back for the lamp',
    'can I be reimbursed',
  ],
  hours: [
    'when do you open',
    'what are your opening hours',
    'are you open on sunday',
    'until what time is the shop open',
    'closing time today',
  ],
};
const labelled = Object.entries(said).flatMap(([intent, texts]) => texts.map((text) => ({ text, intent })));
const asked = [
  { text: 'where is the package now', intent: 'track' },
  { text: 'when does my delivery arrive', intent: 'track' },
  { text: 'I would like my money back', intent: 'refund' },
  { text: 'is the shop open on saturday', intent: 'hours' },
  { text: 'sing me a song', intent: null },
  { text: 'how tall is mount everest', intent: null },
];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-eval-'));
  write('train.jsonl', ...labelled);
  write('test.jsonl', ...asked);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = ['--train', 'train.jsonl', '--test', 'test.jsonl'];

describe('two files', () => {
  test('--json: every figure that is promised, and the same again', async () => {
    const runs = await Promise.all([evaluated(...files, '--json'), evaluated(...files, '--json')]);
    const [report, again] = runs.map(({ stdout }) => JSON.parse(stdout));
    expect(runs[0]).toMatchObject({ code: 0, stderr: '' });
    expect(report).toMatchObject({
      kind: 'ostiary-eval/1',
      texts: 6,
      in_scope: 4,
      out_of_scope: 2,
      in_scope_accuracy_unrefused: 1,
    });
    for (const name of [
      'accuracy',
      'in_scope_accuracy',
      'oos_recall',
      'oos_auroc',
      'ece',
      'coverage_at_99_precision',
      'p50_us',
      'p99_us',
      'train_ms',
    ])
      expect(report, name).toHaveProperty(name, expect.any(Number));
    const timeless = (one: object) => Object.entries(one).filter(([name]) => !/_us$|_ms$/.test(name));
    expect(timeless(again)).toEqual(timeless(report));
  });

  test('in words, without a colour or a bar where nobody looks', async () => {
    const { code, stdout, stderr } = await evaluated(...files);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Learned from 15 texts of 3 intents in .*\nTested on 6 texts: 4 in scope, 2 out of scope\.\n/,
    );
    expect(stdout).toMatch(/^ {2}time +\d.* a text, half of them; 99 in 100 within \d/m);
    expect(stdout).not.toContain('\u001B');
  });

  test('as they come from other programs: a byte order mark, Windows line ends, empty lines, the same twice, texts out of scope', async () => {
    const messy = labelled.map((one) => JSON.stringify(one)).join('\r\n\r\n');
    write('messy.jsonl', `\uFEFF${messy}\r\n${JSON.stringify(labelled[0])}\r\n{"text":"sing","intent":null}\r\n`);
    write('unknown.jsonl', ...asked, { text: 'sell my stocks', intent: 'trade' });
    const { stdout } = await evaluated('--train', 'messy.jsonl', '--test', 'unknown.jsonl', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      learned_from: { texts: 15, intents: 3, repeated: 1, out_of_scope: 1 },
      in_scope: 5,
      in_scope_accuracy_unrefused: 0.8,
      unknown_labels: [{ label: 'trade', texts: 1 }],
    });
  });

  test('one intent, one example', async () => {
    write('one.jsonl', { text: 'hello', intent: 'greet' });
    const { code, stdout } = await evaluated('--train', 'one.jsonl', '--test', 'one.jsonl', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ accuracy: 1, oos_recall: null, oos_auroc: null });
  });
});

describe('an earlier run, and limits', () => {
  test('--compare says what differs, --fail-under ends with 1', async () => {
    const before = { kind: 'ostiary-eval/1', accuracy: 0.1, ece: 0, p50_us: 1 };
    write('before.json', before);
    const { code, stdout, stderr } = await evaluated(
      ...files,
      '--compare',
      'before.json',
      '--fail-under',
      'in_scope_accuracy_unrefused=1,ece=0',
    );
    expect(stdout).toContain('Compared with before.json\n');
    expect(stdout).toMatch(/^ {2}▲ accuracy +0\.1000 {2}→ {2}1\.0000/m);
    expect(stderr).toMatch(/^missed: ece is 0\.\d+, and had to be 0 or less\n$/);
    expect(code).toBe(1);
  });
  test('--json has both as well', async () => {
    const { code, stdout } = await evaluated(
      ...files,
      '--json',
      '--compare',
      'before.json',
      '--fail-under',
      'accuracy=0.01',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      compared_with: 'before.json',
      differences: [
        { figure: 'accuracy', before: 0.1, verdict: 'better' },
        { figure: 'ece', verdict: 'worse' },
        { figure: 'p50_us' },
      ],
      missed: [],
    });
  });
});

describe('what is wrong ends with 2 before anything is learned, and says where', () => {
  const wrong: { name: string; args: string[]; says: string; file?: (string | object)[] }[] = [
    {
      name: 'a line without an intent',
      args: ['--train', 'bad.jsonl', '--test', 'test.jsonl'],
      file: [{ text: 'a', intent: 'b' }, '', { text: 'a', label: 'b' }],
      says: 'error: bad.jsonl:3 "intent" is missing (null means out of scope). Rename "label" to "intent".\n',
    },
    {
      name: 'a line that is no JSON',
      args: ['--train', 'train.jsonl', '--test', 'bad.jsonl'],
      file: ['text,intent'],
      says: 'error: bad.jsonl:1 is not JSON',
    },
    {
      name: 'nothing in scope to learn',
      args: ['--train', 'bad.jsonl', '--test', 'test.jsonl'],
      file: [{ text: 'a', intent: null }],
      says: 'bad.jsonl:1 has only texts that are out of scope',
    },
    {
      name: 'an empty file',
      args: ['--train', 'bad.jsonl', '--test', 'test.jsonl'],
      file: [''],
      says: 'bad.jsonl:1 holds no text',
    },
    {
      name: 'no such file',
      args: ['--train', 'nowhere.jsonl', '--test', 'test.jsonl'],
      says: 'nowhere.jsonl cannot be read',
    },
    { name: '--train alone', args: ['--train', 'train.jsonl'], says: '--train goes together with --test' },
    {
      name: 'an unknown figure',
      args: [...files, '--fail-under', 'acuracy=1'],
      says: 'there is no figure "acuracy". Did you mean "accuracy"?',
    },
    { name: 'an unknown tier', args: [...files, '--tiers', 'builtin,magic'], says: '"magic" is none of them' },
    { name: 'no encoder', args: [...files, '--tiers', 'encoder'], says: 'name its folder with --encoder' },
    { name: 'no model', args: [...files, '--tiers', 'model'], says: 'name one under "models:"' },
    { name: 'no earlier run', args: [...files, '--compare', 'train.jsonl'], says: 'train.jsonl is no earlier run' },
    { name: 'a folder without a set-up', args: ['.'], says: 'There is no ostiary.yaml in' },
    { name: 'no slots in the lines', args: [...files, '--slots'], says: 'train.jsonl:1 has no line with slots' },
  ];
  test.each(wrong)('$name', async ({ args, file, says }) => {
    if (file !== undefined) write('bad.jsonl', ...file);
    const { code, stdout, stderr } = await evaluated(...args);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: says.startsWith('There is no') ? 1 : 2, stdout: '' });
  });

  test('many wrong lines: the first twenty, and how many more', async () => {
    write('bad.jsonl', ...Array.from({ length: 25 }, () => '{}'));
    const { stderr } = await evaluated('--train', 'bad.jsonl', '--test', 'test.jsonl');
    expect(stderr.trim().split('\n')).toHaveLength(21);
    expect(stderr).toContain('and 5 more lines like these');
  });
  test('not UTF-8', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), Buffer.from('\uFEFF{"text":"a","intent":"b"}', 'utf16le'));
    expect((await evaluated('--train', 'bad.jsonl', '--test', 'test.jsonl')).stderr).toContain(
      'bad.jsonl is not UTF-8',
    );
  });
});

describe('a set-up', () => {
  const shop = (...args: string[]) => ostiary(['eval', 'examples/shop', ...args], { cwd: root });
  test('its own utterances: the tier alone, and the whole resolver', async () => {
    const { code, stdout } = await shop('--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ resolver_wrong_runs: 0, resolver: { cases: expect.any(Number) } });
    expect(report.in_scope_accuracy_unrefused).toBeGreaterThan(0.9);
    expect(report.resolver_accuracy).toBeGreaterThan(0.95);
  });
  test('its values', async () => {
    const { stdout } = await shop('--slots', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ostiary-eval-slots/1',
      matched: 'value',
      train_ms: expect.any(Number),
    });
    expect(JSON.parse(stdout).slot_f1).toBeGreaterThan(0.95);
  });
  test('without utterances each example is held out in turn, and that is said', async () => {
    const { code, stdout } = await shop('--cross-validate', '--examples', '0');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Each example is held out in turn/);
  });
});
