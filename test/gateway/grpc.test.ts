import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromStruct, fromValue, type StockClient, stockClient, toStruct } from './grpc-client.ts';
import { type Answerer, gatewayForTest, type Options } from './start.ts';

const door = 'doors: { grpc: { port: 0, package: acme, concurrency: 3 } }';
const notes = 'acme.notes.NotesService';
const intents = 'ostiary.v1.Intents';

const start = async (options: Options = {}) => {
  const gateway = await gatewayForTest({ config: door, ...options });
  const client = (key?: string | null): StockClient => {
    const made = stockClient(gateway.grpc, key === undefined ? 'key-writer' : key && `key-${key}`);
    onTestFinished(() => made.close());
    return made;
  };
  return { ...gateway, client };
};
const holding = (): { answer: Answerer; release: () => void; left: Promise<void> } => {
  let release = () => {};
  let hungUp = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const left = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  return {
    answer: (_request, response) => {
      response.once('close', () => {
        if (!response.writableFinished) hungUp();
      });
      void held.then(() => response.setHeader('content-type', 'application/json').end('{"id":"N-1"}'));
    },
    release,
    left,
  };
};

describe('a stock client that knows an address alone', () => {
  test('finds what it may call, calls it, and is decided and recorded as by HTTP', async () => {
    const { client, call, entries, received } = await start();
    const stock = client();
    expect(await stock.services()).toEqual([
      notes,
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      intents,
    ]);
    const { message, code, request } = await stock.call(notes, 'Get', { note_id: 'N-1' });
    expect([code, message]).toMatchObject([status.OK, { id: 'N-1', text: 'hello', email: 'ada@example.com' }]);
    // The policy shows some fields only, at this door as at any.
    expect(message?._secret).toBeUndefined();
    const over = await call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
    const [grpc, http] = [await entries(request), await entries(String(over.headers['ostiary-request-id']))];
    const alike = ({ request: _r, at: _a, road: _t, door: _d, decision, ...rest }: Record<string, unknown>) => {
      const { id: _i, at: _at, ...decided } = decision as Record<string, unknown>;
      return {
        ...rest,
        decision: JSON.parse(
          JSON.stringify(decided, (key, value) =>
            key === 'now' || key === 'ip' || key === 'time' ? undefined : value,
          ),
        ),
      };
    };
    expect(grpc.map(({ door: through }) => through)).toEqual(['grpc']);
    expect(grpc.map(alike)).toEqual(http.map(alike));
    expect(received.map(({ url }) => url)).toEqual(['/base/notes/N-1', '/base/notes/N-1']);
  });

  test('sees by reflection what it may call, and nothing of the rest', async () => {
    const { client } = await start();
    const reader = client('reader');
    const known = await reader.definitions(notes);
    expect(Object.keys(known[notes] as object)).toEqual(['Get', 'List']);
    expect(Object.keys(known).filter((name) => /Add|Wipe|Hidden/.test(name))).toEqual([]);
    expect((await reader.reflect({ file_containing_symbol: 'acme.notes.AddRequest' })).error_response).toMatchObject({
      error_code: status.NOT_FOUND,
    });
    expect(await client('nobody').services()).not.toContain(notes);
    expect(await client(null).services()).toEqual(await client('nobody').services());
    await expect(client('wrong').services()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  });

  test.each(['v1', 'v1alpha'] as const)('can ask reflection %s anything', async (version) => {
    const { client } = await start();
    const ask = (question: object) => client().reflect(question, version);
    expect(await client().services(version)).toContain(notes);
    for (const question of [
      { file_by_filename: 'acme/notes/service.proto' },
      { file_containing_symbol: `${notes}.Get` },
      { file_containing_symbol: 'acme.notes.GetRequest.note_id' },
      { file_containing_extension: { containing_type: 'google.protobuf.MethodOptions', extension_number: 51423 } },
    ])
      expect((await ask(question)).file_descriptor_response?.file_descriptor_proto.length).toBeGreaterThan(0);
    const numbers = await ask({ all_extension_numbers_of_type: 'google.protobuf.MethodOptions' });
    expect(numbers.all_extension_numbers_response).toMatchObject({ extension_number: [51423] });
    for (const question of [{ file_by_filename: 'no.proto' }, { all_extension_numbers_of_type: 'no.Type' }])
      expect((await ask(question)).error_response.error_code).toBe(status.NOT_FOUND);
    expect((await ask({})).error_response.error_code).toBe(status.INVALID_ARGUMENT);
  });

  test('carries the contract in options, for whoever imports it', async () => {
    const { client } = await start();
    const { file_descriptor_response: found } = await client().reflect({ file_containing_symbol: notes });
    const text = Buffer.concat(found.file_descriptor_proto).toString('latin1');
    expect(text).toContain('notes.get');
    expect(text).toContain('show note [note_id: N-1]');
  });
});

describe('a field mask', () => {
  const list: Answerer = (_, response) =>
    response
      .setHeader('content-type', 'application/json')
      .end('{"owner":"o","notes":[{"id":"N-1","text":"a","email":"b"}]}');

  test('in the metadata says what of the answer is wanted, and the policy what of that is seen', async () => {
    const { client, answers } = await start();
    answers.with = list;
    // Whether a field is there, proto-loader says in members of its own.
    const bare = (message: unknown) =>
      JSON.parse(JSON.stringify(message, (name, value) => (name.startsWith('_') ? undefined : value)));
    const asked = async (key: string, fields: string) =>
      bare((await client(key).call(notes, 'List', {}, { headers: { fields } })).message);
    expect(await asked('writer', 'notes.id')).toEqual({ notes: [{ id: 'N-1' }] });
    expect(await asked('writer', 'owner, notes.text')).toEqual({ owner: 'o', notes: [{ text: 'a' }] });
    expect(await asked('writer', '*')).toMatchObject({ owner: 'o', notes: [{ id: 'N-1', email: 'b' }] });
    // Readers see no text and no owner, whatever they ask for.
    expect(await asked('reader', 'owner,notes.text,notes.id')).toEqual({ notes: [{ id: 'N-1' }] });
  });

  test('that names nothing there is refused, and of what is hidden nothing is told', async () => {
    const { client, received } = await start();
    const wrong = await client().call(notes, 'List', {}, { headers: { fields: 'notes.idd' } });
    expect([wrong.code, wrong.details]).toEqual([
      status.INVALID_ARGUMENT,
      expect.stringContaining('Notes has no "idd"'),
    ]);
    const hidden = await client().raw(`/${notes}/Hidden`, Buffer.alloc(0), { headers: { fields: 'nothing' } });
    expect(hidden.code).toBe(status.UNIMPLEMENTED);
    expect(received).toEqual([]);
  });
});

test('an answer is no larger than its caller prefers, and says what is left out', async () => {
  const { client, answers } = await start();
  const all = Array.from({ length: 40 }, (_, index) => ({ id: `N-${index}`, text: 'hello', email: 'a@example.com' }));
  answers.with = (_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ owner: 'Ada', notes: all }));
  const headers = { prefer: 'max-bytes=500' };
  const typed = await client().call(notes, 'List', {}, { headers });
  const kept = typed.message?.notes.length;
  expect(kept).toBeGreaterThan(3);
  expect(typed.trimmed).toBe(`"/notes";kept=${kept};of=40`);
  const called = await client().call(intents, 'Call', { intent: 'notes.list', input: {} }, { headers });
  expect(called.trimmed).toBe(typed.trimmed);
  const whole = await client().call(notes, 'List', {});
  expect([whole.message?.notes.length, whole.trimmed]).toEqual([40, undefined]);
});

