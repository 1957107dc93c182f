/** A text whose meaning is known. */
export interface LabelledText {
  readonly text: string;
  /** What it means: an intent's id, or whatever a file of examples calls it. */
  readonly label: string;
  /** How much it counts beside an example, which counts 1: names and descriptions say less. */
  readonly weight: number;
}

export interface Ranked {
  readonly label: string;
  /** How likely this is what is meant, in [0, 1], calibrated: of all that is said at 0.9, nine in ten are right. */
  readonly confidence: number;
}

export interface Ranking {
  /** Best first. */
  readonly candidates: readonly Ranked[];
  /** How likely the text is about any of the labels at all, in [0, 1]. */
  readonly scope: number;
}

/** How much one word spoke for or against a label. */
export interface Weighed {
  /** `text.slice(start, end)` */
  readonly start: number;
  readonly end: number;
  /** Above 0: for; below: against. In units of the score that the labels are ranked by. */
  readonly weight: number;
}

/** One point that a line may be set at, measured on the examples by cross-validation. */
export interface OperatingPoint {
  readonly confidence: number;
  /** Share of the texts that reach it. */
  readonly coverage: number;
  /** Share of those that are right. */
  readonly precision: number;
}

/** What the cross-validation found, for reports and for setting lines by target. */
export interface CalibrationReport {
  /** `shipped`: too few examples to fit anything; the default of the package stands. */
  readonly fitted: 'cross-validation' | 'shipped';
  readonly examples: number;
  readonly labels: number;
  /** Of held-out examples. */
  readonly accuracy: number;
  /** Expected calibration error of held-out examples, 15 bins of equal width. */
  readonly ece: number;
  /** So many examples were held out and asked about, to measure the points; left out by what was stored earlier. */
  readonly held?: number;
  /** Rising in confidence. */
  readonly points: readonly OperatingPoint[];
  /** Scope score that this share of good requests stays above: `{ 0.95: 0.41 }`. */
  readonly scopeAt: Readonly<Record<string, number>>;
}

/** What was learned from labelled texts. Immutable; same texts, same bytes. */
export interface Learned {
  readonly labels: readonly string[];
  readonly report: CalibrationReport;
  /**
   * @param vector of the text, unit length, where an encoder made it; left out, the built-in table's
   * @param limit at most so many candidates
   */
  rank(text: string, limit: number, vector?: Float32Array): Ranking;
  /** Which words of the text mattered for a label, in the order of the text. */
  weigh(text: string, label: string): readonly Weighed[];
}
