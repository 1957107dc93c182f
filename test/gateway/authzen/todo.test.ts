import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DecisionPoint, startDecisionPoint } from './start.ts';

/** Laid down beside the repository; another place can be named. */
const folder = resolve(process.env.OSTIARY_SHARED ?? join(import.meta.dirname, '../../../../shared'));
const file = join(folder, 'data/authzen/todo-decisions.json');

interface Cases {
  readonly evaluation: readonly { readonly request: object; readonly expected: boolean }[];
  readonly evaluations: readonly { readonly request: object; readonly expected: readonly object[] }[];
}
const read = (): Cases => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Cases;
  } catch (error) {
    throw new Error(
      `The decisions of the to-do application are not at ${file} (${(error as Error).message}). They are interop/authzen-todo-backend/test/decisions-authorization-api-1_0-02.json of github.com/openid/authzen; OSTIARY_SHARED names the folder that holds data/authzen.`,
    );
  }
};

let point: DecisionPoint;
beforeAll(async () => {
  point = await startDecisionPoint('todo');
});
afterAll(() => point?.stop());

test('all decisions of the to-do application, one by one', async () => {
  const { evaluation } = read();
  expect(evaluation).toHaveLength(40);
  for (const { request, expected } of evaluation) {
    const { status, body } = await point.post('evaluation', request);
    expect([status, body.decision], JSON.stringify(request)).toEqual([200, expected]);
  }
});

test('all of its batches', async () => {
  const { evaluations } = read();
  expect(evaluations).toHaveLength(3);
  for (const { request, expected } of evaluations) {
    const { status, body } = await point.post('evaluations', request);
    expect([status, body.evaluations], JSON.stringify(request)).toMatchObject([200, expected]);
    expect(body.evaluations).toHaveLength(expected.length);
  }
});
