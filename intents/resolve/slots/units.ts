import type { Finder, Found } from './utterance.ts';

/** How much of the base unit of its dimension one of a unit is. Temperatures are never converted: their zeros differ. */
const table: readonly (readonly [dimension: string, factor: number, ...written: string[]])[] = [
  ['length', 1, 'm', 'meter', 'metre'],
  ['length', 0.01, 'cm', 'centimeter', 'centimetre'],
  ['length', 0.001, 'mm', 'millimeter', 'millimetre'],
  ['length', 1000, 'km', 'kilometer', 'kilometre'],
  ['length', 1609.344, 'mi', 'mile'],
  ['length', 0.3048, 'ft', 'foot', 'feet'],
  ['length', 0.0254, 'inch', 'inches'],
  ['length', 0.9144, 'yd', 'yard'],
  ['mass', 1, 'kg', 'kilogram', 'kilo'],
  ['mass', 0.001, 'g', 'gram'],
  ['mass', 0.000001, 'mg', 'milligram'],
  ['mass', 1000, 'tonne'],
  ['mass', 0.45359237, 'lb', 'lbs'],
  ['time', 0.001, 'ms', 'millisecond'],
  ['time', 1, 's', 'sec', 'second'],
  ['time', 60, 'min', 'mins', 'minute'],
  ['time', 3600, 'h', 'hr', 'hrs', 'hour'],
  ['time', 86400, 'day'],
  ['time', 604800, 'week'],
  ['months', 1, 'month'],
  ['months', 12, 'year'],
  ['volume', 1, 'l', 'liter', 'litre'],
  ['volume', 0.001, 'ml', 'milliliter', 'millilitre'],
  ['frequency', 1, 'hz', 'hertz'],
  ['frequency', 1000, 'khz', 'kilohertz'],
  ['frequency', 1_000_000, 'mhz', 'megahertz'],
  ['data', 1, 'kb', 'kilobyte'],
  ['data', 1000, 'mb', 'megabyte'],
  ['data', 1_000_000, 'gb', 'gigabyte'],
  ['power', 1, 'w', 'watt'],
  ['power', 1000, 'kw', 'kilowatt'],
  ['energy', 1, 'j', 'joule'],
  ['energy', 1000, 'kj', 'kilojoule'],
  ['voltage', 1, 'v', 'volt'],
  ['current', 1, 'amp', 'ampere'],
  ['speed', 1, 'm/s'],
  ['speed', 1 / 3.6, 'km/h', 'kmh', 'kph'],
  ['speed', 0.44704, 'mph'],
  ['capacitance', 1, 'farad'],
  ['capacitance', 1e-6, 'µf', 'uf', 'microfarad'],
  ['inductance', 1, 'henry', 'henries'],
  ['inductance', 0.001, 'mh', 'millihenry'],
  ['celsius', 1, '°c', 'celsius'],
  ['fahrenheit', 1, '°f', 'fahrenheit'],
  ['pixels', 1, 'px', 'pixel'],
];

export interface Unit {
  readonly dimension: string;
  readonly factor: number;
}

const units = new Map<string, Unit>(
  table.flatMap(([dimension, factor, ...written]) => {
    const unit = { dimension, factor };
    return written.flatMap((word) => [
      [word, unit] as const,
      ...(word.length > 2 ? [[`${word}s`, unit] as const] : []),
    ]);
  }),
);

/** The unit a word or sign stands for, in either number. */
export const unitOf = (written: string): Unit | undefined => units.get(written.toLowerCase());

/** Units that a schema's words name: "in kilometers", "(kg)", `weight_kg`. Short signs count in full spelling only. */
export const unitsNamed = (words: readonly string[]): Unit[] => [
  ...new Set(words.map(unitOf).filter((unit) => unit !== undefined)),
];

const after = /^(\s?-?)(°?[\p{L}µ]+(?:\/[\p{L}]+)?)(?![\p{L}\p{N}^²³/])/u;

/** The unit that stands behind a value, glued to it or one space away, and where it ends. */
export const unitBehind = (plain: string, at: number): { unit: Unit; end: number } | undefined => {
  const match = after.exec(plain.slice(at, at + 24));
  const unit = unitOf(match?.[2] ?? '');
  return match === null || unit === undefined ? undefined : { unit, end: at + match[0].length };
};

/**
 * Turns quantities into the unit that a slot names, where it names just one of their dimension: "2 hours" is 120 to a slot
 * in minutes. What is in a unit of another dimension is offered as it stands.
 */
export const inUnit =
  (find: Finder, wanted: readonly Unit[]): Finder =>
  (said) =>
    find(said).map((found): Found => {
      const behind = unitBehind(said.plain, found.end);
      if (behind === undefined || typeof found.value !== 'number') return found;
      const alike = wanted.filter(({ dimension }) => dimension === behind.unit.dimension);
      const [only] = alike;
      if (alike.length !== 1 || only === undefined || only.factor === behind.unit.factor) return found;
      const value = Number(((found.value * behind.unit.factor) / only.factor).toPrecision(12));
      return { ...found, value, end: behind.end };
    });
