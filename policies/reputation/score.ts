import type { Effect } from '../../intents/contract.ts';
import { type Band, bands } from '../types.ts';

/** What the gateway can see of a caller that says something of them. */
export type Seen =
  | 'success'
  /** No policy permits it. */
  | 'denial'
  /** Values that the contract does not take, or an intent that is not there. */
  | 'invalid'
  /** A person said no to what an agent, or another, wanted. */
  | 'rejected'
  /** Nobody who means well does it. */
  | 'strike';

/** Why a score is what it is, for whoever it is about. */
export interface Cause {
  readonly at: number;
  readonly seen: Seen;
  /** The request it was seen in. */
  readonly request: string;
}

/** What is kept of one caller and one effect. Times are milliseconds since 1970; `r` and `s` are as they were at `at`. */
export interface Score {
  readonly at: number;
  /** Good evidence, and bad. */
  readonly r: number;
  readonly s: number;
  /** The day (UTC) of `at`, and how much good evidence it brought: a day brings so much and no more. */
  readonly day: number;
  readonly earned: number;
  readonly strikes: number;
  readonly struckAt: number | undefined;
  readonly restrictedUntil: number | undefined;
  readonly band: Band;
  /** When the band last rose. */
  readonly roseAt: number | undefined;
  /** The newest bad ones, oldest first. */
  readonly causes: readonly Cause[];
}

const dayMs = 86_400_000;
const halfLifeMs = 14 * dayMs;
const maxGood = 40;
/** So that cheap calls buy no trust: what can be earned in a day, by what is done. */
const perDay: Readonly<Record<Effect, number>> = { read: 4, write: 8, destructive: 3 };
const weights: Readonly<Record<Exclude<Seen, 'success'>, number>> = {
  denial: 0.25,
  invalid: 0.05,
  rejected: 3,
  strike: 20,
};
const untrustedAfterStrikeMs = 30 * dayMs;
const maxRestrictedMs = 30 * dayMs;
const maxCauses = 10;
/** What weighs so little by now is no reason any more. */
const causesForgottenMs = 90 * dayMs;

export const unscored = (now: number): Score => ({
  at: now,
  r: 0,
  s: 0,
  day: Math.floor(now / dayMs),
  earned: 0,
  strikes: 0,
  struckAt: undefined,
  restrictedUntil: undefined,
  band: 'new',
  roseAt: undefined,
  causes: [],
});

/**
 * The expected share of good behaviour, in (0, 1): a beta distribution with a prior of two good and two bad events.
 * Source: the beta reputation system, Josang and Ismail 2002, with their forgetting factor as a half-life of 14 days.
 */
export const meanOf = ({ r, s }: Pick<Score, 'r' | 's'>): number => (r + 2) / (r + s + 4);

/** A score as time leaves it. A clock that went back changes nothing. */
export const aged = (score: Score, now: number): Score => {
  const passed = now - score.at;
  if (passed <= 0) return score;
  const left = 2 ** (-passed / halfLifeMs);
  const day = Math.floor(now / dayMs);
  return {
    ...score,
    at: now,
    r: score.r * left,
    s: score.s * left,
    day,
    // It fades as well, and what a day still brings fills it up: else it would be better to do well later.
    earned: day === score.day ? score.earned * left : 0,
    causes: score.causes.filter(({ at }) => now - at < causesForgottenMs),
  };
};

/** What one more event makes of a score, its band with it. */
export const observed = (before: Score, seen: Seen, effect: Effect, request: string, now: number): Score => {
  const score = aged(before, now);
  return settled(seen === 'success' ? earned(score, effect) : charged(score, seen, request, now), now);
};

const earned = (score: Score, effect: Effect): Score => {
  const more = Math.min(1, perDay[effect] - score.earned, maxGood - score.r);
  return more <= 0 ? score : { ...score, r: score.r + more, earned: score.earned + more };
};

const charged = (score: Score, seen: Exclude<Seen, 'success'>, request: string, now: number): Score => {
  const worse: Score = {
    ...score,
    s: score.s + weights[seen],
    causes: [...score.causes, { at: now, seen, request }].slice(-maxCauses),
  };
  if (seen !== 'strike') return worse;
  const restrictedMs = Math.min(dayMs * 2 ** score.strikes, maxRestrictedMs);
  return { ...worse, strikes: score.strikes + 1, struckAt: now, restrictedUntil: now + restrictedMs };
};

/** The band that the numbers alone would give. */
export const earnedBand = (score: Score, now: number): Band => {
  const { r, restrictedUntil, struckAt } = score;
  const mean = meanOf(score);
  if (mean < 0.35 || (restrictedUntil !== undefined && now < restrictedUntil)) return 'restricted';
  const lately = struckAt !== undefined && now - struckAt < untrustedAfterStrikeMs;
  if (mean >= 0.9 && r >= 20 && !lately) return 'trusted';
  return mean >= 0.6 && r >= 4 ? 'standard' : 'new';
};

/** The band of a caller: it falls at once, and rises one step a day at the most. */
export const bandAt = (score: Score, now: number): Band => {
  const wanted = earnedBand(aged(score, now), now);
  const [target, here] = [bands.indexOf(wanted), bands.indexOf(score.band)];
  if (target >= here) return wanted;
  const mayRise = score.roseAt === undefined || now - score.roseAt >= dayMs;
  return mayRise ? (bands[here - 1] ?? score.band) : score.band;
};

const settled = (score: Score, now: number): Score => {
  const band = bandAt(score, now);
  const rose = bands.indexOf(band) < bands.indexOf(score.band);
  return { ...score, band, roseAt: rose ? now : score.roseAt };
};
