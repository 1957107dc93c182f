import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startGraphql } from '../adapters/backends/graphql-world.ts';
import { startGrpc } from '../adapters/backends/grpc-world.ts';
import { startMcp } from '../adapters/backends/mcp-world.ts';
import { ostiary, root, startServing } from './ostiary.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => ostiary(['import', ...args], { cwd: folder });
const listening = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Lets one caller call some intents of a set-up, and serves it. */
const served = async (dir: string, capability: string, effect: string) => {
  const { key, hash } = JSON.parse((await ostiary(['key', 'new', '--json'])).stdout) as { key: string; hash: string };
  const policy = join(folder, dir, 'policies/deny-all.policy.yaml');
  writeFileSync(
    policy,
    `api: intent-policy/1
tenant: default
purposes: [general]
subjects: { caller: { match: { /token/roles: { has: caller } } } }
capabilities: { some: { effect: ${effect}, intents: [${capability}@1] } }
rules: [{ allow: some, who: [caller], can: [some], for: [general] }]
`,
  );
  const config = join(folder, dir, 'ostiary.yaml');
  const entry = `keys: [{ id: a, hash: "${hash}", subject: { type: user, id: a }, claims: { roles: [caller] }, purposes: [general], default_purpose: general }]`;
  writeFileSync(config, readFileSync(config, 'utf8').replace('keys: []\n', `${entry}\n`));
  const ready = /Ostiary serves \d+ intents at (http:\S+)\./;
  const serving = await startServing(['serve', dir, '--port', '0', '--log', 'silent'], ready, { cwd: folder });
  return {
    stop: () => serving.stop('SIGTERM'),
    call: async (name: string, input: object) => {
      const response = await fetch(`${serving.url}/v1/intents/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'once' },
        body: JSON.stringify(input),
      });
      return { status: response.status, body: await response.json() };
    },
  };
};

describe('from a server to the first call', () => {
  test('GraphQL, by introspection', async () => {
    const world = await startGraphql();
    onTestFinished(world.stop);
    const { code, stdout, stderr } = await run(`${world.origin}/graphql`, '--out', 'graphql', '--backend', 'echo');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('✔ 4 intents in graphql');
    const gateway = await served('graphql', 'order.get', 'read');
    try {
      expect(await gateway.call('order.get', { id: 'A-1' })).toEqual({
        status: 200,
        body: { id: 'A-1', status: 'open', lines: ['a'] },
      });
      expect(await gateway.call('order.get', {})).toMatchObject({ status: 422 });
    } finally {
      await gateway.stop();
    }
  }, 120_000);

  test('gRPC, by reflection', async () => {
    const world = await startGrpc();
    onTestFinished(world.stop);
    const { code, stderr } = await run(`grpc://${world.address}`, '--out', 'grpc');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const gateway = await served('grpc', 'echo.weigh', 'write');
    try {
      const parcel = {
        tracking_id: 'a',
        weight_grams: '9007199254740993',
        counts: { x: 1 },
        inner: { size: 'SIZE_LARGE' },
      };
      const { status, body } = await gateway.call('echo.weigh', parcel);
      expect({ status, body }).toMatchObject({ status: 200, body: parcel });
      expect(await gateway.call('echo.weigh', { weight_grams: 9 })).toMatchObject({ status: 422 });
    } finally {
      await gateway.stop();
    }
  }, 120_000);
});

