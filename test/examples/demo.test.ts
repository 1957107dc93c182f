import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Demo, ostiary, plainEnv, startDemo } from '../cli/ostiary.ts';

const withDemo = async (work: (demo: Demo) => Promise<void>, node: readonly string[] = []) => {
  const demo = await startDemo({ node });
  try {
    await work(demo);
  } finally {
    await demo.close();
  }
};

test('prints addresses, keys and five requests that answer as they say, and stops on Ctrl-C', () =>
  withDemo(async (demo) => {
    for (const backend of [
      /orders +REST +http:\/\/127\.0\.0\.1:\d+/,
      /catalogue +GraphQL +http:\/\/\S+\/graphql/,
      /shipping +gRPC +127\.0\.0\.1:\d+/,
    ])
      expect(demo.welcome).toMatch(backend);
    expect(demo.welcome).toContain('Keys: demo-support, demo-shopper-bot, demo-auditor');
    expect(demo.welcome).toContain(`--url ${demo.url}`);
    const curls = demo.welcome.split('\n').flatMap((line) => /^ +(curl .*)$/.exec(line)?.[1] ?? []);
    const outcomes: unknown[] = [];
    for (const command of curls) {
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { env: plainEnv() });
      outcomes.push((JSON.parse(stdout) as { outcome: string }).outcome);
    }
    expect(outcomes).toEqual(['completed', 'confirm', 'denied', 'clarify', 'out_of_scope']);
    const { code, stdout, stderr } = await demo.stop('SIGINT');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\nStopping\.\n$/);
    await expect(fetch(demo.url)).rejects.toThrow();
  }));

test('two demos run side by side, each with its own shop', () =>
  withDemo((one) =>
    withDemo(async (other) => {
      expect(one.url).not.toBe(other.url);
      const asked = await ostiary(['ask', 'cancel order A-1005', '--yes'], { env: one.env });
      expect(asked.code).toBe(0);
      const looked = await ostiary(['ask', 'show order A-1005', '--json'], { env: other.env });
      expect(JSON.parse(looked.stdout)).toMatchObject({ output: { status: 'open' } });
    }),
  ));

test('needs no network: it starts and answers where nothing but this machine can be reached', () => {
  const offline = ['--import', new URL('./offline.ts', import.meta.url).href];
  return withDemo(async (demo) => {
    for (const words of ['show order A-1001', 'show product LMP-01', 'where is order A-1003']) {
      const { code, stdout } = await ostiary(['ask', words, '--json'], { env: demo.env, node: offline });
      expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { outcome: 'completed' } });
    }
    const { stderr } = await demo.stop('SIGINT');
    expect(stderr).toBe('');
  }, offline);
});

test('and the machine of that test was cut off indeed', async () => {
  const offline = new URL('./offline.ts', import.meta.url).href;
  const outside = "await import('node:net').then(({connect})=>connect(443,'192.0.2.1'))";
  const lookup = "await import('node:dns/promises').then(({lookup})=>lookup('example.org'))";
  const fetched = "await fetch('http://192.0.2.1/')";
  for (const attempt of [outside, lookup, fetched]) {
    const run = promisify(execFile)(process.execPath, ['--import', offline, '--input-type=module', '-e', attempt], {
      env: plainEnv(),
    });
    await expect(run).rejects.toMatchObject({ code: 86, stderr: expect.stringContaining('outside of this machine') });
  }
});
