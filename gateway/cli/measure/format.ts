/** What others wrote must not steer the terminal of whoever reads it. */
export const shown = (text: string, most = 72): string => {
  const clean = text.replaceAll(/\p{C}/gu, '\uFFFD');
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
};

export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '-' : `${(share * 100).toFixed(1)} %`;

export const decimal = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? '-' : value.toFixed(digits);

/** Microseconds, as people say them. */
export const duration = (micros: number | null | undefined): string => {
  if (micros === null || micros === undefined) return '-';
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  return micros < 1_000_000 ? `${(micros / 1_000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(1)} s`;
};

/** Columns as wide as their widest cell; numbers stand to the right. */
export const table = (rows: readonly (readonly string[])[], right: readonly number[] = []): string[] => {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

/** JSON for programs, and for people who look at it: six decimals are more than any figure here is worth. */
export const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'number' && !Number.isInteger(inner) ? Math.round(inner * 1e6) / 1e6 : inner,
    ),
  );