describe('from files, or by HTTP, to the first call', () => {
  const change = (dir: string, from: RegExp, to: string) => {
    const config = join(folder, dir, 'ostiary.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(from, to));
  };

  test('gRPC by .proto files, where the server has no reflection', async () => {
    const world = await startGrpc(() => {});
    onTestFinished(world.stop);
    const proto = join(root, 'test/adapters/backends/echo.proto');
    const { code, stderr } = await run(proto, '--out', 'protos-only', '--backend', 'echo');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'protos-only/protos/echo/echo.proto'))).toEqual(readFileSync(proto));
    change('protos-only', /"\$\{BACKEND_ADDRESS:-[^"]*"/, world.address);
    const gateway = await served('protos-only', 'echo.say', 'write');
    try {
      expect(await gateway.call('echo.say', { say: 'hello' })).toEqual({ status: 200, body: { said: 'hello' } });
    } finally {
      await gateway.stop();
    }
    change('protos-only', /\.\/protos\/echo/, './protos/nothing');
    const checked = JSON.parse((await ostiary(['check', 'protos-only', '--json'], { cwd: folder })).stdout);
    expect(checked.errors).toMatchObject([
      {
        file: 'protos-only/ostiary.yaml',
        code: 'config.backend',
        message: expect.stringContaining('There is no file or folder'),
      },
    ]);
  }, 120_000);

  test('MCP, over streamable HTTP', async () => {
    const world = await startMcp();
    onTestFinished(world.stop);
    const { code, stderr } = await run(`mcp:${world.url}`, '--out', 'mcp-http', '--backend', 'tools');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'mcp-http/ostiary.yaml'), 'utf8')).toContain(`url: ${JSON.stringify(world.url)}`);
    const gateway = await served('mcp-http', 'tools.echo', 'destructive');
    try {
      const { status, body } = await gateway.call('tools.echo', { say: 'hello' });
      expect({ status, body }).toMatchObject({ status: 200 });
      expect(JSON.stringify(body)).toContain('hello');
    } finally {
      await gateway.stop();
    }
  }, 120_000);
});

test('an MCP server started here gives a destructive draft of each tool, and a command in the config', async () => {
  const server = join(root, 'test/adapters/backends/mcp-stdio-server.ts');
  const { code, stderr } = await run(
    `mcp:${JSON.stringify([process.execPath, server])}`,
    '--out',
    'mcp',
    '--backend',
    'tools',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readFileSync(join(folder, 'mcp/ostiary.yaml'), 'utf8')).toContain(
    `command: ${JSON.stringify([process.execPath, server])}`,
  );
  expect(readFileSync(join(folder, 'mcp/intents/tools.yaml'), 'utf8')).toContain(
    'intent: tools.echo\nversion: 1.0.0\ntitle: Says it again\n',
  );
  const { stdout } = await ostiary(['check', 'mcp', '--json'], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, errors: [] });
}, 60_000);

test('what the source says otherwise is shown, disabled and taken over when it is approved', async () => {
  const at = (description: string) => ({
    swagger: '2.0',
    info: { title: 'Pets', version: '1' },
    paths: { '/pets': { get: { operationId: 'listPets', description, responses: { 200: { description: 'ok' } } } } },
  });
  const write = (description: string) => writeFileSync(join(folder, 'pets.json'), JSON.stringify(at(description)));
  write('All pets.');
  await run('pets.json', '--out', 'pets');
  expect((await run('--update', 'pets')).stdout).toBe('✔ nothing has changed at the source\n');
  write('All pets, and their owners.');
  const { stdout } = await run('--update', 'pets');
  expect(stdout).toContain('~ pets.list-pets (GET /pets): description\n    now: All pets, and their owners.\n');
  const checked = JSON.parse((await ostiary(['check', 'pets', '--json'], { cwd: folder })).stdout);
  expect(checked).toMatchObject({ ok: true, intents: 0 });
  expect(checked.warnings[0]).toMatchObject({ code: 'intent.disabled' });
  expect((await run('--update', 'pets', '--approve', 'pets.list-pets')).stdout).toBe('✔ pets.list-pets\n');
  expect(readFileSync(join(folder, 'pets/intents/pets.yaml'), 'utf8')).toContain('All pets, and their owners.');
}, 60_000);

