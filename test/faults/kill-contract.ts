import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openAuditKey } from '../../adapters/keys/audit-key.ts';
import { loadConfig } from '../../gateway/config.ts';
import { openStore } from '../../gateway/wire-stores.ts';
import { createVerifier } from '../../policies/audit/verifier.ts';
import { newOp, type Op, randomFrom, send } from './crash-load.ts';
import { crashWorld, type Running } from './crash-world.ts';

/** OSTIARY_KILLS=200 is the long mode. */
const kills = Number(process.env.OSTIARY_KILLS ?? 20);
const seed = Number(process.env.OSTIARY_SEED ?? 20261123);
const atOnce = 12;

/**
 * Gateways on one store, killed one after the other.
 * @param begin a store of its own, empty: how a configuration names it
 */
export const killContract = (kind: string, begin: () => Promise<{ url: string; remove(): Promise<void> }>): void => {
  test(
    `${kind}: killed ${kills} times at random moments, nothing acknowledged is lost and nothing happens twice (seed ${seed})`,
    async () => {
      const place = await begin();
      onTestFinished(() => place.remove());
      const world = await crashWorld(place.url);
      onTestFinished(() => world.remove());
      const random = randomFrom(seed);
      const ops: Op[] = [];
      const unsettled: Op[] = [];
      let current: Running = await world.start();
      let next = world.start();

      /** Callers that come back with what they got no answer to, if they have a key for it. */
      const caller = async (isOver: () => boolean, url: string) => {
        while (!isOver()) {
          const again = random() < 0.2 ? unsettled.shift() : undefined;
          const op = again ?? newOp(ops.length, random);
          if (again === undefined) ops.push(op);
          if (!(await send(op, url)) && op.keyed) {
            unsettled.push(op);
            // Told to come back: not at once.
            if (again !== undefined) await delay(20);
          }
        }
      };
      for (let round = 0; round < kills; round++) {
        let over = false;
        const callers = Array.from({ length: atOnce }, () => caller(() => over, current.url));
        await delay(30 + random() * 250);
        over = true;
        // While requests are under way: the callers hear of it by broken connections.
        await current.kill();
        await Promise.all(callers);
        current = await next;
        if (round < kills - 1) next = world.start();
      }
      // Whoever has a key goes on asking until there is an answer; who has none has to live with not knowing.
      const deadline = Date.now() + 60_000;
      while (unsettled.length > 0 && Date.now() < deadline) {
        const batch = unsettled.splice(0, atOnce);
        const answered = await Promise.all(batch.map((op) => send(op, current.url)));
        unsettled.push(...batch.filter((_, index) => !answered[index]));
        if (answered.includes(false)) await delay(200);
      }
      expect(unsettled).toEqual([]);
      const found = (kind: string) => ops.filter((op) => op.kind === kind);
      const inDoubt = () => ops.filter(({ heard }) => heard?.status === 504);
      // What can be found out is found out, and then answered by its key.
      while (inDoubt().some(({ kind }) => kind !== 'plain') && Date.now() < deadline) {
        await Promise.all(inDoubt().map((op) => (op.keyed ? send(op, current.url) : undefined)));
        if (inDoubt().every(({ kind, keyed }) => kind === 'plain' || !keyed)) break;
        await delay(500);
      }
      await current.stop();

      const { loaded } = loadConfig(world.folder, {});
      if (loaded === undefined) throw new Error('the configuration does not load');
      const store = await openStore(loaded);
      onTestFinished(() => store.close());
      const entries = await store.audit.read(0, 10_000_000);
      const open = new Set((await store.writes.open(100_000)).map(({ request }) => request));
      const effects = await world.effects();

      // The chain holds, and it is signed.
      const verifier = createVerifier(new Set([openAuditKey(`${world.folder}/data/audit-key.pem`).id]));
      expect(verifier.take(entries) ?? verifier.end()).toMatchObject({ entries: entries.length });

      // Every acknowledged write has its record; what is known of each is in the log.
      const bodies = entries.map(({ body }) => JSON.parse(body) as Record<string, string>);
      const known = new Map<string, Set<string>>();
      for (const { kind, request, outcome } of bodies)
        if (request !== undefined)
          known.set(
            request,
            (known.get(request) ?? new Set()).add(kind === 'ahead' || kind === 'retry' ? kind : `${kind} ${outcome}`),
          );
      for (const { kind, heard } of ops)
        if (kind !== 'things' && heard !== undefined)
          expect([heard, ...(known.get(heard.request) ?? [])]).toEqual(
            expect.arrayContaining([expect.stringMatching(/^outcome /)]),
          );

      // Exactly what has no outcome is listed as open.
      const withoutOutcome = [...known].filter(
        ([, kinds]) => kinds.has('ahead') && ![...kinds].some((kind) => /^(outcome (?!unknown)|settled)/.test(kind)),
      );
      expect([...open].sort()).toEqual(withoutOutcome.map(([request]) => request).sort());

      // Nothing happened twice, nor without a record ahead of it.
      const times = Map.groupBy(effects, ({ op }) => op);
      expect([...times.values()].filter((of) => of.length > 1)).toEqual([]);
      expect(effects.filter(({ key }) => !known.get(key)?.has('ahead'))).toEqual([]);

      // What was acknowledged as done was done, and who had a key for what can be found out was always told.
      for (const { op, kind, heard } of ops)
        if (kind !== 'things' && heard?.status === 200) expect([op, times.get(op)?.length]).toEqual([op, 1]);
      for (const { op, kind, keyed, heard } of ops)
        if (keyed && kind !== 'plain') expect([op, heard?.status]).toEqual([op, 200]);

      process.stdout.write(
        `${kind}, ${kills} kills: ${ops.length} requests, ${effects.length} effects, ${entries.length} entries; ` +
          `writes without an answer: ${found('plain').filter(({ heard }) => heard?.status !== 200).length} plain; ` +
          `settled ${bodies.filter(({ kind }) => kind === 'settled').length}, left in doubt ${open.size}\n`,
      );
    },
    90_000 + kills * 10_000,
  );
};
