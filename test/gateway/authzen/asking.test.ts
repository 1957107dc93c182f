import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayForTest } from '../start.ts';
import { type Answer, type DecisionPoint, startDecisionPoint } from './start.ts';

let point: DecisionPoint;
beforeAll(async () => {
  point = await startDecisionPoint('certification');
});
afterAll(() => point.stop());

const user = (id: string, properties?: object) => ({ type: 'user', id, ...(properties && { properties }) });
const record = { type: 'record', id: 'record-1' };
const ask = (subject: object, name: string, more: object = {}) => ({
  subject,
  action: { name },
  resource: record,
  ...more,
});

describe('who may ask', () => {
  const paths = ['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action'];
  test.each([
    ['', 401, 'credentials.missing'],
    ['unknown', 401, 'credentials.invalid'],
    ['stranger', 403, 'authzen.not_allowed'],
    ['carol', 403, 'authzen.not_allowed'],
  ])('"%s" may not', async (key, status, code) => {
    for (const path of paths) {
      const answer = await point.send('POST', `/access/v1/${path}`, ask(user('alice'), 'read'), { key });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
  });
  test('who may ask may not search, unless that is said', async () => {
    for (const path of paths.slice(2))
      expect((await point.post(path, ask(user('alice'), 'read'), 'plain')).body.code).toBe('authzen.not_allowed');
    expect((await point.post('evaluation', ask(user('alice'), 'read'), 'plain')).body.decision).toBe(true);
  });
  test('where nobody is named to ask, there is no such door', async () => {
    const gateway = await gatewayForTest();
    for (const [method, path] of [
      ['GET', '/.well-known/authzen-configuration'],
      ['POST', '/access/v1/evaluation'],
      ['POST', '/access/v1/search/action'],
    ] as const)
      expect((await gateway.call(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
  });
});

describe('what is believed', () => {
  const archived = { ...record, properties: { status: 'archived' } };
  test.each([
    [
      'claims of a subject',
      ask(user('alice', { role: 'admin' }), 'write', { resource: { ...record, id: 'record-2' } }),
      true,
      false,
    ],
    [
      'a subject that is not listed',
      ask(user('zoe', { role: 'printer' }), 'print', { context: { ip: '10.1.2.3' } }),
      true,
      false,
    ],
    [
      'where a subject is',
      ask(user('zoe', { role: 'printer' }), 'print', { context: { ip: '8.8.8.8' } }),
      false,
      false,
    ],
    ['what is known of a resource', ask(user('alice'), 'write', { resource: archived }), false, true],
    [
      'what is not known of a resource',
      ask(user('alice'), 'write', { resource: { ...archived, id: 'record-9' } }),
      false,
      false,
    ],
    [
      'what is only asked',
      { ...ask(user('alice'), 'delete'), action: { name: 'delete', properties: { soft: true } } },
      true,
      true,
    ],
  ])('%s, of whom it is believed, and of whom it is not', async (_name, asked, asserted, plain) => {
    expect((await point.post('evaluation', asked)).body.decision).toBe(asserted);
    expect((await point.post('evaluation', asked, 'plain')).body.decision).toBe(plain);
  });
  test('a subject that nobody knows is told as such', async () => {
    const { body } = await point.post('evaluation', ask(user('zoe'), 'read'), 'plain');
    expect(body).toMatchObject({ decision: false, context: { reason: 'error', error: { code: 'subject.unknown' } } });
  });
  test('the holder of a key is known by it, with its purposes; another purpose is no yes', async () => {
    const carol = ask(user('carol'), 'shred');
    expect((await point.post('evaluation', carol, 'plain')).body.context.reason).toBe('confirmation_required');
    const { body } = await point.post('evaluation', { ...carol, context: { purpose: 'leisure' } }, 'plain');
    expect(body).toMatchObject({ decision: false, context: { error: { code: 'purpose.not_allowed' } } });
  });
});

describe('a permit that hangs on something is no yes', () => {
  const carol = user('carol');
  test.each([
    ['the yes of a person', ask(carol, 'shred'), 'confirmation_required'],
    ['fields that must be hidden', ask(carol, 'print'), 'obligations_not_met'],
    ['a rate', ask(carol, 'read'), 'obligations_not_met'],
    ['a fresh login', ask(user('zoe', { role: 'printer' }), 'shred'), 'step_up_required'],
  ])('%s', async (_name, asked, reason) => {
    const { body } = await point.post('evaluation', asked);
    expect(body).toMatchObject({ decision: false, context: { reason, reason_user: { '200': expect.any(String) } } });
  });
  test('a login that is asserted to be fresh is one', async () => {
    const auth_time = Math.floor(Date.now() / 1_000) - 60;
    const { body } = await point.post('evaluation', ask(user('zoe', { role: 'printer', auth_time }), 'shred'));
    expect(body.decision).toBe(true);
  });
});

describe('what is told', () => {
  test('rules and files only to who may read them; what was passed over to everybody', async () => {
    const asked = ask(user('alice'), 'read', { resource: { ...record, properties: { colour: 'red' } } });
    const full = (await point.post('evaluation', asked)).body.context;
    expect(full).toMatchObject({
      reason: 'permitted',
      rules: { allow: ['both-read'] },
      ignored: ['colour'],
      policy: { bundle_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      reason_admin: { '200': expect.stringContaining('records.policy.yaml:') },
    });
    const plain = (await point.post('evaluation', asked, 'plain')).body;
    expect(Object.keys(plain.context).sort()).toEqual([
      'evaluated_at',
      'evaluation_id',
      'ignored',
      'obligations',
      'reason',
      'reason_user',
    ]);
    expect(JSON.stringify(plain)).not.toContain('policy.yaml');
  });
  test.each([
    ['an action that nothing here is', ask(user('alice'), 'fly'), 'intent.unknown'],
    [
      'an action on something else',
      { ...ask(user('alice'), 'read'), resource: { type: 'file', id: '1' } },
      'intent.unknown',
    ],
    ['an action that is hidden from the subject', ask(user('bob'), 'delete'), 'intent.unknown'],
    ['values that the contract does not take', ask(user('alice'), 'delete'), 'input.invalid'],
  ])('%s', async (_name, asked, code) => {
    const { body } = await point.post('evaluation', asked);
    expect(body).toMatchObject({ decision: false, context: { error: { code } } });
  });
  test('an intent can be asked for by its own name; where the contract says of what, the id goes where it belongs', async () => {
    const zoe = user('zoe', { role: 'printer' });
    const context = { ip: '10.1.2.3' };
    const entity = { type: 'Record', id: 'record-1' };
    const decided = async (resource: object) =>
      (await point.post('evaluation', { ...ask(zoe, 'records.print'), resource, context })).body;
    expect((await decided(entity)).decision).toBe(true);
    expect(await decided({ ...entity, id: 'x' })).toMatchObject({ context: { error: { code: 'input.invalid' } } });
    const resource = { type: 'records.read', id: 'x', properties: { record_id: 'record-1' } };
    for (const name of ['records.read', 'records.read@1'])
      expect((await point.post('evaluation', { ...ask(user('alice'), name), resource })).body.decision).toBe(true);
  });
});

test('while nothing can be recorded, every answer is no', async () => {
  point.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
  const write = ask(user('alice'), 'write');
  const { status, body } = await point.post('evaluation', write);
  expect([status, body]).toMatchObject([200, { decision: false, context: { reason: 'error' } }]);
  expect((await point.post('evaluation', ask(user('alice'), 'read'))).body.decision).toBe(false);
  point.tamper('DROP TRIGGER full');
  // Whatever is written next shows that it can be.
  await point.post('evaluation', write);
  expect((await point.post('evaluation', write)).body.decision).toBe(true);
});

test('a question counts for nobody’s reputation', async () => {
  const denied = ask(user('carol'), 'write', { resource: { ...record, id: 'record-2' } });
  for (let times = 0; times < 10; times++) expect((await point.post('evaluation', denied)).body.decision).toBe(false);
  const { body } = await point.send('GET', '/v1/reputation', undefined, { key: 'carol' });
  expect(body.standing.map(({ band, causes }: Answer) => [band, causes])).toEqual(Array(3).fill(['new', []]));
});

test('the record says who asked about whom, and what they were told', async () => {
  const { headers, body } = await point.post('evaluation', ask(user('carol'), 'shred'), 'plain');
  const [entry] = await point.entries(String(headers['ostiary-request-id']));
  expect(entry).toMatchObject({
    door: 'authzen',
    asked: 'evaluation',
    principal: { type: 'user', id: 'carol' },
    intent: 'records.shred@1.0.0',
    input: { record_id: 'record-1' },
    decision: { id: body.context.evaluation_id, outcome: 'permit' },
    evaluation: {
      asker: { type: 'service', id: 'plain', credential: 'plain' },
      answered: 'confirmation_required',
    },
  });
});
