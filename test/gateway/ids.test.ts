import { expect, test } from 'vitest';
import { idSequence } from '../../gateway/ids.ts';

test('ids count up, and can be written on a command line: none looks like an option', () => {
  // One in 64 random starts would.
  for (let count = 0; count < 2_000; count++) {
    const next = idSequence();
    const [first, second] = [next(), next()];
    expect(first).toMatch(/^\w[\w-]{11}\.1$/);
    expect(second).toBe(first.replace(/1$/, '2'));
  }
});
