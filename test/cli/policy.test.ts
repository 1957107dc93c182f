import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { ostiary } from './ostiary.ts';

let gateway: TestGateway;
let folder: string;
let scratch: string;
const write = (name: string, text: string): string => {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
};
/** The usual policy, changed. */
const candidate = (name: string, change: (text: string) => string): string =>
  write(name, change(readFileSync(join(folder, 'policies/notes.policy.yaml'), 'utf8')));

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ostiary-policy-'));
  gateway = await startGateway();
  folder = gateway.folder;
  await gateway.call('POST', '/v1/intents/notes.add', { text: 'x', folder: 'attic' });
  await gateway.call('POST', '/v1/intents/notes.add', { text: 'y' });
  await gateway.call('POST', '/v1/intents/notes.add', { text: 'z' }, { key: 'reader' });
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { key: 'reader' });
  await gateway.call('POST', '/v1/intents/notes.wipe', {});
  await gateway.call('POST', '/v1/explain', { intent: 'notes.add', input: { text: 'no matter' } });
  await gateway.close();
  writeFileSync(
    join(folder, 'policies/notes.policy-test.yaml'),
    `suite: notes
now: 2026-11-23T10:00:00Z
fixtures:
  writer: { subject: { type: user, id: w }, token: { roles: [writer] }, purposes: [work] }
  reader: { subject: { type: user, id: r }, token: { roles: [reader] }, purposes: [work] }
cases:
  - { name: a writer writes, as: writer, intent: notes.add@1, purpose: work, in: { text: x }, expect: permit, by: writers-write }
  - { name: wiping is asked back, as: writer, intent: notes.wipe@1, purpose: work, expect: confirm, obligations: [confirm by self] }
  - { name: a reader reads, as: reader, intent: notes.get@1, purpose: work, in: { note_id: N-1 }, expect: permit, by: mask-mail }
matrix:
  intents: [notes.add@1, notes.list@1]
  permitted: [[writer, notes.add@1, work], [writer, notes.list@1, work], [reader, notes.list@1, work]]
`,
  );
});
afterAll(async () => {
  await gateway?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

describe('policy check', () => {
  test('says all is well, of the set-up as it is', async () => {
    expect(await ostiary(['policy', 'check', folder])).toEqual({
      code: 0,
      stdout: expect.stringContaining('✔ 8 rules, 0 errors, 1 warning\n'),
      stderr: '',
    });
  });

  test('says what is wrong, with its place and the fix, and what is doubtful fails where that is wanted', async () => {
    const other = join(scratch, 'broken');
    mkdirSync(other);
    writeFileSync(join(other, 'ostiary.yaml'), 'api: ostiary/1\nintents: []\npolicies: [./p.yaml]\n');
    writeFileSync(join(other, 'p.yaml'), 'api: intent-policy/1\nrules:\n  - { alow: x, can: [y] }\n');
    const { code, stdout } = await ostiary(['policy', 'check', other]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /p\.yaml:3:5 error A rule begins with .* Did you mean "allow"\?.*\n✘ 0 rules, 1 error, 0 warnings\n$/s,
      ),
    ]);
    const strict = await ostiary(['policy', 'check', folder, '--strict', '--json']);
    expect([strict.code, JSON.parse(strict.stdout)]).toMatchObject([
      1,
      { ok: false, rules: 8, errors: [], warnings: [{ code: 'policy.unused' }] },
    ]);
  });
});

