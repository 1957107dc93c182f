import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Breaker, breaker } from '../../../gateway/admission/breaker.ts';

const options = { windowMs: 10_000, calls: 4, share: 0.5, restMs: 1_000, probes: 2 };

const at = (given: Partial<typeof options> = {}) => {
  let ms = 0;
  const one = breaker({ ...options, ...given }, () => ms);
  return {
    one,
    after: (more: number) => {
      ms += more;
    },
  };
};
const call = (one: Breaker, health: 'well' | 'ill' | 'unknown', toldMs?: number): boolean => {
  const pass = one.enter();
  if (typeof pass === 'number') return false;
  pass.settle(health, toldMs);
  return true;
};
const calls = (one: Breaker, ...health: readonly ('well' | 'ill' | 'unknown')[]) => health.map((so) => call(one, so));

test.each([
  ['too few say nothing', ['ill', 'ill', 'ill'], 'closed'],
  ['half of enough open it', ['well', 'well', 'ill', 'ill'], 'open'],
  ['less than half do not', ['well', 'well', 'well', 'ill'], 'closed'],
  ['whoever went away is not counted', ['ill', 'ill', 'ill', 'unknown'], 'closed'],
] as const)('%s', (_name, said, state) => {
  const { one } = at();
  calls(one, ...said);
  expect(one.state).toBe(state);
});

test('while it rests nothing is called, and it says for how long', () => {
  const { one, after } = at();
  calls(one, 'ill', 'ill', 'ill', 'ill');
  expect(one.enter()).toBe(1_000);
  after(400);
  expect(one.enter()).toBe(600);
});

test('then as many as are to try it are let in, and it closes when all went well', () => {
  const { one, after } = at();
  calls(one, 'ill', 'ill', 'ill', 'ill');
  after(1_000);
  expect(one.state).toBe('half-open');
  const [first, second, third] = [one.enter(), one.enter(), one.enter()];
  expect(third).toBe(1_000);
  if (typeof first === 'number' || typeof second === 'number') throw new Error('two may try it');
  first?.settle('well');
  expect(one.enter()).toBe(1_000);
  second?.settle('well');
  expect(one.state).toBe('closed');
});

test('a try that fails lets it rest for twice as long, up to a minute, and one that goes well makes that good', () => {
  const { one, after } = at({ probes: 1 });
  calls(one, 'ill', 'ill', 'ill', 'ill');
  for (const rest of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    expect(one.enter()).toBe(rest);
    after(rest);
    expect(call(one, 'ill')).toBe(true);
  }
  after(60_000);
  expect(call(one, 'well')).toBe(true);
  expect(one.state).toBe('closed');
  calls(one, 'ill', 'ill', 'ill', 'ill');
  expect(one.enter()).toBe(1_000);
});

test('whoever tries it and goes away leaves the place to another', () => {
  const { one, after } = at({ probes: 1 });
  calls(one, 'ill', 'ill', 'ill', 'ill');
  after(1_000);
  expect(call(one, 'unknown')).toBe(true);
  expect(call(one, 'well')).toBe(true);
  expect(one.state).toBe('closed');
});

test('it rests as long as the backend wants, up to a minute', () => {
  const { one } = at({ calls: 1 });
  call(one, 'ill', 7_000);
  expect(one.enter()).toBe(7_000);
  const { one: other } = at({ calls: 1 });
  call(other, 'ill', 3_600_000);
  expect(other.enter()).toBe(60_000);
});

test('what is further back than the window is forgotten', () => {
  const { one, after } = at();
  calls(one, 'ill', 'ill', 'ill');
  after(10_001);
  calls(one, 'ill', 'ill', 'ill');
  expect(one.state).toBe('closed');
});

test('a call that began before it opened says nothing about how it is afterwards', () => {
  const { one, after } = at({ probes: 1 });
  const early = one.enter();
  calls(one, 'ill', 'ill', 'ill', 'ill');
  after(1_000);
  const probe = one.enter();
  if (typeof early === 'number' || typeof probe === 'number') throw new Error('both may be made');
  early.settle('well');
  expect(one.state).toBe('half-open');
  probe.settle('ill');
  expect(one.state).toBe('open');
});

test('whatever happens, it is never closed to all for good, and never lets more than its probes try', () => {
  const step = fc.oneof(
    fc.record({ wait: fc.integer({ min: 0, max: 5_000 }) }),
    fc.record({ health: fc.constantFrom('well' as const, 'ill' as const, 'unknown' as const) }),
    fc.constant({ hold: true as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (steps, probes) => {
      const { one, after } = at({ probes });
      for (const so of steps) {
        if ('wait' in so) after(so.wait);
        else if ('health' in so) call(one, so.health);
        else {
          const held = Array.from({ length: 10 }, () => one.enter()).filter((pass) => typeof pass !== 'number');
          expect(one.state === 'half-open' ? held.length : 0).toBeLessThanOrEqual(probes);
          for (const pass of held) pass.settle('unknown');
        }
      }
      after(60_000);
      for (let tries = 0; tries < probes; tries++) call(one, 'well');
      expect(typeof one.enter()).toBe('object');
    }),
  );
});
