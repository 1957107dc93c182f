/** One thing found wrong, or doubtful, in a file that a person wrote. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `area.what`, stable: `yaml.syntax`, `intent.unknown-key`. */
  readonly code: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}