describe('what goes wrong is a status with details', () => {
  test('a field that is wrong, with its place', async () => {
    const { client, entries } = await start();
    const { code, details, more, request } = await client().call(notes, 'Get', { note_id: 'X' });
    expect([code, details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining('/note_id must match')]);
    expect(more.BadRequest).toEqual({
      field_violations: [{ field: '/note_id', description: expect.stringContaining('must match') }],
    });
    expect(more.ErrorInfo).toEqual({
      reason: 'INPUT_INVALID',
      domain: 'ostiary.dev',
      metadata: { code: 'input.invalid', request },
    });
    expect(more.RequestInfo).toMatchObject({ request_id: request });
    expect(fromStruct(more.Problem?.problem)).toMatchObject({
      status: 422,
      code: 'input.invalid',
      instance: `urn:ostiary:request:${request}`,
    });
    expect(await entries(request)).toMatchObject([{ door: 'grpc', outcome: 'failed', code: 'input.invalid' }]);
  });

  test.each<[string, Answerer, status, string]>([
    ['nothing there', (_, response) => response.writeHead(404).end(), status.NOT_FOUND, 'upstream.not_found'],
    ['a conflict', (_, response) => response.writeHead(409).end(), status.ABORTED, 'upstream.conflict'],
    ['busy', (_, response) => response.writeHead(429).end(), status.RESOURCE_EXHAUSTED, 'upstream.busy'],
    ['broken', (_, response) => response.writeHead(500).end(), status.INTERNAL, 'upstream.failed'],
    ['slow', () => {}, status.DEADLINE_EXCEEDED, 'upstream.timeout'],
  ])('a backend that is %s', async (_, answer, code, expected) => {
    const { client, answers } = await start();
    answers.with = answer;
    const answered = await client().call(notes, 'Get', { note_id: 'N-1' });
    expect([answered.code, answered.more.ErrorInfo?.metadata.code]).toEqual([code, expected]);
  });

  test('a write without a clear answer is never one to be tried again', async () => {
    const { client, answers } = await start();
    answers.with = (_, response) => response.writeHead(500).end();
    const { code, more } = await client().call(notes, 'Add', { text: 'hello' });
    expect([code, more.ErrorInfo?.metadata.code]).toEqual([status.UNKNOWN, 'upstream.unknown']);
  });

  test('a write that is sent again with its key is done once, by whichever door', async () => {
    const { client, call, received } = await start();
    const headers = { 'idempotency-key': 'key-1' };
    const first = await client().call(notes, 'Add', { text: 'hello' }, { headers });
    const again = await client().call(notes, 'Add', { text: 'hello' }, { headers });
    expect([first.replayed, again.replayed, again.code]).toEqual([false, true, status.OK]);
    expect(again.message).toEqual(first.message);
    expect((await call('POST', '/v1/intents/notes.add@1', { text: 'hello' }, { headers })).status).toBe(200);
    expect(received.length).toBe(1);
  });

  test('credentials, purposes and refusals', async () => {
    const { client } = await start();
    const writer = client();
    const path = `/${notes}/Get`;
    expect(await client(null).raw(path, Buffer.alloc(0))).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(await client('wrong').raw(path, Buffer.alloc(0))).toMatchObject({ code: status.UNAUTHENTICATED });
    for (const name of ['purpose', 'ostiary-purpose'])
      expect(await writer.call(notes, 'Get', { note_id: 'N-1' }, { headers: { [name]: 'play' } })).toMatchObject({
        code: status.PERMISSION_DENIED,
        more: { ErrorInfo: { reason: 'PURPOSE_NOT_ALLOWED' } },
      });
    // Known of, and not permitted: readers may know of adding.
    const { definitions } = writer;
    const add = (await definitions(notes))[notes] as unknown as Record<
      string,
      { requestSerialize(message: object): Buffer }
    >;
    const bytes = add.Add?.requestSerialize({ text: 'a' }) as Buffer;
    expect(await client('reader').raw(`/${notes}/Add`, bytes)).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test('what is hidden is exactly like what is not there', async () => {
    const { client, entries, received } = await start();
    const told = async (key: string | null, path: string, bytes = Buffer.alloc(0)) => {
      const { code, details, more, request } = await client(key).raw(path, bytes);
      const { ErrorInfo, Problem } = more;
      const problem = Problem && fromStruct(Problem.problem);
      const without = JSON.stringify([code, details, ErrorInfo, problem])
        .replaceAll(request, 'ID')
        .replaceAll(path, 'PATH');
      return { without, request };
    };
    const garbage = Buffer.from([0xff, 0xff, 0xff]);
    for (const key of ['reader', 'nobody', 'writer']) {
      const nothing = await told(key, `/${notes}/Nothing`);
      expect(nothing.without).toContain('INTENT_UNKNOWN');
      expect(nothing.without.startsWith(`[${status.UNIMPLEMENTED},`)).toBe(true);
      expect((await told(key, '/no.Such/Method', garbage)).without).toBe(nothing.without);
      expect((await told(key, `/${notes}/Hidden`)).without).toBe(nothing.without);
      expect((await told(key, `/${notes}/Hidden`, garbage)).without).toBe(nothing.without);
      expect(await entries(nothing.request)).toMatchObject([
        { outcome: 'denied', code: 'intent.unknown', door: 'grpc' },
      ]);
    }
    expect((await told(null, '/no.Such/Method')).without).toBe((await told(null, `/${notes}/Hidden`)).without);
    expect((await told(null, '/no.Such/Method')).without).toBe((await told(null, `/${notes}/Hidden`, garbage)).without);
    expect(received).toEqual([]);
  });

  test('bytes that are no message, or too many of them, are refused and recorded', async () => {
    const { client, entries } = await start({ limits: 'body: 4KB, depth: 8, text: 500, deadline: 2s' });
    const path = `/${notes}/Get`;
    const garbage = await client().raw(path, Buffer.from([0xff, 0xff, 0xff]));
    expect(garbage).toMatchObject({
      code: status.INVALID_ARGUMENT,
      more: { ErrorInfo: { reason: 'REQUEST_MALFORMED' } },
    });
    expect(await entries(garbage.request)).toMatchObject([{ asked: 'unreadable', code: 'request.malformed' }]);
    const large = await client().raw(path, Buffer.alloc(5_000));
    expect(large).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      more: { ErrorInfo: { reason: 'REQUEST_TOO_LARGE' } },
    });
    expect(await entries(large.request)).toMatchObject([{ asked: 'unreadable', code: 'request.too_large' }]);
    expect((await client().raw(path, Buffer.alloc(50_000))).code).toBe(status.RESOURCE_EXHAUSTED);
    const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
    for (const levels of [9, 28])
      expect(
        await client().call(intents, 'Call', { intent: 'notes.get', input: toStruct(deep(levels)) }),
      ).toMatchObject({
        code: status.INVALID_ARGUMENT,
        more: { ErrorInfo: { reason: 'REQUEST_TOO_DEEP' } },
      });
  });
});