test('a second source goes into a set-up as one more backend, and follows its own changes', async () => {
  const origin = await listening((request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ name: request.url }));
  });
  const document = (summary: string) => ({
    openapi: '3.1.0',
    info: { title: 'Pets', version: '1' },
    servers: [{ url: `${origin}/v1` }],
    paths: {
      '/pets': {
        get: {
          operationId: 'listPets',
          summary,
          responses: {
            200: {
              description: 'ok',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
            },
          },
        },
      },
    },
    components: { schemas: { Pet: { type: 'object', properties: { name: { type: 'string' } } } } },
  });
  const write = (name: string, summary: string) => writeFileSync(join(folder, name), JSON.stringify(document(summary)));
  write('first.json', 'List the pets');
  write('second.json', 'List the pets of the shop');
  await run('first.json', '--out', 'two');
  const config = join(folder, 'two/ostiary.yaml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}# Ours stays.\n`);
  const added = await run('second.json', '--into', 'two', '--backend', 'shop');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toContain('✔ 1 intents in two/intents/shop');
  const after = readFileSync(config, 'utf8');
  expect(after).toContain('# Ours stays.');
  expect(after).toContain('# Nobody can call yet.');
  expect(readFileSync(join(folder, 'two/intents/shop/pets.yaml'), 'utf8')).toContain('intent: pets.list-pets-2\n');
  expect(readFileSync(join(folder, 'two/schemas-shop.json'), 'utf8')).toContain('"shop.Pet"');
  const checked = JSON.parse((await ostiary(['check', 'two', '--json'], { cwd: folder })).stdout);
  expect(checked).toMatchObject({ ok: true, intents: 2, errors: [] });

  expect(await run('second.json', '--into', 'two', '--backend', 'shop')).toMatchObject({
    stderr: expect.stringContaining('has a backend "shop" already'),
  });
  expect(await run('--update', 'two')).toMatchObject({
    stderr: expect.stringContaining('say with --backend which is to be updated, shop or first'),
  });
  for (const backend of ['first', 'shop'])
    expect((await run('--update', 'two', '--backend', backend)).stdout).toBe('✔ nothing has changed at the source\n');
  write('second.json', 'List all pets of the shop');
  expect((await run('--update', 'two', '--backend', 'shop')).stdout).toContain('~ pets.list-pets-2 (GET /pets): title');
  expect((await run('--update', 'two', '--backend', 'first')).stdout).toBe('✔ nothing has changed at the source\n');
  expect((await run('--update', 'two', '--backend', 'shop', '--approve', 'all')).stdout).toBe('✔ pets.list-pets-2\n');

  const gateway = await served('two', 'pets.list-pets-2', 'read');
  try {
    expect(await gateway.call('pets.list-pets-2', {})).toEqual({ status: 200, body: { name: '/v1/pets' } });
  } finally {
    await gateway.stop();
  }
}, 240_000);

describe('what cannot be imported is told with its place, and leaves nothing behind', () => {
  const refused = async (args: readonly string[], message: RegExp, code = 1) => {
    const ran = await run(...args, '--out', 'none');
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  };
  test.each([
    [
      'broken.graphql',
      'type Query {\n  a(: Int\n}',
      /^error: broken\.graphql: This is not a GraphQL schema: line 2, column 5: /,
    ],
    [
      'broken.proto',
      'syntax = "proto3";\nservice {',
      /^error: broken\.proto: This is not proto: .*broken\.proto, line 2/,
    ],
    ['broken.binpb', '\x0a\xff', /^error: broken\.binpb: This is no descriptor set/],
    ['broken.yaml', 'openapi: 3.1.0\npaths: [', /^error: broken\.yaml: It is neither JSON nor YAML: .*line 2/],
    [
      'answer.json',
      '{"data": {"__schema": {}}}',
      /^error: answer\.json: The answer to the introspection query is broken/,
    ],
  ])('%s', async (file, text, message) => {
    writeFileSync(join(folder, file), text, 'latin1');
    await refused([file], message);
  });

  test('an address where nobody is', async () => {
    const origin = await listening(() => {});
    const { port } = new URL(origin);
    await refused(['http://127.0.0.1:1/openapi.json'], /^error: http:\/\/127\.0\.0\.1:1\/openapi\.json: ECONNREFUSED/);
    await refused(['grpc://127.0.0.1:1', '--timeout', '2'], /^error: grpc:\/\/127\.0\.0\.1:1: /);
    await refused([`http://127.0.0.1:${port}/graphql`, '--timeout', '1'], /^error: .*No whole answer within 1000 ms/);
  }, 60_000);

  test('one that wants a password in its address, redirects, or answers without end', async () => {
    await refused(
      ['http://me:hunter2@127.0.0.1:1/a'],
      /^error: http:\/\/127\.0\.0\.1:1\/a: the address holds a user or password/,
    );
    const origin = await listening(({ url }, response) => {
      if (url === '/away') return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = () => {
        while (response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    await refused([`${origin}/away`], /it answers 302, and redirects are not followed/);
    await refused([`${origin}/endless`], /The answer has more than 67108864 bytes/);
  }, 60_000);
});
