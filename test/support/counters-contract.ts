import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReplayStore, RevocationStore, ScoreKeeper, SecretStore, TotalStore } from '../../policies/ports.ts';
import { observed, unscored } from '../../policies/reputation/score.ts';
import type { Addition } from '../../policies/types.ts';

export interface Counters {
  readonly totals: TotalStore;
  readonly revocations: RevocationStore;
  readonly replays: ReplayStore;
  readonly scores: ScoreKeeper;
  readonly secrets: SecretStore;
  close(): Promise<void>;
}

/** What every store promises of what it counts. @param begin a place that is empty; called for each test */
export const countersContract = (
  kind: string,
  begin: () => Promise<{ open(): Promise<Counters>; remove(): Promise<void> }>,
): void => {
  let place: Awaited<ReturnType<typeof begin>>;
  let opened: Counters[];
  const open = async () => {
    const one = await place.open();
    opened.push(one);
    return one;
  };
  const closeAll = async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  };
  const reopened = async () => {
    await closeAll();
    return open();
  };
  beforeEach(async () => {
    place = await begin();
    opened = [];
  });
  afterEach(async () => {
    await closeAll();
    await place.remove();
  });
  const addition = (amount: number, atMost: number | undefined, key = 'k', windowMs = 1_000): Addition => ({
    name: 'n',
    key,
    windowMs,
    amount,
    atMost,
  });
  const reading = (key = 'k') => ({ name: 'n', key, windowMs: 1_000 });

  describe(`${kind}: totals`, () => {
    test.each([undefined, 'recorded' as const])(
      'are never exceeded by many at once (%s), over a restart',
      async (next) => {
        const [one, other] = [await open(), await open()];
        const tries = await Promise.all(
          Array.from({ length: 120 }, (_, n) =>
            (n % 2 ? one : other).totals.reserve(`r${n}`, [addition(5, 100), addition(1, undefined, 'all')], 0, next),
          ),
        );
        expect(tries.filter(Boolean)).toHaveLength(20);
        const { totals } = await reopened();
        expect(await totals.totals([reading(), reading('all'), reading('none')], 999)).toEqual([100, 20, 0]);
        expect(await totals.reserve('late', [addition(1, 100)], 999, next)).toBe(false);
        await totals.settle(`r${tries.indexOf(true)}`, false);
        await totals.settle('never was', false);
        await totals.settle('nor was this', true);
        expect(await totals.totals([reading(), reading('all')], 999)).toEqual([95, 19]);
      },
    );

    test('add several or none', async () => {
      const { totals } = await open();
      expect(await totals.reserve('a', [addition(5, 10, 'full')], 0)).toBe(true);
      expect(await totals.reserve('b', [addition(1, 10, 'free'), addition(6, 10, 'full')], 0)).toBe(false);
      expect(await totals.totals([reading('free'), reading('full')], 0)).toEqual([0, 5]);
    });

    test('forget what left its window, to the millisecond, and only that', async () => {
      const { totals } = await open();
      for (let n = 0; n < 30; n++) await totals.reserve(`a${n}`, [addition(0.5, undefined)], 0);
      await totals.reserve('b', [addition(1, undefined, 'k', 5_000)], 0);
      expect(await totals.totals([reading()], 999)).toEqual([16]);
      expect(await totals.totals([reading()], 1_000)).toEqual([1]);
      for (let n = 0; n < 5; n++) await totals.reserve(`c${n}`, [addition(1, undefined)], 1_000);
      expect(await totals.totals([reading()], 1_000)).toEqual([6]);
      expect(await totals.totals([reading()], 5_000)).toEqual([0]);
    });
  });

  describe(`${kind}: what is revoked`, () => {
    test('is so for all at once, until its time is over, over a restart', async () => {
      const [one, other] = [await open(), await open()];
      await one.revocations.revoke('link', 1_000);
      await other.revocations.revoke('link', 500);
      await one.revocations.revoke('key', Number.MAX_SAFE_INTEGER);
      expect(await other.revocations.revoked(['a', 'link'], 999)).toBe(true);
      expect(await other.revocations.revoked(['a', 'link'], 1_000)).toBe(false);
      const { revocations } = await reopened();
      expect(await revocations.revoked(['link'], 999)).toBe(true);
      expect(await revocations.revoked(['key'], Number.MAX_SAFE_INTEGER - 1)).toBe(true);
      expect(await revocations.revoked(['a'], 0)).toBe(false);
      expect(await revocations.revoked([], 0)).toBe(false);
    });
  });

  describe(`${kind}: proofs`, () => {
    test('are taken once, by whomever, over a restart', async () => {
      const [one, other] = [await open(), await open()];
      const tries = await Promise.all(
        Array.from({ length: 30 }, (_, n) => (n % 2 ? one : other).replays.take('h', 'p', 1_000, 0)),
      );
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await one.replays.take('another', 'p', 1_000, 0)).toBe(true);
      const { replays } = await reopened();
      expect(await replays.take('h', 'p', 1_000, 999)).toBe(false);
      for (let n = 0; n < 20; n++) expect(await replays.take('h', `q${n}`, 2_000, 999)).toBe(true);
      expect(await replays.take('another', 'p', 1_000, 999)).toBe(false);
      expect(await replays.take('h', 'p', 3_000, 1_000)).toBe(true);
      expect(await replays.take('h', 'q1', 3_000, 1_999)).toBe(false);
    });
  });

  describe(`${kind}: scores`, () => {
    const score = (at: number) => observed(unscored(at), 'denial', 'read', 'r', at);

    test('are put in place of the version that is known, and of no other', async () => {
      const [one, other] = [await open(), await open()];
      const [a, b] = [
        { key: 'a', score: score(10), version: 0 },
        { key: 'b', score: score(20), version: 0 },
      ];
      expect(await one.scores.save([b, a], 0)).toEqual([]);
      const newer = { key: 'a', score: score(30), version: 1 };
      expect(await other.scores.save([newer, { key: 'c', score: score(15), version: 0 }], 0)).toEqual([]);
      // What was known of it is not there any more: nothing is put, and what stands is told.
      expect(await one.scores.save([{ key: 'a', score: score(40), version: 1 }], 0)).toEqual([
        { ...newer, version: 2 },
      ]);
      expect(await one.scores.save([{ key: 'a', score: score(40), version: 0 }], 0)).toEqual([
        { ...newer, version: 2 },
      ]);
      const { scores } = await reopened();
      expect(await scores.load(10)).toEqual([
        { ...newer, version: 2 },
        { ...b, version: 1 },
        { key: 'c', score: score(15), version: 1 },
      ]);
      expect((await scores.load(1)).map(({ key }) => key)).toEqual(['a']);
    });

    test('go when nobody was seen for long enough', async () => {
      const { scores } = await open();
      await scores.save([{ key: 'a', score: score(10), version: 0 }], 0);
      await scores.save([{ key: 'b', score: score(20), version: 0 }], 15);
      expect((await scores.load(10)).map(({ key }) => key)).toEqual(['b']);
    });
  });

  test(`${kind}: a secret is made up once`, async () => {
    const [one, other] = [await open(), await open()];
    const kept = await Promise.all([one.secrets.keep('s', 'mine'), other.secrets.keep('s', 'theirs')]);
    expect(new Set(kept).size).toBe(1);
    const { secrets } = await reopened();
    expect(await secrets.keep('s', 'a third')).toBe(kept[0]);
    expect(await secrets.keep('t', 'another')).toBe('another');
  });
};