describe('policy test', () => {
  test('runs the cases and the matrix, and tells which rules no case fires', async () => {
    const { code, stdout } = await ostiary(['policy', 'test', folder]);
    expect(stdout).toMatch(/✔ notes .*notes\.policy-test\.yaml, 7 cases/);
    expect(stdout).toMatch(/not fired require ask-about-the-model .*notes\.policy\.yaml:\d+:5/);
    expect([code, stdout]).toEqual([0, expect.stringContaining('✔ 7 cases, 0 failed, 6 of 7 rules fired')]);
    const strict = await ostiary(['policy', 'test', folder, '--coverage', '--json']);
    expect([strict.code, JSON.parse(strict.stdout)]).toMatchObject([
      1,
      { ok: false, cases: 7, failed: [], rules: 7, unfired: [{ rule: 'ask-about-the-model' }] },
    ]);
  });

  test('a case that fails is told with its place, and ends with 1', async () => {
    const file = write(
      'wrong.policy-test.yaml',
      `suite: wrong
now: 2026-11-23T10:00:00Z
fixtures: { reader: { subject: { type: user, id: r }, token: { roles: [reader] }, purposes: [work] } }
cases:
  - { name: no, as: reader, intent: notes.add@1, purpose: work, expect: permit }
matrix: { intents: [notes.get@1], permitted: [[reader, notes.wipe@1, work]] }
`,
    );
    const { code, stdout } = await ostiary(['policy', 'test', folder, file]);
    expect(code).toBe(1);
    expect(stdout).toContain(':5:5 no: expected permit, got deny: no allow holds');
    expect(stdout).toMatch(
      /:6:9 reader notes\.get@1 for work: is permitted \(allow all-read at .*\), and the matrix does not list it/,
    );
    expect(stdout).toContain('is listed as permitted, and is no combination of the matrix');
    expect(stdout).toContain('✘ 3 cases, 3 failed');
  });

  test.each([
    ['no YAML', 'cases: [', 2],
    ['another shape', 'suite: x\n', 2],
  ])('a file that is %s ends with 2', async (_name, text, code) => {
    const file = write('shape.policy-test.yaml', text);
    expect((await ostiary(['policy', 'test', folder, file])).code).toBe(code);
  });

  test('a folder without cases ends with 2', async () => {
    expect(await ostiary(['policy', 'test', folder, join(scratch, 'nowhere.yaml')])).toMatchObject({ code: 2 });
  });
});

