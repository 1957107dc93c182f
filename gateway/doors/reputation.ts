import type { FastifyInstance } from 'fastify';
import type { Effect } from '../../intents/contract.ts';
import type { Standing } from '../../policies/ports.ts';
import { aged, meanOf, type Seen } from '../../policies/reputation/score.ts';
import type { Gate } from '../gate.ts';
import { bearerOf, presentedBy } from './http-read.ts';

const effects: readonly Effect[] = ['read', 'write', 'destructive'];

const words: Readonly<Record<Seen, string>> = {
  success: 'it was done',
  denial: 'no policy permitted it',
  invalid: 'the values, or the name, did not fit any contract',
  rejected: 'a person said no to it',
  strike: 'nobody who means well calls it',
};

/** Tells every caller what was seen of them, and why: nothing that weighs against somebody is kept from them. */
export const reputationDoor = (app: FastifyInstance, gate: () => Gate): void => {
  app.get('/v1/reputation', async (request) => {
    const { authenticator, config, reputation } = gate();
    const now = new Date();
    const principal = await authenticator.authenticate(bearerOf(request), now, presentedBy(request, config.listen.url));
    return {
      subject: { type: principal.type, id: principal.id },
      enabled: config.reputation.enabled,
      standing: effects.map((effect) =>
        printStanding(reputation.standingOf(principal, effect, now.getTime()), effect, now.getTime()),
      ),
    };
  });
};

/** A band, the numbers behind it and the causes of what weighs against it. */
export const printStanding = ({ band, score }: Standing, effect: Effect, nowMs: number) => {
  if (score === undefined) return { effect, band, causes: [] };
  const here = aged(score, nowMs);
  const until = here.restrictedUntil;
  return {
    effect,
    band,
    score: rounded(meanOf(here)),
    good: rounded(here.r),
    bad: rounded(here.s),
    ...(until === undefined || until <= nowMs ? {} : { restricted_until: new Date(until).toISOString() }),
    causes: here.causes.map(({ at, seen, request }) => ({
      at: new Date(at).toISOString(),
      seen,
      why: words[seen],
      request,
    })),
  };
};

const rounded = (value: number): number => Math.round(value * 100) / 100;
