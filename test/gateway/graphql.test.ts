import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

type Sent = { key?: string | null; headers?: Record<string, string> };
const asks = (query: string, variables: object = {}, sent: Sent = {}, to = gateway) =>
  to.call('POST', '/graphql', { query, variables }, sent);
const recorded = async (request: string) =>
  (await gateway.entries(request)).map((entry) => {
    const { request: _id, at, ms, door, decision, road, hash, confirmation, answers, ...rest } = entry;
    return { ...rest, decision: (decision as { outcome?: unknown } | undefined)?.outcome };
  });
/** Of what is not there GraphQL says null. */
const without = (output: object) => Object.fromEntries(Object.entries(output).filter(([, value]) => value !== null));
const requestOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['ostiary-request-id']);

test('passes the whole audit of GraphQL over HTTP', async () => {
  const results = await auditServer({
    url: `${gateway.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: 'Bearer key-writer' },
      }),
  });
  expect(results.length).toBeGreaterThan(50);
  expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([]);
});

test.each(['writer', 'reader', 'nobody'])('%s sees the fields of what they may call, and no other', async (key) => {
  const { body } = await gateway.call('GET', '/v1/intents', undefined, { key });
  const names = (effects: string[]) =>
    body.intents
      .filter(({ effect }: { effect: string }) => effects.includes(effect))
      .map(({ intent }: { intent: string }) => intent.replaceAll('.', '_'));
  const told = await asks(
    '{ __schema { queryType { fields { name } } mutationType { fields { name } } types { name } } _service { sdl } }',
    {},
    { key },
  );
  const { queryType, mutationType } = told.body.data.__schema;
  const fields = (type: { fields: { name: string }[] }) => type.fields.map(({ name }) => name);
  expect(fields(queryType)).toEqual([...names(['read']), '_service']);
  expect(fields(mutationType)).toEqual([...names(['write', 'destructive']), 'ask', 'confirm']);
  expect(told.text).not.toContain('hidden');
  if (key === 'nobody') expect(told.text).not.toContain('notes');
});

describe('a field', () => {
  test.each([
    {
      name: 'an output',
      key: 'writer',
      intent: 'notes.get',
      input: { note_id: 'N-1' },
      query: '{ notes_get(note_id: "N-1") { id text email secret } }',
    },
    {
      name: 'an output with members hidden and masked',
      key: 'reader',
      intent: 'notes.get',
      input: { note_id: 'N-1' },
      query: '{ notes_get(note_id: "N-1") { id text email secret } }',
    },
    {
      name: 'a write',
      key: 'writer',
      intent: 'notes.add',
      input: { text: 'x', folder: 'attic' },
      query: 'mutation { notes_add(text: "x", folder: attic) }',
    },
    {
      name: 'an input that does not fit',
      key: 'writer',
      intent: 'notes.get',
      input: { note_id: 'X' },
      query: '{ notes_get(note_id: "X") { id } }',
    },
    {
      name: 'an outcome that is not known',
      key: 'writer',
      intent: 'notes.add',
      input: { text: 'lost' },
      query: 'mutation { notes_add(text: "lost") }',
    },
  ])('gives $name, decided and recorded as over HTTP', async ({ key, intent, input, query }) => {
    const before = gateway.answers.with;
    gateway.answers.with = (request, response, body) =>
      body.includes('lost') ? request.socket.destroy() : before(request, response, body);
    const typed = await gateway.call('POST', `/v1/intents/${intent}`, input, { key });
    const told = await asks(query, {}, { key });
    gateway.answers.with = before;
    const [field] = Object.keys(told.body.data) as [string];
    if (typed.status < 400) {
      expect(without(told.body.data[field])).toEqual(typed.body);
    } else {
      const own = { instance: undefined, decision: undefined };
      expect({ ...told.body.errors[0].extensions, ...own }).toEqual({ ...typed.body, ...own });
      expect(told.body.errors[0]).toMatchObject({ path: [field], message: typed.body.detail });
    }
    expect((await gateway.entries(requestOf(told))).at(-1)?.door).toBe('graphql');
    expect(await recorded(requestOf(told))).toEqual(await recorded(requestOf(typed)));
  });

  test('that is hidden is the same as none, and the refusal is recorded', async () => {
    for (const field of ['notes_hidden', 'notes_nowhere', 'notes_get__v7', '_entities']) {
      const told = await asks(`{ ${field} }`);
      expect(told.body.errors[0].message).toMatch(new RegExp(`^Cannot query field "${field}" on type "Query"`));
      expect(told.body.errors[0].message).not.toContain('hidden"?');
      expect(told.body.errors[0].extensions.code).toBe('request.invalid');
      expect((await gateway.entries(requestOf(told))).at(-1)).toMatchObject({
        door: 'graphql',
        code: 'request.invalid',
      });
    }
  });

  test('of several is a request of its own, and one that fails leaves the others', async () => {
    const told = await asks(
      '{ a: notes_get(note_id: "N-1") { id } b: notes_get(note_id: "X") { id } c: notes_list { owner } }',
    );
    expect(told.body).toMatchObject({
      data: { a: { id: 'N-1' }, b: null, c: { owner: null } },
      errors: [{ path: ['b'], extensions: { code: 'input.invalid' } }],
    });
    const ids = new Set([requestOf(told), told.body.errors[0].extensions.instance.split(':').pop()]);
    expect(ids.size).toBe(2);
  });

  test('takes null for what is optional as left out', async () => {
    const before = gateway.received.length;
    const told = await asks('mutation ($times: Int64) { notes_add(text: "x", times: $times, folder: null) }', {
      times: null,
    });
    expect(told.body.errors).toBeUndefined();
    expect(JSON.parse(gateway.received[before]?.body ?? '')).toEqual({ text: 'x' });
  });

  test.each([
    { name: 'a literal', query: 'mutation { notes_add(text: "x", times: 9007199254740993) }', variables: {} },
    { name: 'a string', query: 'mutation { notes_add(text: "x", times: "1") }', variables: {} },
    { name: 'a variable', query: 'mutation ($n: Int64) { notes_add(text: "x", times: $n) }', variables: { n: 1.5 } },
  ])('refuses a whole number that it cannot carry: $name', async ({ query, variables }) => {
    const before = gateway.received.length;
    const told = await asks(query, variables);
    expect(told.body.errors[0].extensions.code).toBe('request.invalid');
    expect(gateway.received.length).toBe(before);
  });
});

test('any input gets the same answer as over HTTP', async () => {
  const note = fc.oneof(fc.constantFrom('N-1', '.', '..', '', 'x'), fc.string());
  const add = fc.record(
    {
      text: fc.oneof(fc.string(), fc.constant('x'.repeat(201))),
      times: fc.integer(),
      folder: fc.constantFrom('attic', 'cellar'),
    },
    { requiredKeys: ['text'] },
  );
  const own = { instance: undefined, decision: undefined };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        note.map((note_id) => ({ note_id })),
        add,
      ),
      async (input) => {
        const reads = 'note_id' in input;
        const typed = await gateway.call('POST', `/v1/intents/notes.${reads ? 'get' : 'add'}`, input);
        const told = reads
          ? await asks(
              'query ($note_id: String!) { out: notes_get(note_id: $note_id) { id text email secret } }',
              input,
            )
          : await asks(
              'mutation ($text: String!, $times: Int64, $folder: NotesAddFolder) { out: notes_add(text: $text, times: $times, folder: $folder) }',
              input,
            );
        if (typed.status < 400) expect(reads ? without(told.body.data.out) : told.body.data.out).toEqual(typed.body);
        else expect({ ...told.body.errors[0].extensions, ...own }).toEqual({ ...typed.body, ...own });
      },
    ),
    { numRuns: 40 },
  );
}, 30_000);

describe('a request', () => {
  test.each([
    {
      name: 'without a credential',
      body: { query: '{ _service { sdl } }' },
      sent: { key: null },
      status: 401,
      code: 'credentials.missing',
    },
    {
      name: 'with a wrong one',
      body: { query: '{ _service { sdl } }' },
      sent: { key: 'none' },
      status: 401,
      code: 'credentials.invalid',
    },
    { name: 'that is no JSON', body: '{', sent: {}, status: 400, code: 'request.malformed' },
    {
      name: 'of another media type',
      body: 'x',
      sent: { headers: { 'content-type': 'text/plain' } },
      status: 415,
      code: 'request.media_type',
    },
    {
      name: 'as a form',
      body: 'query=x',
      sent: { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      status: 415,
      code: 'request.media_type',
    },
    {
      name: 'with several operations at once',
      body: [{ query: '{ _service { sdl } }' }],
      sent: {},
      status: 400,
      code: 'request.invalid',
    },
    {
      name: 'nested too deeply',
      body: `{"query":"{ x }","variables":${'['.repeat(30)}${']'.repeat(30)}}`,
      sent: {},
      status: 400,
      code: 'request.too_deep',
    },
  ])('$name is refused: $code', async ({ body, sent, status, code }) => {
    const told = await gateway.call('POST', '/graphql', body, sent);
    expect(told.status).toBe(status);
    expect(told.body.errors).toMatchObject([{ extensions: { code } }]);
    expect((await gateway.entries(requestOf(told))).at(-1)).toMatchObject({ door: 'graphql', code });
  });

  test('to GET reads, and never writes', async () => {
    const before = gateway.received.length;
    const query = encodeURIComponent('{ notes_get(note_id: "N-1") { id } }');
    expect((await gateway.call('GET', `/graphql?query=${query}`)).body).toEqual({ data: { notes_get: { id: 'N-1' } } });
    const wrote = await gateway.call(
      'GET',
      `/graphql?query=${encodeURIComponent('mutation { notes_add(text: "x") }')}`,
    );
    expect([wrote.status, wrote.headers.allow]).toEqual([405, 'POST']);
    expect(gateway.received.length).toBe(before + 1);
    expect((await gateway.call('PUT', '/graphql', {})).status).toBe(405);
  });

  test('with a purpose that the credential does not carry is refused', async () => {
    const told = await asks(
      '{ notes_get(note_id: "N-1") { id } }',
      {},
      { headers: { 'ostiary-purpose': 'espionage' } },
    );
    expect(told.body.errors[0].extensions.code).toBe('purpose.not_allowed');
  });

  test('with a key writes once, and each of several fields has its own', async () => {
    const headers = { 'idempotency-key': 'a-key-of-mine' };
    const before = gateway.received.length;
    const one = 'mutation { notes_add(text: "once") }';
    const [first, second] = [await asks(one, {}, { headers }), await asks(one, {}, { headers })];
    expect(second.body).toEqual(first.body);
    expect(gateway.received.length).toBe(before + 1);
    const two = 'mutation { a: notes_add(text: "once") b: notes_add(text: "twice") }';
    for (const _again of [1, 2]) expect((await asks(two, {}, { headers })).body.errors).toBeUndefined();
    expect(gateway.received.length).toBe(before + 3);
    const other = await asks('mutation { notes_add(text: "other") }', {}, { headers });
    expect(other.body.errors[0].extensions.code).toBe('idempotency.mismatch');
  });
});

describe('where a yes is needed', () => {
  test('it is told what waits, and done once somebody says so', async () => {
    const before = gateway.received.length;
    const held = await asks('mutation { notes_wipe(why: "spring") }');
    const { code, confirmation } = held.body.errors[0].extensions;
    expect([code, held.body.data]).toEqual(['confirm.required', { notes_wipe: null }]);
    expect(confirmation.text).toContain('Wipe all notes');
    expect(gateway.received.length).toBe(before);
    const query = 'mutation ($id: ID!, $yes: Boolean!) { confirm(id: $id, confirm: $yes) { outcome intent input } }';
    const done = await asks(query, { id: confirmation.id, yes: true });
    expect(done.body.data.confirm).toEqual({ outcome: 'completed', intent: 'notes.wipe', input: { why: 'spring' } });
    expect(gateway.received.slice(before).map(({ method }) => method)).toEqual(['DELETE']);
    const again = await asks(query, { id: confirmation.id, yes: true });
    expect(again.body.errors[0].extensions.code).toBe('confirm.unknown');
    const other = (await asks('mutation { notes_wipe }')).body.errors[0].extensions.confirmation.id;
    expect((await asks(query, { id: other, yes: false })).body.data.confirm.outcome).toBe('declined');
  });

  test('words are told the same', async () => {
    const told = await asks(
      'mutation { ask(text: "wipe all notes") { outcome message confirmation { id expires_at values } } }',
    );
    expect(told.body.data.ask).toMatchObject({ outcome: 'confirm', confirmation: { values: [] } });
  });
});

describe('words', () => {
  test('are understood, asked back about, and gone on with', async () => {
    const ask =
      'mutation ($text: String!, $session: String) { ask(text: $text, session: $session) { outcome message session fields output } }';
    const first = (await asks(ask, { text: 'show note' })).body.data.ask;
    expect(first).toMatchObject({ outcome: 'clarify', fields: [{ pointer: '/note_id' }] });
    const second = (await asks(ask, { text: 'N-1', session: first.session })).body.data.ask;
    expect(second).toMatchObject({ outcome: 'completed', output: { id: 'N-1' } });
  });

  test('that cannot be asked are an answer, and what is refused is an error', async () => {
    const lost = await asks('mutation { ask(text: "look under the carpet") { outcome can_ask } }');
    expect(lost.body.data.ask.outcome).toBe('out_of_scope');
    const refused = await asks('mutation { ask(text: "write down buy milk") { outcome } }', {}, { key: 'reader' });
    expect(refused.body.errors[0]).toMatchObject({ path: ['ask'], extensions: { code: 'policy.denied' } });
  });

  test.each([
    { name: 'none', args: 'text: " "' },
    { name: 'too many', args: `text: "${'x'.repeat(501)}"` },
    { name: 'with an input that is no object', args: 'text: "x", input: [1]' },
  ])('$name: refused', async ({ args }) => {
    const told = await asks(`mutation { ask(${args}) { outcome } }`);
    expect(told.body.errors[0].extensions.code).toBe('request.invalid');
  });
});

describe('limits', () => {
  let small: TestGateway;
  beforeAll(async () => {
    small = await startGateway({
      config: 'doors: { graphql: { depth: 2, cost: 50, aliases: 3, tokens: 200, calls: 2 } }',
    });
  });
  afterAll(() => small.stop());
  const get = '(note_id: "N-1") { id }';

  test.each([
    { limit: 'depth', query: '{ notes_list { notes { id } } }' },
    {
      limit: 'depth',
      query: '{ ...A } fragment A on Query { notes_list { ...B } } fragment B on NotesList { notes { id } }',
    },
    {
      limit: 'cost',
      query: '{ notes_list { owner } ...A ...A ...A ...A } fragment A on Query { notes_list { owner } }',
    },
    { limit: 'aliases', query: `{ a: notes_get${get} b: notes_get${get} c: notes_get${get} d: notes_get${get} }` },
  ])('of $limit hold: $query', async ({ limit, query }) => {
    const before = small.received.length;
    const told = await asks(query, {}, {}, small);
    expect(told.body.errors).toMatchObject([{ extensions: { code: 'request.too_costly', limit } }]);
    expect(small.received.length).toBe(before);
    expect((await small.entries(requestOf(told))).at(-1)?.code).toBe('request.too_costly');
  });

  test('of tokens hold, whatever is in them', async () => {
    const told = await asks(`{ ${'notes_list { owner } '.repeat(50)} }`, {}, {}, small);
    expect(told.body.errors).toMatchObject([{ message: expect.stringContaining('more than 200 tokens') }]);
  });

  test('of calls hold while it runs', async () => {
    const told = await asks(`{ notes_get${get} a: notes_get${get} notes_list { owner } }`, {}, {}, small);
    expect(told.body).toMatchObject({
      data: { notes_get: { id: 'N-1' }, a: { id: 'N-1' }, notes_list: null },
      errors: [{ path: ['notes_list'], extensions: { code: 'request.too_costly', limit: 'number of calls' } }],
    });
  });

  test('are no hindrance to asking for the schema', async () => {
    const told = await asks('{ __schema { types { fields { type { ofType { ofType { name } } } } } } }', {}, {}, small);
    expect(told.body.errors).toBeUndefined();
  });

  test('count fragments that spread one another once', async () => {
    const many = Array.from(
      { length: 12 },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
    );
    const told = await asks(
      `{ ...F0 } ${many.join(' ')} fragment F12 on Query { notes_list { owner } }`,
      {},
      {},
      small,
    );
    expect(told.body.errors).toMatchObject([{ extensions: { limit: 'cost' } }]);
  });
});

test('a caller who leaves takes the backend call back', async () => {
  const { answers, url } = await gatewayForTest({ limits: 'body: 64KB, depth: 16, text: 500, deadline: 30s' });
  const [reached, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  answers.with = (request) => {
    request.socket.once('close', () => closed.resolve());
    reached.resolve();
  };
  const asked = new AbortController();
  const reply = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ notes_get(note_id: "N-1") { id } }' }),
    signal: asked.signal,
  });
  reply.catch(() => {});
  await reached.promise;
  asked.abort();
  await expect(reply).rejects.toThrow();
  await closed.promise;
});

test('what a reload brings is there at the next request', async () => {
  const one = await gatewayForTest();
  const fields = async () =>
    (await asks('{ __schema { queryType { fields { name } } } }', {}, {}, one)).body.data.__schema.queryType.fields
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.startsWith('notes_get'));
  expect(await fields()).toEqual(['notes_get']);
  appendFileSync(
    `${one.folder}/intents/notes.yaml`,
    `---\nintent: notes.get\nversion: 2.0.0\ntitle: Show a note\neffect: read\nexamples: [show the note anew]\ninput: { type: object }\ncall: { backend: notes, rest: "GET /notes" }\n`,
  );
  const policy = `${one.folder}/policies/notes.policy.yaml`;
  writeFileSync(
    policy,
    `${readFileSync(policy, 'utf8').replace('rules:', '  newer: { intents: [notes.get@2], effect: read }\nrules:')}  - { allow: newer, who: [writer], can: [newer], for: [work] }\n`,
  );
  await one.reload();
  expect(await fields()).toEqual(['notes_get__v1', 'notes_get']);
  expect((await asks('{ notes_get__v1(note_id: "N-1") { id } }', {}, {}, one)).body.data).toEqual({
    notes_get__v1: { id: 'N-1' },
  });
});

test('whoever leaves while one field is under way begins no other', async () => {
  const one = await gatewayForTest({ limits: 'body: 64KB, depth: 16, text: 500, deadline: 30s' });
  const [reached, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  one.answers.with = (request) => {
    request.socket.once('close', () => closed.resolve());
    reached.resolve();
  };
  const asked = new AbortController();
  const reply = fetch(`${one.url}/graphql`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation { a: notes_add(text: "a") b: notes_add(text: "b") }' }),
    signal: asked.signal,
  });
  reply.catch(() => {});
  await reached.promise;
  asked.abort();
  await closed.promise;
  await expect
    .poll(() => one.onDisk().filter(({ kind, door }) => kind === 'outcome' && door === 'graphql'))
    .toMatchObject([{ outcome: 'unknown' }]);
  expect(one.received.map(({ body }) => JSON.parse(body))).toEqual([{ text: 'a' }]);
});