describe('policy explain', () => {
  test('tells each rule, condition by condition', async () => {
    const { code, stdout } = await ostiary([
      ...['policy', 'explain', folder, '--as', 'user:eve', '--claims', '{"roles":["writer"]}'],
      ...['--intent', 'notes.wipe@1', '--purpose', 'work'],
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^permit notes\.wipe@1 for work, asked by user eve\n/);
    expect(stdout).toContain('confirm by self writers-wipe');
    expect(stdout).toMatch(
      /require ask-about-the-model does not .*\n {2}true {4}about this caller\n.*\n {2}false {3}\/prov\/sinks \{"anyIn":\["model"\]\}: it is \[\]/,
    );
  });

  test('takes a case of a test, and prints what AuthZEN would say', async () => {
    const file = join(folder, 'policies/notes.policy-test.yaml');
    const { code, stdout } = await ostiary(['policy', 'explain', folder, '--case', `${file}:7:5`, '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        request: {
          subject: { type: 'user', id: 'w', properties: { roles: ['writer'] } },
          action: { name: 'notes.add@1', properties: { effect: 'write' } },
          context: { goal: 'work', goal_source: 'declared', time: '2026-11-23T10:00:00.000Z' },
        },
        response: {
          decision: true,
          context: {
            reason: 'permitted',
            rules: { allow: ['writers-write'] },
            policy: { bundle_sha256: expect.any(String) },
          },
        },
        verdicts: [
          { rule: 'writers-write', holds: true },
          { rule: 'mask-mail', holds: false },
          { rule: 'ask-about-the-model', holds: false },
        ],
      },
    ]);
  });

  test.each([
    [['--intent', 'notes.ad@1', '--as', 'user:x'], 'There is no intent notes.ad@1. Did you mean "notes.add@1"?'],
    [
      ['--intent', 'notes.add@1', '--as', 'user:x', '--purpose', 'wrk'],
      'There is no purpose "wrk". Did you mean "work"?',
    ],
    [['--intent', 'notes.add@1'], 'Say who asks for what'],
  ])('%j ends with 2', async (options, message) => {
    const { code, stderr } = await ostiary(['policy', 'explain', folder, ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('policy replay', () => {
  const replay = (...args: string[]) => ostiary(['policy', 'replay', folder, ...args]);

  test('the same policy decides the same', async () => {
    const file = candidate('same.yaml', (text) => text);
    const { code, stdout } = await replay('--candidate', file);
    expect([code, stdout]).toEqual([0, '✔ 5 requests, 5 the same, 0 different, 0 not replayable\n']);
  });

  test('what it would permit anew needs a waiver; everything else is told by rule and by caller', async () => {
    const file = candidate(
      'next.yaml',
      (text) =>
        `${text.replace('allow: writers-write, who: [writer]', 'allow: all-write, who: [writer, reader]').replace('obligations: [{ confirm: { by: self, ttl: 5m } }]', 'priority: 1')}  - { deny: no-attic, can: [write], when: { /in/folder: { present: true, eq: attic } } }
`,
    );
    const { code, stdout } = await replay('--candidate', file);
    expect(code).toBe(1);
    expect(stdout).toContain('deny to permit: 1\n  by rule: all-write 1\n  by caller: user reader 1\n');
    expect(stdout).toContain('permit to deny: 1\n  by rule: no-attic 1\n  by caller: user writer 1\n');
    expect(stdout).toContain('other obligations: 1\n  by rule: writers-wipe 1\n');
    expect(stdout).toMatch(
      /notes\.wipe@1\.0\.0 user writer: permit by writers-wipe \(confirm by self\) → permit by writers-wipe\n/,
    );
    expect(stdout).toContain(
      '✘ 5 requests, 2 the same, 3 different, 0 not replayable, 1 permitted anew without a waiver',
    );

    const waivers = write(
      'waivers.yaml',
      'waivers:\n  - { rule: all-write, intent: notes.add@1, because: readers may write now }\n',
    );
    expect((await replay('--candidate', file, '--waivers', waivers)).code).toBe(0);
    const other = write('other.yaml', 'waivers:\n  - { rule: all-write, intent: notes.wipe@1, because: a mistake }\n');
    expect((await replay('--candidate', file, '--waivers', other)).code).toBe(1);
    const misspelt = write('misspelt.yaml', 'waivers:\n  - { rule: all-write, intent: notes.add@1, becuse: x }\n');
    const wrong = await replay('--candidate', file, '--waivers', misspelt);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean "because"?')]);
  });

  test('what was not recorded is not guessed at', async () => {
    const file = candidate(
      'region.yaml',
      (text) => `${text}  - { deny: abroad, can: [write], when: { /token/region: { ne: eu } } }\n`,
    );
    const { code, stdout } = await replay('--candidate', file, '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { requests: 5, same: 2, flips: [], not_replayable: { '/token/region was not recorded': 3 } },
    ]);
  });

  test('a candidate that does not load ends with 2, and with what is wrong in it', async () => {
    const file = candidate('bad.yaml', (text) => text.replace('can: [wipe]', 'can: [wip]'));
    const { code, stderr } = await replay('--candidate', file);
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no capability "wip". Did you mean "wipe"?')]);
  });
});

test('policy shadow: without a policy on trial there is nothing to tell', async () => {
  const { code, stderr } = await ostiary(['policy', 'shadow', folder]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('names no policies on trial')]);
});

test('policy doc writes a page', async () => {
  const file = join(scratch, 'page.md');
  expect((await ostiary(['policy', 'doc', 'examples/shop', '--out', file])).code).toBe(0);
  const page = readFileSync(file, 'utf8');
  expect(page).toContain('### Refund an order (`orders.refund@2`)');
  expect(page).toContain(
    '| support-refunds-small | support-agent | support | /amount is above 0 and at most 200 and /currency is EUR | they must say yes within 120s |',
  );
  expect(page).toContain('| bots-never-refund | shopper-bot | anything | – | A bot cannot refund an order.');
  expect(page).toContain('Where it lands is decided by `/order_id`, `/amount`.');
});
