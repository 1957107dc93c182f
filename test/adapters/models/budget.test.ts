import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetLedger, memoryBudget } from '../../../adapters/models/budget.ts';
import { fallbackModel } from '../../../adapters/models/fallback.ts';
import { openaiEndpoint } from '../../../adapters/models/openai.ts';
import type { ModelReservation } from '../../../intents/ports.ts';
import * as scripted from './scripted-endpoint.ts';

const hour = 3_600_000;
const spend = (tokens: number, money = 0) => ({ tokens, money });
const isHeld = (one: ModelReservation | { refused: string }): one is ModelReservation => !('refused' in one);

test('what is reserved counts until it is settled, then what was used does', async () => {
  const budget = memoryBudget({ windowMs: hour, tokens: 100 }, () => 0);
  const first = await budget.reserve('shop', spend(80));
  expect(await budget.reserve('shop', spend(30))).toEqual({ refused: 'tokens' });
  if (!isHeld(first)) throw new Error('refused');
  first.settle(spend(10));
  first.settle(spend(90));
  expect(isHeld(await budget.reserve('shop', spend(90)))).toBe(true);
  expect(await budget.reserve('shop', spend(1))).toEqual({ refused: 'tokens' });
});

test('what is not known is spent as it was reserved', async () => {
  const budget = memoryBudget({ windowMs: hour, money: 1 }, () => 0);
  const first = await budget.reserve('shop', spend(1, 0.75));
  if (isHeld(first)) first.settle(undefined);
  expect(await budget.reserve('shop', spend(1, 0.5))).toEqual({ refused: 'money' });
  expect(isHeld(await budget.reserve('shop', spend(1, 0.25)))).toBe(true);
});

test('each tenant has its own, anew in each window, whatever of the last is still under way', async () => {
  const clock = { now: hour - 1 };
  const budget = memoryBudget({ windowMs: hour, tokens: 100 }, () => clock.now);
  const late = await budget.reserve('shop', spend(100));
  expect(isHeld(await budget.reserve('other', spend(100)))).toBe(true);
  clock.now = hour;
  expect(isHeld(await budget.reserve('shop', spend(60)))).toBe(true);
  if (isHeld(late)) late.settle(spend(100));
  expect(isHeld(await budget.reserve('shop', spend(40)))).toBe(true);
  expect(await budget.reserve('shop', spend(1))).toEqual({ refused: 'tokens' });
});

test('however reserving and settling follow each other, no more is spent than there is', async () => {
  const step = fc.record({
    tokens: fc.nat(60),
    used: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    late: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const budget = memoryBudget({ windowMs: hour, tokens: 100 }, () => 0);
      let spent = 0;
      const open: (() => void)[] = [];
      for (const { tokens, used, late } of steps) {
        const held = await budget.reserve('shop', spend(tokens));
        if (!isHeld(held)) continue;
        const actual = used === null ? undefined : Math.floor(tokens * used);
        open.push(() => {
          held.settle(actual === undefined ? undefined : spend(actual));
          spent += actual ?? tokens;
        });
        if (!late) open.pop()?.();
      }
      for (const settle of open) settle();
      expect(spent).toBeLessThanOrEqual(100);
    }),
  );
});

test('many questions at once never use more than is there, and those refused are not sent', async () => {
  const { options, bodies } = await scripted.scriptedEndpoint(scripted.says(scripted.good));
  const endpoint = openaiEndpoint(options);
  const { tokens } = endpoint.atMost(scripted.question);
  const model = fallbackModel([endpoint], {
    now: () => 0,
    random: () => 0,
    wait: async () => {},
    budget: memoryBudget({ windowMs: hour, tokens: 3 * tokens + 10 }, () => 0),
  });
  const ask = () => model.propose(scripted.question, new AbortController().signal);
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
  expect(bodies).toHaveLength(3);
  for (const answer of answers)
    if (!answer.ok) expect(answer).toEqual({ ok: false, detail: 'the budget of this tenant is spent' });
  expect(await ask(), 'settled at 100 each, there is room again').toMatchObject({ ok: true });
});

test('a budget that goes on from another counts what that one spent, also of what was under way', async () => {
  const ledger = budgetLedger();
  const before = memoryBudget({ windowMs: hour, tokens: 100 }, () => 0, ledger);
  const open = await before.reserve('shop', spend(60));
  const after = memoryBudget({ windowMs: hour, tokens: 120 }, () => 0, ledger);
  expect(await after.reserve('shop', spend(61))).toEqual({ refused: 'tokens' });
  if (isHeld(open)) open.settle(spend(20));
  expect(isHeld(await after.reserve('shop', spend(100)))).toBe(true);
});

test('windows of another length begin anew', async () => {
  const ledger = budgetLedger();
  await memoryBudget({ windowMs: hour, tokens: 100 }, () => 0, ledger).reserve('shop', spend(100));
  const longer = memoryBudget({ windowMs: 2 * hour, tokens: 100 }, () => 0, ledger);
  expect(isHeld(await longer.reserve('shop', spend(100)))).toBe(true);
});
