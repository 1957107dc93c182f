import type { Progress } from './progress.ts';
import type { TierName } from './tiers.ts';

/** How a measurement is to be made. */
export interface RunOptions {
  readonly dir: string;
  readonly tiers: readonly TierName[];
  /** Folder of an encoder, where the set-up names none or another is wanted. */
  readonly encoderFolder: string | undefined;
  readonly refuse: 'auto' | 'always' | 'never';
  /** How many mistakes and confusions are told of. */
  readonly examples: number;
  readonly crossValidate: boolean;
  readonly progress: Progress;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Microseconds since whenever. */
  readonly micros: () => number;
}

/** What a measurement found: for programs, and in words. */
export interface Ran {
  readonly report: object;
  readonly lines: readonly string[];
}
