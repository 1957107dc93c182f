import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBatch, readQuestion, readSearch } from '../../../gateway/doors/authzen-read.ts';
import { OstiaryError } from '../../../intents/problems.ts';
import { type DecisionPoint, startDecisionPoint } from './start.ts';

let point: DecisionPoint;
beforeAll(async () => {
  point = await startDecisionPoint('certification');
});
afterAll(() => point.stop());

const ids = fc.constantFrom('record-1', 'record-2', 'record-77', '../x', '', 'record-1\u0000');
const status = fc.constantFrom('active', 'archived', 'lost', 7, null, undefined);
const question = fc.record({
  action: fc.constantFrom('read', 'write', 'delete', 'print', 'shred'),
  id: ids,
  status,
  soft: fc.constantFrom(true, false, 'true', undefined),
  copies: fc.constantFrom(1, 10, undefined),
});

test('carol is told the same whether she asks herself, over HTTP, or another asks about her', async () => {
  let yes = 0;
  await fc.assert(
    fc.asyncProperty(question, async ({ action, id, status: state, soft, copies }) => {
      const known = ({ 'record-1': 'active', 'record-2': 'archived' } as Record<string, string | undefined>)[id];
      const members = { read: ['status'], write: ['status'], delete: ['status', 'soft'], print: ['copies'], shred: [] };
      const all: Record<string, unknown> = { status: known ?? state, soft, copies };
      const input = Object.fromEntries(
        (members[action] as string[]).flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
      );
      const own = await point.send(
        'POST',
        '/v1/explain',
        { intent: `records.${action}`, input: { record_id: id, ...input } },
        { key: 'carol' },
      );
      const properties = { ...(state === undefined ? {} : { status: state }) };
      const about = await point.post(
        'evaluation',
        {
          subject: { type: 'user', id: 'carol' },
          action: { name: action, properties: JSON.parse(JSON.stringify({ soft, copies })) },
          resource: { type: 'record', id, properties },
        },
        'plain',
      );
      expect(about.status).toBe(200);
      const { decision, context } = about.body;
      if (own.body.outcome !== 'explained') {
        expect([decision, context.error?.code]).toEqual([false, own.body.code]);
        return;
      }
      expect(context.reason_user).toEqual({
        [own.body.decision.outcome === 'permit' ? 200 : 403]: own.body.decision.reason,
      });
      expect(context.obligations.filter(({ id: of }: { id: string }) => of !== 'fields').length).toBe(
        own.body.decision.obligations.length,
      );
      const free = own.body.decision.obligations.length === 0 && own.body.decision.fields === undefined;
      expect(decision).toBe(own.body.decision.outcome === 'permit' && free);
      if (decision) yes++;
    }),
    {
      numRuns: 80,
      examples: [[{ action: 'write', id: 'record-1', status: undefined, soft: undefined, copies: undefined }]],
    },
  );
  // Else the test would say little.
  expect(yes).toBeGreaterThan(0);
});

const anything = fc.jsonValue({ maxDepth: 4 });
const entity = fc.oneof(
  anything,
  fc.record(
    {
      type: fc.oneof(fc.constantFrom('user', 'record'), anything),
      id: fc.oneof(ids, anything),
      name: anything,
      properties: anything,
    },
    { requiredKeys: [] },
  ),
);
const body = fc.oneof(
  anything,
  fc.record(
    {
      subject: entity,
      action: fc.oneof(fc.record({ name: fc.constantFrom('read', 'write') }), entity),
      resource: entity,
      context: anything,
      evaluations: fc.oneof(anything, fc.array(fc.record({ subject: entity, resource: entity }, { requiredKeys: [] }))),
      options: fc.oneof(anything, fc.record({ evaluations_semantic: fc.constantFrom('execute_all', 'x') })),
      page: anything,
    },
    { requiredKeys: [] },
  ),
);

test('whatever a body holds, it is read or refused with places', () =>
  fc.assert(
    fc.property(body, fc.constantFrom('subject', 'resource', 'action'), (given, what) => {
      for (const read of [
        () => readBatch(given),
        () => readSearch(given, what),
        () => readQuestion((given ?? {}) as Record<string, unknown>),
      ])
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(OstiaryError);
          expect((error as OstiaryError).code).toBe('request.malformed');
          expect((error as OstiaryError).facts.errors?.length).toBeGreaterThan(0);
        }
    }),
    { numRuns: 500 },
  ));

test('whatever is asked, the answer is a boolean for each, or 400', () =>
  fc.assert(
    fc.asyncProperty(body, fc.constantFrom('evaluation', 'evaluations', 'search/action'), async (given, path) => {
      const { status: code, body: told } = await point.post(path, JSON.stringify(given));
      expect([200, 400]).toContain(code);
      if (code !== 200) return;
      const decisions = told.evaluations ?? (told.results === undefined ? [told] : []);
      for (const { decision } of decisions) expect(decision).toBeTypeOf('boolean');
    }),
    { numRuns: 120 },
  ));
