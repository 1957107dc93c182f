/** Who goes first when not all can stay: somebody never seen before, what reads, what writes. */
export type Rank = 'stranger' | 'read' | 'write';

/** Turns requests away while the process has more to do than it can, so that those it takes are answered in time. */
export interface Shedder {
  /** Told regularly how late the event loop runs. @param delayMs mean since it was last told */
  load(delayMs: number): void;
  /** @returns false where this one is to be turned away */
  admits(rank: Rank): boolean;
  /** 0: everybody is let in; 1: no stranger; 2: nothing that reads; 3: nothing at all. */
  readonly pressure: number;
  /** How late the event loop was when it was last told. */
  readonly lateMs: number;
}

const ranks: readonly Rank[] = ['stranger', 'read', 'write'];
/** At twice the delay that is aimed at it takes a second until the first rank is turned away. */
const gain = 0.25;

/**
 * An integral controller on the delay of the event loop: pressure grows while it is over what is aimed at, faster the more
 * it is, and falls while it is under. Of the rank in whose turn it is, as large a share is turned away, evenly spread.
 * Source: integral control; the order of ranks as in WeChat's DAGOR (Zhou et al. 2018).
 * @param aimMs delay of the event loop that is still well
 */
export const shedder = (aimMs: number): Shedder => {
  let pressure = 0;
  let lateMs = 0;
  /** By rank: what is due to be turned away, in requests. */
  const due = new Float64Array(ranks.length);
  return {
    load(delayMs) {
      lateMs = delayMs;
      const over = Math.max(-1, Math.min(1, delayMs / aimMs - 1));
      pressure = Math.max(0, Math.min(ranks.length, pressure + gain * over));
    },
    admits(rank) {
      if (pressure === 0) return true;
      const at = ranks.indexOf(rank);
      const share = Math.max(0, Math.min(1, pressure - at));
      due[at] = (due[at] as number) + share;
      if ((due[at] as number) < 1) return true;
      due[at] = (due[at] as number) - 1;
      return false;
    },
    get pressure() {
      return pressure;
    },
    get lateMs() {
      return lateMs;
    },
  };
};