test('whatever bytes come, they are taken or refused, and nothing falls over', async () => {
  const { client } = await start();
  const stock = client();
  const fine: readonly status[] = [status.OK, status.INVALID_ARGUMENT, status.NOT_FOUND];
  const paths = [
    `/${notes}/Get`,
    `/${notes}/List`,
    `/${intents}/Ask`,
    `/${intents}/Call`,
    `/${intents}/Explain`,
    `/${intents}/Confirm`,
  ];
  // A field's tag and the length of what follows make the better half of random bytes readable.
  const field = fc
    .tuple(fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x30), fc.uint8Array({ maxLength: 40 }))
    .map(([tag, bytes]) => Buffer.from([tag, bytes.length, ...bytes]));
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.array(field, { maxLength: 5 }).map((fields) => Buffer.concat(fields)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), message, async (path, bytes) => {
      const { code, details } = await stock.raw(path, bytes);
      expect([fine.includes(code), path, code, details]).toEqual([true, path, code, details]);
    }),
    { numRuns: 200 },
  );
});

describe('time and room', () => {
  test('the deadline of the call is that of the road', async () => {
    const { client, answers, onDisk } = await start();
    const held = holding();
    answers.with = held.answer;
    const stock = client();
    await stock.definitions(notes);
    // Sooner than the backend's own 400 ms.
    const answered = await stock.call(notes, 'Get', { note_id: 'N-1' }, { options: { deadline: Date.now() + 300 } });
    expect(answered.code).toBe(status.DEADLINE_EXCEEDED);
    await held.left;
    // Where the caller's own clock strikes first, it hangs up, and never hears the request's id.
    await expect
      .poll(() => onDisk().filter(({ kind }) => kind === 'outcome'), { timeout: 10_000 })
      .toMatchObject([
        { door: 'grpc', outcome: 'failed', code: expect.stringMatching(/^(deadline\.exceeded|client\.closed)$/) },
      ]);
  });

  test('a caller that leaves takes the backend call with it', async () => {
    const { client, answers, received } = await start();
    const held = holding();
    answers.with = held.answer;
    const stock = client();
    const stream = await stock.stream(intents, 'AskWithProgress', { text: 'show note N-1' });
    stream.on('error', () => {});
    await expect.poll(() => received.length).toBe(1);
    stream.cancel();
    await held.left;
  });

  test('one call too many is refused at once', async () => {
    const { client, answers, received } = await start();
    const held = holding();
    answers.with = held.answer;
    const stock = client();
    await stock.definitions(notes);
    const add = (text: string) => stock.call(intents, 'Ask', { text });
    // The backend takes two at once; the third of the door waits for nothing, the fourth finds no room.
    const stuck = [stock.call(notes, 'Get', { note_id: 'N-1' }), stock.call(notes, 'Get', { note_id: 'N-2' })];
    await expect.poll(() => received.length).toBe(2);
    const third = await stock.call(notes, 'Get', { note_id: 'N-3' });
    expect([third.code, third.more.RetryInfo]).toMatchObject([status.UNAVAILABLE, { retry_delay: { seconds: '1' } }]);
    held.release();
    expect((await Promise.all(stuck)).map(({ code }) => code)).toEqual([status.OK, status.OK]);
    expect((await add('show note N-1')).code).toBe(status.OK);
  });

  test('closing answers what is under way', async () => {
    const { client, answers, received, close } = await start();
    const held = holding();
    answers.with = held.answer;
    const stock = client();
    await stock.definitions(notes);
    const under = stock.call(notes, 'Get', { note_id: 'N-1' });
    const watching = await stock.stream('grpc.health.v1.Health', 'Watch', {});
    const seen: string[] = [];
    watching.on('data', ({ status: one }: { status: string }) => seen.push(one));
    watching.on('error', () => {});
    await expect.poll(() => [received.length, seen.length]).toEqual([1, 1]);
    const closed = close();
    await expect.poll(() => seen).toEqual(['SERVING', 'NOT_SERVING']);
    held.release();
    expect((await under).code).toBe(status.OK);
    await closed;
    expect((await client().raw('/grpc.health.v1.Health/Check', Buffer.alloc(0))).code).toBe(status.UNAVAILABLE);
  });
});

