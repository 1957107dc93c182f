import { type Calibration, calibrationOf } from './calibrate.ts';
import { compact, type Head } from './compact.ts';
import { centroidsOf, dataOf } from './data.ts';
import { fitterOf } from './fit.ts';
import { heldOut } from './held-out.ts';
import { learnedFrom, modelBehind } from './learned.ts';
import { marksOf } from './mark.ts';
import { withNames } from './names.ts';
import type { Space } from './space.ts';
import type { LabelledText, Learned } from './types.ts';
import { learnWide, mostNarrow, type WideModel } from './wide.ts';

export interface LearnOptions {
  /** One a text, unit length, all of one size: made by another encoder in place of the built-in table. */
  readonly vectors?: readonly Float32Array[];
  /** Which encoder made them; kept with what was learned. */
  readonly encoderId?: string;
  readonly seed?: number;
  /** What was learned of nearly the same texts: its calibration is taken, and nothing is held out to make another. */
  readonly calibratedLike?: Learned;
  /** Called now and then with the share done, in [0, 1]. */
  readonly onProgress?: (share: number) => void;
}

/** All that was learned, in numbers. */
export interface Model {
  readonly encoderId: string;
  readonly labels: readonly string[];
  /** One a label: changes when its texts do. */
  readonly marks: readonly string[];
  readonly space: Space;
  readonly head: Head;
  readonly calibration: Calibration;
  /** [labels][dimensions], unit length */
  readonly centroids: Float32Array;
  readonly seed: number;
}

/** The id of the table of the package, where no other encoder is named. */
export const builtInEncoder = 'static-256';

/**
 * Learns to tell labels apart by labelled texts: one softmax layer over a dense vector and n-grams of each text.
 * Where only examples speak for a label, its name does too, unless vectors are handed in (see `withNames`).
 * Same texts and seed, same result. More than a thousand labels are learned as `learnWide` says.
 * Takes any texts: none, of one label, the same text twice, empty ones.
 * @throws RangeError where there are vectors, but not one a text
 */
export const learn = (texts: readonly LabelledText[], options: LearnOptions = {}): Learned =>
  learnedFrom(modelOf(texts, options));

const modelOf = (
  texts: readonly LabelledText[],
  { vectors, encoderId = builtInEncoder, seed = 1, calibratedLike, onProgress = () => {} }: LearnOptions,
): Model | WideModel => {
  if (vectors !== undefined && vectors.length !== texts.length)
    throw new RangeError(`${texts.length} texts need as many vectors, not ${vectors.length}`);
  const { labels, space, data } = dataOf(vectors === undefined ? withNames(texts) : texts, vectors);
  onProgress(0.02);
  const known = calibratedLike && modelBehind(calibratedLike).calibration;
  if (labels.length > mostNarrow)
    return learnWide({ labels, space, data }, { encoderId, seed, calibration: known, onProgress });
  const fitOn = fitterOf(data, seed);
  const calibration =
    known ??
    calibrationOf(
      data,
      heldOut(data, fitOn, seed, (share) => onProgress(0.02 + 0.8 * share)),
    );
  const all = Int32Array.from(data.labelOf.keys());
  const head = compact(fitOn(all));
  onProgress(1);
  return {
    seed,
    encoderId,
    labels,
    marks: marksOf(texts, labels),
    space,
    head,
    calibration,
    centroids: centroidsOf(data, all),
  };
};
