import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../gateway/wire-stores.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { add, type Replica, replicaWorld } from './world.ts';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

describe.each([
  { kind: 'embedded', begin: async () => 'file:./data' },
  { kind: 'PostgreSQL', begin: () => postgres.database() },
])('on the store that is $kind, a process that was killed', { timeout: 180_000 }, ({ begin }) => {
  const startWorld = async () => {
    const url = await begin();
    const world = await replicaWorld(`store: { url: "${url}" }`);
    onTestFinished(() => world.remove());
    return { ...world, url };
  };

  test('leaves totals, revocations, proofs, conversations and questions to the next', async () => {
    const world = await startWorld();
    let replica: Replica = await world.start();
    expect([(await add(replica, 10)).status, (await add(replica, 20)).status]).toEqual([200, 200]);
    const [given, kept] = [await world.token(), await world.token()];
    expect((await given.use(replica)).status).toBe(200);
    expect((await given.revoke(replica)).status).toBe(200);
    const proof = await kept.prove(replica);
    expect((await kept.use(replica, proof)).status).toBe(200);
    const asked = await replica.call('POST', '/v1/ask', { text: 'wipe all notes' });
    expect(asked.body).toMatchObject({ outcome: 'confirm' });
    const held = await replica.call('POST', '/v1/intents/notes.wipe', {});
    expect(held.status).toBe(428);
    await replica.kill();

    replica = await world.start();
    // 32 of 50 are used up.
    expect([(await add(replica, 19)).status, (await add(replica, 18)).status, (await add(replica, 1)).status]).toEqual([
      403, 200, 403,
    ]);
    expect((await given.use(replica)).body).toMatchObject({ code: 'credentials.invalid' });
    const { session } = asked.body;
    expect((await replica.call('POST', '/v1/ask', { text: 'yes', session })).body).toMatchObject({
      outcome: 'completed',
      intent: 'notes.wipe',
    });
    const yes = () => replica.call('POST', `/v1/confirmations/${held.body.confirmation.id}`, { confirm: true });
    expect([(await yes()).status, (await yes()).status]).toEqual([200, 404]);
    expect([world.effects('POST'), world.effects('DELETE')]).toEqual([5, 2]);
  });

  test('has kept the part of a total that its last write took, though the backend never answered', async () => {
    const world = await startWorld();
    const replica = await world.start();
    world.answers.with = () => {};
    const lost = add(replica, 50).then(
      ({ status }) => status,
      () => 'no answer',
    );
    await expect.poll(() => world.effects(), { timeout: 20_000 }).toBe(1);
    await replica.kill();
    expect(await lost).toBe('no answer');
    world.answers.with = (response) => response.end('{}');
    const next = await world.start();
    expect((await add(next, 1)).status).toBe(403);
    expect(world.effects()).toBe(1);
  });

  test('has kept what was seen of its callers', async () => {
    const world = await startWorld();
    const replica = await world.start();
    for (let n = 0; n < 4; n++) expect((await replica.call('POST', '/v1/intents/notes.secret', {})).status).toBe(403);
    const standing = async (of: Replica) => (await of.call('GET', '/v1/reputation')).body.standing[0];
    const before = await standing(replica);
    expect(before.causes).toHaveLength(4);
    // They are written every few seconds.
    const written = async () => {
      const fresh = await openStores(
        { config: { store: { url: world.url }, hot: undefined }, folder: world.folder },
        () => {},
      );
      const scores = fresh.scores.inMemory.snapshot();
      await fresh.store.close();
      return scores.map(([, { causes }]) => causes.length);
    };
    await expect.poll(written, { timeout: 25_000, interval: 500 }).toEqual([4]);
    await replica.kill();
    expect((await standing(await world.start())).causes).toEqual(before.causes);
  });
});
