import { expect, test } from 'vitest';
import { memoryReputation } from '../../../adapters/stores/memory-reputation.ts';
import type { Seen } from '../../../policies/reputation/score.ts';
import { createReputation, unknownReputation, unseen } from '../../../policies/reputation.ts';
import type { Principal } from '../../../policies/types.ts';
import { principal } from '../set-up.ts';

const start = Date.parse('2026-11-23T00:00:00Z');
const dana = principal();
const handedOn = (...keys: string[]): Principal => ({
  ...dana,
  credential: { kind: 'token', id: 'x' },
  delegations: keys.length,
  token: { details: [], links: [{ id: 'root', key: 'dana-key' }, ...keys.map((key) => ({ id: key, key }))] },
});
const make = () => {
  const store = memoryReputation();
  const reputation = createReputation(store);
  return {
    store,
    reputation,
    see: (who: Principal, seen: Seen, times = 1, effect: 'read' | 'write' | 'destructive' = 'write') =>
      Array.from({ length: times }, (_, index) => reputation.observe(who, seen, effect, `r${index}`, start)).flat(),
    band: (who: Principal, effect: 'read' | 'write' | 'destructive' = 'write') => reputation.bandOf(who, effect, start),
  };
};

test('nobody was seen yet: new', () => {
  const { reputation, band } = make();
  expect(band(dana)).toBe('new');
  expect(reputation.standingOf(dana, 'write', start)).toEqual({ band: 'new', score: undefined });
  expect(unseen.bandOf(dana, 'write', start)).toBe('new');
});

test('turned off, nothing is known of anybody', () => {
  expect(unknownReputation.observe(dana, 'strike', 'write', 'r', start)).toEqual([]);
  expect(unknownReputation.bandOf(dana, 'write', start)).toBe('unknown');
  expect(unknownReputation.standingOf(dana, 'write', start).band).toBe('unknown');
});

test('each effect has a score of its own, and so have tenants and subjects; a strike counts in all', () => {
  const { see, band } = make();
  expect(see(dana, 'success', 4)).toEqual([
    { who: '["subject","default","user","dana"]', effect: 'write', from: 'new', to: 'standard' },
  ]);
  expect([band(dana), band(dana, 'read'), band(dana, 'destructive')]).toEqual(['standard', 'new', 'new']);
  for (const other of [{ tenant: 'b' }, { type: 'agent' }, { id: 'aram' }])
    expect(band({ ...dana, ...other })).toBe('new');
  expect(see(dana, 'strike').map(({ effect, from, to }) => [effect, from, to])).toEqual([
    ['read', 'new', 'restricted'],
    ['write', 'standard', 'restricted'],
    ['destructive', 'new', 'restricted'],
  ]);
});

test('another key of the same subject goes on with its score', () => {
  const { see, band } = make();
  see(dana, 'strike');
  expect(band({ ...dana, credential: { kind: 'api-key', id: 'fresh' } })).toBe('restricted');
  expect(band(handedOn())).toBe('restricted');
});

test('who was handed a token earns for its root, and what they do badly is charged to all above them', () => {
  const { see, band } = make();
  see(handedOn('bot'), 'success', 4);
  expect([band(dana), band(handedOn('bot')), band(handedOn('other'))]).toEqual(['standard', 'standard', 'standard']);
  see(handedOn('bot', 'helper'), 'rejected', 1);
  expect(band(dana)).toBe('new');
  see(dana, 'success', 4);
  see(handedOn('bot', 'helper'), 'denial', 7);
  expect(band(handedOn('bot', 'helper'))).toBe('restricted');
  expect(band(handedOn('bot'))).toBe('restricted');
  // Whoever hands on to somebody else goes by their own score.
  expect(band(handedOn('other'))).toBe(band(dana));
  expect(band(dana)).not.toBe('restricted');
});

test('a key at the root of tokens has a score of its own, and is restricted for whomever it acts for', () => {
  const { see, band, store } = make();
  const erin = { ...handedOn(), id: 'erin' };
  see(handedOn(), 'success', 4);
  expect(store.get('write ["key","default","dana-key"]')).toMatchObject({ r: 4, band: 'standard' });
  // What the key did well is no credit of somebody else.
  expect(band(erin)).toBe('new');
  see(handedOn(), 'strike');
  expect([band(erin), band(erin, 'read'), band({ ...erin, tenant: 'b' })]).toEqual(['restricted', 'restricted', 'new']);
  // Erin herself did nothing.
  expect([band(principal({ id: 'erin' })), band(dana)]).toEqual(['new', 'restricted']);
});

test('a key that does well most of the time is not restricted for what it was denied', () => {
  const { see, band } = make();
  see(handedOn(), 'success', 8);
  see(handedOn(), 'denial', 7);
  expect(band(handedOn())).not.toBe('restricted');
});

test('a snapshot is JSON, and restores all of it', () => {
  const one = make();
  one.see(dana, 'success', 5);
  one.see(handedOn('bot'), 'rejected', 2);
  const other = make();
  other.see(principal({ id: 'gone' }), 'strike');
  other.store.restore(JSON.parse(JSON.stringify(one.store.snapshot())));
  for (const who of [dana, handedOn('bot'), principal({ id: 'gone' })]) expect(other.band(who)).toBe(one.band(who));
  expect(other.reputation.standingOf(dana, 'write', start)).toEqual(one.reputation.standingOf(dana, 'write', start));
  expect(JSON.stringify(other.store.snapshot())).toBe(JSON.stringify(one.store.snapshot()));
});

test('a hundred thousand others do not make the store forget who is restricted', () => {
  const { see, band, store } = make();
  see(dana, 'strike');
  const score = store.get('write ["subject","default","user","dana"]');
  if (score === undefined) throw new Error('no score');
  for (let index = 0; index < 100_010; index++) store.put(`write ${index}`, { ...score, band: 'new' });
  expect(band(dana)).toBe('restricted');
  expect(store.get('write 0')).toBeUndefined();
  expect(store.snapshot()).toHaveLength(100_000);
});
