import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { exit } from '../../gateway/cli/terminal.ts';
import { type Demo, ostiary, root, startDemo } from './ostiary.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo?.close());

const talk = (args: readonly string[], env: Readonly<Record<string, string>> = {}, node: readonly string[] = []) =>
  ostiary(args, { env: { ...demo.env, ...env }, node });

describe('how an outcome ends the command, as docs/cli.md lists it', () => {
  test.each([
    { ends: exit.ok, args: ['ask', 'show', 'order', 'A-1001'], says: 'Done. orders.get@1.2.0' },
    { ends: exit.ok, args: ['explain', 'refund 500 euros on A-1004'], says: 'deny: Support refunds up to 200 euros.' },
    { ends: exit.failed, args: ['ask', 'show order A-9999'], says: '(upstream.not_found)' },
    { ends: exit.question, args: ['ask', 'refund order A-1001'], says: 'This needs a yes first.' },
    { ends: exit.question, args: ['ask', 'show my order'], says: 'which order number?' },
    { ends: exit.denied, args: ['ask', 'refund order A-1001', '--key', 'demo-shopper-bot'], says: '(policy.denied)' },
    { ends: exit.denied, args: ['ask', 'show order A-1001', '--key', 'wrong'], says: '(credentials.invalid)' },
    { ends: exit.denied, args: ['ask', 'show order A-1001', '--purpose', 'audit'], says: '(purpose.not_allowed)' },
    { ends: exit.outOfScope, args: ['ask', 'what is the weather in Paris'], says: 'You can ask, for example:' },
  ])('$ends: ostiary $args', async ({ args, ends, says }) => {
    const { code, stdout, stderr } = await talk(args);
    expect(stdout).toContain(says);
    expect({ code, stderr }).toEqual({ code: ends, stderr: '' });
  });

  test('6: a gateway that does not know whether the backend acted', async () => {
    const body = { outcome: 'unknown', code: 'upstream.unknown', title: 'The backend may have acted', detail: 'Look.' };
    const gateway = createServer((_request, response) => response.end(JSON.stringify(body))).listen(0, '127.0.0.1');
    onTestFinished(() => void gateway.close());
    await new Promise((resolve) => gateway.once('listening', resolve));
    const { port } = gateway.address() as AddressInfo;
    const { code, stdout } = await talk(['ask', 'hi'], { OSTIARY_URL: `http://127.0.0.1:${port}` });
    expect(stdout).toContain('The backend may have acted: Look. (upstream.unknown)');
    expect(code).toBe(exit.unknown);
  });

  test('the page lists every code there is', () => {
    const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    const listed = [...page.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(exit));
  });
});

test('--session keeps a conversation in a file that only its owner reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-talk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'talk.session');
  expect((await talk(['ask', 'refund 20 euros of A-1005', '--session', file])).code).toBe(exit.question);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const explained = await talk(['explain', 'make it 5 instead', '--session', file, '--json']);
  expect(JSON.parse(explained.stdout)).toMatchObject({ input: { order_id: 'A-1005', amount: 5 } });
  const done = await talk(['ask', 'make it 5 instead', '--session', file, '--yes', '--json']);
  expect(JSON.parse(done.stdout)).toMatchObject({ outcome: 'completed', output: { amount: 5 } });
  const late = await talk(['ask', 'make it 7 instead', '--session', file, '--json']);
  expect(JSON.parse(late.stdout)).toMatchObject({ outcome: 'clarify', reason: 'done' });
});

describe('--json prints the answer as the gateway gave it', () => {
  test('ask', async () => {
    const { stdout } = await talk(['ask', 'show order A-1001', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'completed',
      intent: 'orders.get',
      output: { id: 'A-1001' },
      road: [{ step: 'authenticate', ms: expect.any(Number), note: expect.any(String) }, ...Array(8).fill({})],
    });
  });
  test('ask with a yes: one document, of what was done', async () => {
    const { code, stdout } = await talk(['ask', 'refund 5 euros on A-1001', '--json', '--yes']);
    expect(code).toBe(exit.ok);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'completed', output: { amount: 5 } });
  });
  test('explain', async () => {
    const { code, stdout } = await talk(['explain', 'refund order A-1001', '--json']);
    expect(code).toBe(exit.ok);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'explained',
      decision: { outcome: 'permit', obligations: [{ type: 'confirm' }] },
      would_call: { backend: 'orders', operation: expect.stringMatching(/^POST .*\/orders\/A-1001\/refunds$/) },
    });
  });
  test('intents: what the key may call, and a problem for a wrong key', async () => {
    const { stdout } = await talk(['intents', '--json', '--key', 'demo-shopper-bot']);
    const { intents } = JSON.parse(stdout) as { intents: { intent: string }[] };
    expect(intents.map(({ intent }) => intent)).toContain('orders.cancel');
    expect(intents.map(({ intent }) => intent)).not.toContain('orders.refund');
    const wrong = await talk(['intents', '--key', 'wrong']);
    expect(wrong).toMatchObject({ code: exit.denied, stdout: '' });
    expect(wrong.stderr).toContain('This API key is not known.');
  });
});

test('intents in words: a line each, with its effect and something to say', async () => {
  const { stdout } = await talk(['intents']);
  expect(stdout.trim().split('\n')).toHaveLength(24);
  expect(stdout).toMatch(/^orders\.refund@2\.1\.0 +write +Refund an order +"refund order A-1001"$/m);
});

describe('colour', () => {
  const paintsBegin = '\u001B[';
  // What styleText looks at of a stream: whether it is a terminal, and of how many colours.
  const asTerminal = `data:text/javascript,import tty from 'node:tty';for(const s of [process.stdout,process.stderr]){s.isTTY=true;s.getColorDepth=tty.WriteStream.prototype.getColorDepth}`;
  const ask = ['ask', 'what is the weather in Paris'];

  test('stands on a terminal', async () => {
    const { stdout } = await talk(ask, { TERM: 'xterm-256color' }, ['--import', asTerminal]);
    expect(stdout).toContain(paintsBegin);
  });
  test('does not stand where NO_COLOR is set', async () => {
    const { stdout } = await talk(ask, { TERM: 'xterm-256color', NO_COLOR: '1' }, ['--import', asTerminal]);
    expect(stdout).toContain('You can ask');
    expect(stdout).not.toContain(paintsBegin);
  });
  test('does not stand where nobody looks', async () => {
    const { stdout } = await talk(ask, { TERM: 'xterm-256color' });
    expect(stdout).not.toContain(paintsBegin);
    const { stderr } = await talk(['ask', 'hi', '--url', 'http://127.0.0.1:1'], { TERM: 'xterm-256color' });
    expect(stderr).not.toContain(paintsBegin);
  });
});
