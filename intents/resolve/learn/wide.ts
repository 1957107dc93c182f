import { words } from '../text.ts';
import { type Calibration, calibrationOf, type Held } from './calibrate.ts';
import type { Data } from './data.ts';
import { denseOf } from './dense.ts';
import { logit } from './facts.ts';
import { gramsOf } from './grams.ts';
import { type Logistic, logisticOf } from './logistic.ts';
import { randomFrom } from './random.ts';
import type { Space } from './space.ts';
import type { Learned, Ranked } from './types.ts';
import { type WideIndex, wideIndexOf, wideReader } from './wide-index.ts';

/** More labels than this are ranked by centroids and n-grams alone: nothing in it grows with labels times labels. */
export const mostNarrow = 500;

/** What was learned of a catalogue of thousands. */
export interface WideModel {
  readonly encoderId: string;
  readonly labels: readonly string[];
  readonly space: Space;
  readonly index: WideIndex;
  readonly calibration: Calibration;
}

const mostHeld = 3000;

/** Leaves some texts and some whole labels out once to learn how far to believe the ranking, then takes all. */
export const learnWide = (
  { labels, space, data }: { labels: readonly string[]; space: Space; data: Data },
  {
    encoderId,
    seed,
    calibration: known,
    onProgress,
  }: {
    encoderId: string;
    seed: number;
    /** Left out, it is measured. */
    calibration: Calibration | undefined;
    onProgress: (share: number) => void;
  },
): WideModel => {
  const calibration = known ?? wideCalibration(data, labels.length, seed);
  onProgress(0.5);
  const index = wideIndexOf(data, Int32Array.from(data.points.keys()));
  onProgress(1);
  return { encoderId, labels, space, index, calibration };
};

const wideCalibration = (data: Data, labels: number, seed: number): Calibration => {
  const random = randomFrom(seed);
  const isOut = Uint8Array.from({ length: labels }, () => (random() < 0.1 ? 1 : 0));
  const share = Math.min(0.2, mostHeld / data.points.length);
  const isHeld = Uint8Array.from({ length: data.points.length }, (_, at) =>
    random() < share && (data.weightOf[at] as number) >= 1 ? 1 : 0,
  );
  const indices = [...data.points.keys()];
  const order = Int32Array.from(indices.filter((at) => isHeld[at] === 0 && isOut[data.labelOf[at] as number] === 0));
  const read = wideReader(wideIndexOf(data, order));
  const held = indices.flatMap((at): Held[] => {
    if (isHeld[at] === 0) return [];
    const {
      labels: found,
      shares,
      facts,
    } = read(data.points[at] as Data['points'][number], data.gramsOf[at] as number);
    const isInside = isOut[data.labelOf[at] as number] === 0;
    return [{ share: shares[0] ?? 0, facts, isInside, isRight: found[0] === data.labelOf[at] }];
  });
  return calibrationOf(data, held);
};

export const wideRanking = ({ labels, space, index, calibration }: WideModel): Pick<Learned, 'rank' | 'weigh'> => {
  const read = wideReader(index);
  const reading = (text: string, vector?: Float32Array) => {
    const grams = gramsOf(text);
    const point = { ...denseOf(text, vector), sparse: space.vector(grams) };
    return read(point, grams.hashes.length);
  };
  return {
    rank(text, limit, vector) {
      const { labels: found, shares, facts } = reading(text, vector);
      return {
        candidates: found.slice(0, Math.max(0, limit)).map(
          (label, at): Ranked => ({
            label: labels[label] as string,
            confidence: saidOf(calibration.confidence, shares[at] as number),
          }),
        ),
        scope: logisticOf(calibration.scope, facts),
      };
    },
    weigh(text, label) {
      const shareOf = (part: string): number => {
        const { labels: found, shares } = reading(part);
        const at = found.findIndex((number) => labels[number] === label);
        return at === -1 ? 0 : (shares[at] as number);
      };
      const whole = shareOf(text);
      return words(text)
        .slice(0, 256)
        .map(({ start, end }) => ({
          start,
          end,
          weight: whole - shareOf(`${text.slice(0, start)} ${text.slice(end)}`),
        }));
    },
  };
};

const saidOf = (confidence: Logistic, share: number): number => logisticOf(confidence, [logit(share)]);
