import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type DecisionPoint, startDecisionPoint } from './start.ts';

// After the certification scenario of AuthZEN's Authorization API 1.0, section by section.
let point: DecisionPoint;
beforeAll(async () => {
  point = await startDecisionPoint('certification');
});
afterAll(() => point.stop());

const alice = { type: 'user', id: 'alice' };
const bob = { type: 'user', id: 'bob' };
const admin = { ...bob, properties: { role: 'admin' } };
const one = { type: 'record', id: 'record-1' };
const two = { type: 'record', id: 'record-2' };
const archived = { ...two, properties: { status: 'archived' } };
const read = { name: 'read' };
const write = { name: 'write' };
const whole = { subject: alice, action: read, resource: one };

describe('basic', () => {
  test.each([
    ['rule 1', whole, true],
    ['rule 2', { ...whole, action: write }, true],
    ['rule 3', { ...whole, subject: bob }, true],
    ['rule 4', { ...whole, subject: bob, action: write }, false],
    ['rule 5', { ...whole, action: write, resource: archived }, false],
    ['rule 6', { subject: admin, action: write, resource: archived }, true],
    ['rule 7', { ...whole, action: { name: 'delete', properties: { soft: true } } }, true],
    ['rule 8', { ...whole, action: { name: 'delete', properties: { soft: false } } }, false],
    ['with context', { ...whole, context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' } }, true],
    [
      'more properties than anybody asks for',
      {
        subject: { ...alice, properties: { department: 'Sales', role: 'manager' } },
        action: { ...read, properties: { method: 'GET' } },
        resource: { ...one, properties: { status: 'active', owner: 'bob' } },
      },
      true,
    ],
    ['members that nobody knows', { ...whole, foo: 'bar', futureField: { nested: true } }, true],
  ])('%s', async (_name, asked, decision) => {
    for (let times = 0; times < 3; times++) {
      const { status, headers, body } = await point.post('evaluation', asked);
      expect([status, body.decision]).toEqual([200, decision]);
      expect(headers['content-type']).toContain('application/json');
      expect(body.context).toBeTypeOf('object');
    }
  });

  const { subject, action, resource } = whole;
  test.each<[string, unknown, Record<string, string>?]>([
    ['no subject', { action, resource }],
    ['no action', { subject, resource }],
    ['no resource', { subject, action }],
    ['a subject without type', { ...whole, subject: { id: 'alice' } }],
    ['a subject without id', { ...whole, subject: { type: 'user' } }],
    ['an action without name', { ...whole, action: {} }],
    ['a resource without type', { ...whole, resource: { id: 'record-1' } }],
    ['a resource without id', { ...whole, resource: { type: 'record' } }],
    ['a subject that is a string', { ...whole, subject: 'alice' }],
    ['a name that is a number', { ...whole, action: { name: 123 } }],
    ['properties that are a list', { ...whole, subject: { ...alice, properties: [] } }],
    ['a context that is a string', { ...whole, context: 'now' }],
    ['an id without end', { ...whole, subject: { type: 'user', id: 'x'.repeat(1_001) } }],
    ['another media type', JSON.stringify(whole), { 'content-type': 'text/plain' }],
    ['no media type', JSON.stringify(whole), { 'content-type': '' }],
    ['no JSON', '{"subject":'],
    ['nothing', ''],
    ['a list', [whole]],
    ['null', 'null'],
    ['__proto__', '{"__proto__":{"subject":1}}'],
    ['5,000 lists', `{"subject":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('%s is 400', async (_name, body, headers) => {
    for (const path of ['evaluation', 'evaluations']) {
      const answer = await point.send('POST', `/access/v1/${path}`, body, { headers: headers ?? {} });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ status: 400, code: expect.stringMatching(/^request\./) });
      const [entry] = await point.entries(String(answer.headers['ostiary-request-id']));
      expect(entry).toMatchObject({ door: 'authzen', outcome: 'failed' });
    }
  });

  test.each(['evaluation', 'evaluations', 'search/subject'])(
    '10 MB to %s are refused before they are there',
    async (path) => {
      const headers = { 'content-length': '10000000' };
      // Of these no byte beyond the first is ever sent, and the answer comes all the same.
      const { status, body } = await point.send('POST', `/access/v1/${path}`, '{', { headers, unfinished: true });
      expect([status, body.code]).toEqual([413, 'request.too_large']);
    },
  );

  test('what is wrong is told with its place', async () => {
    const { body } = await point.post('evaluation', { subject: { id: 7 }, action, resource: [] });
    expect(body.errors).toEqual([
      { pointer: '/resource', detail: 'must be an object' },
      { pointer: '/subject/type', detail: 'is missing' },
      { pointer: '/subject/id', detail: 'must be a string' },
      { pointer: '/resource/type', detail: 'is missing' },
      { pointer: '/resource/id', detail: 'is missing' },
    ]);
  });

  test('X-Request-ID comes back, with an error too, and need not be there', async () => {
    const headers = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
    for (const body of [whole, {}])
      expect((await point.send('POST', '/access/v1/evaluation', body, { headers })).headers['x-request-id']).toBe(
        headers['x-request-id'],
      );
    expect((await point.post('evaluation', whole)).headers['x-request-id']).toBeUndefined();
  });
});

const decisions = (body: Answer) => body.evaluations.map(({ decision }: Answer) => decision);

describe('batch', () => {
  test.each([
    [
      'of resources',
      { subject: alice, action: read, evaluations: [{ resource: one }, { resource: two }] },
      [true, true],
    ],
    [
      'of actions, in their order',
      { subject: bob, resource: one, evaluations: [{ action: read }, { action: write }] },
      [true, false],
    ],
    [
      'with properties of resources',
      {
        subject: alice,
        action: write,
        evaluations: [{ resource: { ...one, properties: { status: 'active' } } }, { resource: archived }],
      },
      [true, false],
    ],
    [
      'with properties of subjects',
      { action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] },
      [false, true],
    ],
    ['without defaults', { evaluations: [whole, { ...whole, subject: bob, action: write }] }, [true, false]],
    [
      'with a context for all and one of its own',
      {
        subject: alice,
        action: read,
        context: { time: '2025-06-27T18:03-07:00' },
        evaluations: [{ resource: one }, { resource: two, context: { time: '2025-06-27T19:00-07:00', source: 'x' } }],
      },
      [true, true],
    ],
    [
      'with a type from the whole',
      {
        subject: alice,
        action: write,
        resource: { type: 'record' },
        evaluations: [{ resource: { id: 'record-1', properties: { status: 'active' } } }, { resource: archived }],
      },
      [true, false],
    ],
    [
      'where properties of the whole do not reach into an item that has the part itself',
      { ...whole, action: write, resource: archived, evaluations: [{ resource: one }] },
      [true],
    ],
    [
      'with an item that is incomplete, one that is none, and a good one',
      { subject: alice, action: read, evaluations: [{ resource: one }, {}, 7, { resource: 'x' }, { resource: two }] },
      [true, false, false, false, true],
    ],
  ])('%s', async (_name, asked, expected) => {
    const { status, body } = await point.post('evaluations', asked);
    expect([status, decisions(body)]).toEqual([200, expected]);
    expect(body.decision).toBeUndefined();
  });

  test.each([
    ['without a list', whole],
    ['with an empty list', { ...whole, evaluations: [] }],
  ])('%s it is one evaluation', async (_name, asked) => {
    const { status, body } = await point.post('evaluations', asked);
    expect([status, body.decision, body.evaluations]).toEqual([200, true, undefined]);
  });

  const three = {
    subject: bob,
    resource: one,
    evaluations: [{ action: read }, { action: write }, { action: read }, {}],
  };
  test.each([
    ['execute_all', three, [true, false, true, false]],
    ['deny_on_first_deny', three, [true, false]],
    ['deny_on_first_deny', { ...three, evaluations: [{}, ...three.evaluations] }, [false]],
    ['permit_on_first_permit', three, [true]],
    ['permit_on_first_permit', { ...three, evaluations: three.evaluations.slice(1) }, [false, true]],
  ])('%s', async (evaluations_semantic, asked, expected) => {
    const { body, headers } = await point.post('evaluations', { ...asked, options: { evaluations_semantic, more: 1 } });
    expect(decisions(body)).toEqual(expected);
    // What was not looked at is not recorded either.
    const entries = await point.entries(String(headers['ostiary-request-id']), expected.length);
    expect(entries).toHaveLength(expected.length);
  });

  test.each([
    ['a semantic that is none', { ...three, options: { evaluations_semantic: 'any' } }],
    ['options that are none', { ...three, options: 7 }],
    ['a list that is none', { ...three, evaluations: {} }],
    ['101 items', { ...three, evaluations: Array(101).fill({ action: read }) }],
  ])('%s is 400', async (_name, asked) => expect((await point.post('evaluations', asked)).status).toBe(400));
});

describe('search', () => {
  const found = async (what: string, asked: object, key?: string) => {
    const { status, body } = await point.post(`search/${what}`, asked, key);
    expect([status, body.page]).toEqual([200, { next_token: '' }]);
    return body.results;
  };
  const users = { subject: { type: 'user' }, action: read, resource: one };

  test('subjects', async () => {
    expect(await found('subject', users)).toEqual([alice, bob].toReversed().toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await found('subject', { ...users, context: { ip: '10.0.0.1' } })).toHaveLength(2);
    expect(await found('subject', { ...users, subject: { type: 'user', id: 'bob' } })).toHaveLength(2);
    expect(await found('subject', { ...users, action: write, resource: archived })).toEqual([bob]);
    // A role that is said of nobody in particular is nobody's.
    expect(
      await found('subject', {
        ...users,
        subject: { type: 'user', properties: { role: 'admin' } },
        action: write,
        resource: archived,
      }),
    ).toEqual([bob]);
  });
  test('resources', async () => {
    expect(await found('resource', { ...whole, resource: { type: 'record' } })).toEqual([one, two]);
    expect(await found('resource', { subject: admin, action: write, resource: { type: 'record' } })).toEqual([two]);
    expect(await found('resource', { ...whole, resource: { type: 'record', id: 'record-2' } })).toEqual([one, two]);
  });
  test('actions', async () => {
    expect(await found('action', { subject: alice, resource: one })).toEqual([read, write]);
    expect(await found('action', { subject: alice, resource: one, context: { time: 'now' } })).toEqual([read, write]);
    expect(await found('action', { subject: admin, resource: archived })).toEqual([read, write]);
  });
  test('pages are taken, and all fits into one', async () => {
    expect(await found('subject', { ...users, page: { limit: 1 } })).toHaveLength(2);
    expect(await found('subject', { ...users, page: { token: 'x' } })).toHaveLength(2);
  });
  test('what nobody knows finds nothing', async () => {
    expect(await found('action', { subject: { type: 'user', id: 'nobody' }, resource: one })).toEqual([]);
    expect(await found('subject', { ...users, subject: { type: 'spaceship' } })).toEqual([]);
    expect(await found('resource', { ...whole, resource: { type: 'spaceship' } })).toEqual([]);
    expect(await found('action', { subject: alice, resource: { type: 'spaceship', id: '1' } })).toEqual([]);
  });
  test.each([
    ['subject', { subject: { type: 'user' }, resource: one }],
    ['subject', { ...users, resource: { type: 'record' } }],
    ['subject', { ...users, subject: {} }],
    ['resource', { action: read, resource: { type: 'record' } }],
    ['resource', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['action', { subject: alice }],
    ['action', []],
  ])('%s without what it needs is 400: %j', async (what, asked) =>
    expect((await point.post(`search/${what}`, asked)).status).toBe(400),
  );
  test('one entry says what was asked, by whom, and how many there were', async () => {
    const { headers } = await point.post('search/subject', users);
    expect(await point.entries(String(headers['ostiary-request-id']))).toMatchObject([
      {
        asked: 'search subject',
        evaluation: { asker: { type: 'service', id: 'pep', credential: 'pep' } },
        search: { subject: { type: 'user' }, action: 'read', resource: one },
        considered: 3,
        found: 2,
      },
    ]);
  });
});

test('discovery: where everything is, without a credential', async () => {
  const { status, headers, body } = await point.send('GET', '/.well-known/authzen-configuration', undefined, {
    key: '',
  });
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  const base = 'https://pdp.example';
  expect(body).toEqual({
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    search_subject_endpoint: `${base}/access/v1/search/subject`,
    search_resource_endpoint: `${base}/access/v1/search/resource`,
    search_action_endpoint: `${base}/access/v1/search/action`,
  });
});