test('a reload changes what there is, without a new server', async () => {
  const { client, folder, reload } = await start();
  const { readFileSync, writeFileSync } = await import('node:fs');
  const file = `${folder}/intents/notes.yaml`;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('note_id: { type: string', 'loud: { type: boolean }, note_id: { type: string'),
  );
  const old = client();
  await old.definitions(notes);
  await reload();
  // Who knows the old proto goes on with it: numbers do not move.
  expect(await old.call(notes, 'Get', { note_id: 'N-1' })).toMatchObject({ code: status.OK, message: { id: 'N-1' } });
  const get = (await client().definitions('acme.notes.GetRequest'))['acme.notes.GetRequest'];
  expect(JSON.stringify((get as { type?: object })?.type)).toContain('loud');
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace('{ type: boolean }', '{ type: boolean, x-number: 5 }')
      .replace('note_id: { type: string', 'note_id: { x-number: 5, type: string'),
  );
  await expect(reload()).rejects.toThrow('would both have the number 5');
  expect(await old.call(notes, 'Get', { note_id: 'N-1' })).toMatchObject({ code: status.OK });
});

describe('ostiary.v1.Intents', () => {
  test('lists what may be called, with the rpc of each', async () => {
    const { client, call } = await start();
    const { message } = await client().call(intents, 'List', {});
    const over = (await call('GET', '/v1/intents')).body.intents as {
      intent: string;
      input: unknown;
      purposes: unknown;
    }[];
    expect(
      message?.intents.map(({ input, purposes, intent }: never) => ({ intent, purposes, input: fromStruct(input) })),
    ).toEqual(over.map(({ intent, purposes, input }) => ({ intent, purposes, input })));
    expect(message?.intents.map(({ call: path }: { call: string }) => path)).toContain(`/${notes}/Get`);
  });

  test('calls by name', async () => {
    const { client } = await start();
    const called = await client().call(intents, 'Call', { intent: 'notes.get@1', input: toStruct({ note_id: 'N-1' }) });
    expect(fromValue(called.message?.output)).toEqual({ id: 'N-1', text: 'hello', email: 'ada@example.com' });
    expect(await client().call(intents, 'Call', { intent: 'notes.gone' })).toMatchObject({ code: status.NOT_FOUND });
    expect(await client().call(intents, 'Call', { intent: 'notes.get', purpose: 'play' })).toMatchObject({
      code: status.PERMISSION_DENIED,
    });
    expect(await client().call(intents, 'Call', {})).toMatchObject({
      code: status.INVALID_ARGUMENT,
      more: { BadRequest: { field_violations: [{ field: '/intent' }] } },
    });
  });

  test('understands words, asks back, explains', async () => {
    const { client } = await start();
    const { message } = await client().call(intents, 'Ask', { text: 'show note N-1' });
    expect(message).toMatchObject({ outcome: 'completed' });
    expect(fromValue(message?.output)).toMatchObject({ id: 'N-1' });
    expect(fromStruct(message?.more)).toMatchObject({ intent: 'notes.get', input: { note_id: 'N-1' } });
    const back = await client().call(intents, 'Ask', { text: 'show note' });
    expect(back.message).toMatchObject({ outcome: 'clarify', session: expect.stringMatching(/./) });
    const then = await client().call(intents, 'Ask', { text: 'N-1', session: back.message?.session });
    expect(then.message).toMatchObject({ outcome: 'completed' });
    const words = await client().call(intents, 'Explain', { text: 'show note N-1' });
    expect(fromStruct(words.message?.more)).toMatchObject({ decision: { outcome: 'permit' } });
    const named = await client().call(intents, 'Explain', { intent: 'notes.get', input: toStruct({ note_id: 'N-1' }) });
    expect(fromStruct(named.message?.more)).toMatchObject({ would_call: { backend: 'notes' } });
  });

  test('tells on the way how far it is', async () => {
    const { client } = await start();
    const stream = await client().stream(intents, 'AskWithProgress', { text: 'show note N-1' });
    const events: { event: string; answer?: { outcome: string } }[] = [];
    for await (const event of stream) events.push(event);
    expect(events.at(-1)).toMatchObject({ event: 'answer', answer: { outcome: 'completed' } });
    expect(events.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
  });

  test('takes a yes, and nothing that is neither yes nor no', async () => {
    const { client, received } = await start();
    const asked = await client().call(notes, 'Wipe', {});
    expect([asked.code, asked.details]).toEqual([
      status.FAILED_PRECONDITION,
      expect.stringContaining('ostiary.v1.Intents/Confirm'),
    ]);
    const { confirmation } = fromStruct(asked.more.Problem?.problem);
    expect(await client().call(intents, 'Confirm', { id: confirmation.id })).toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    expect(await client('other').call(intents, 'Confirm', { id: confirmation.id, confirm: true })).toMatchObject({
      code: status.NOT_FOUND,
    });
    expect(received).toEqual([]);
    const { message } = await client().call(intents, 'Confirm', { id: confirmation.id, confirm: true });
    expect(message).toMatchObject({ outcome: 'completed' });
    expect(received.map(({ method }) => method)).toEqual(['DELETE']);
  });
});

test('health tells of the whole, and which services there are to nobody', async () => {
  const { client } = await start();
  const check = (service: string) => client(null).call('grpc.health.v1.Health', 'Check', { service });
  expect((await check('')).message).toEqual({ status: 'SERVING' });
  expect((await check(intents)).message).toEqual({ status: 'SERVING' });
  expect(await check(notes)).toMatchObject({ code: status.NOT_FOUND });
  expect((await check(notes)).details).toBe((await check('no.Such')).details);
  const watching = await client(null).stream('grpc.health.v1.Health', 'Watch', { service: notes });
  watching.on('error', () => {});
  const [first] = await new Promise<{ status: string }[]>((resolve) => watching.once('data', (one) => resolve([one])));
  expect(first?.status).toBe('SERVICE_UNKNOWN');
  watching.cancel();
});

test('there is no door where none is configured', async () => {
  const gateway = await gatewayForTest();
  expect(gateway.grpc).toBe('');
});
