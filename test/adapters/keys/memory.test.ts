import { expect, test } from 'vitest';
import { memoryReplays } from '../../../adapters/keys/memory-replays.ts';
import { memoryRevocations } from '../../../adapters/keys/memory-revocations.ts';

test('a proof is taken once, as long as it could be sent again', () => {
  const replays = memoryReplays();
  expect(replays.take('k', 'a', 100, 0)).toBe(true);
  expect(replays.take('k', 'a', 100, 99)).toBe(false);
  expect(replays.take('other', 'a', 100, 99)).toBe(true);
  expect(replays.take('k', 'b', 100, 99)).toBe(true);
  expect(replays.take('k', 'a', 300, 100)).toBe(true);
  expect(replays.take('k', 'a', 300, 200)).toBe(false);
});

test('one holder that sends too many is not taken, and takes nobody else their place', () => {
  const replays = memoryReplays({ most: 5, mostOfOne: 3 });
  for (const proof of ['a', 'b', 'c']) expect(replays.take('loud', proof, 10_000, 0)).toBe(true);
  expect(() => replays.take('loud', 'd', 10_000, 0)).toThrow('more proofs');
  expect(() => replays.take('loud', 'd', 10_000, 5_000)).toThrow('more proofs');
  // What is known is still told from what is new.
  expect(replays.take('loud', 'a', 10_000, 5_000)).toBe(false);
  expect(replays.take('calm', 'a', 10_000, 5_000)).toBe(true);
  expect(replays.take('calm', 'b', 10_000, 5_000)).toBe(true);
  expect(() => replays.take('third', 'a', 10_000, 5_000)).toThrow('more proofs');
  // What is too old to be sent again makes room.
  expect(replays.take('third', 'a', 30_000, 10_000)).toBe(true);
  expect(replays.take('loud', 'a', 30_000, 10_000)).toBe(true);
});

test('what is revoked stays so until it is over by itself', async () => {
  const revocations = memoryRevocations();
  expect(revocations.revoked(['link:a', 'key:b'], 0)).toBe(false);
  await revocations.revoke('link:a', 100);
  await revocations.revoke('link:a', 50);
  expect(revocations.revoked(['key:b', 'link:a'], 99)).toBe(true);
  expect(revocations.revoked(['key:b'], 99)).toBe(false);
  expect(revocations.revoked(['link:a'], 100)).toBe(false);
});
