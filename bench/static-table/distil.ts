import { randomFrom, shuffle } from '../../intents/resolve/learn/random.ts';
import type { Matrix } from './matrix.ts';

export interface Lesson {
  /** Piece ids of each sentence as the built-in tier cuts it, without special ones. */
  readonly sentences: readonly (readonly number[])[];
  /** What a sentence's vector should be: the teacher's on the table's axes, unit length; shape [sentences, dimensions]. */
  readonly aims: Matrix;
  /** The teacher's own vectors, unit length, for how sentences stand to each other; shape [sentences, any]. */
  readonly teacher: Matrix;
}

export interface DistilOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly batch: number;
  /** Adam's, falling in a straight line to 0. */
  readonly rate: number;
  /** What similarities are divided by before they become shares. */
  readonly temperature: number;
  /** What a sentence's nearness to its own aim weighs beside its nearness to the others. */
  readonly aiming: number;
  /** Share of a sentence's pieces that are left out of it, other ones each time, so that no piece is relied on alone. */
  readonly drop: number;
}

/** Those that the table of the package was made with. */
export const shippedOptions: DistilOptions = {
  seed: 0,
  epochs: 10,
  batch: 512,
  rate: 1e-3,
  temperature: 0.05,
  aiming: 0.3,
  drop: 0.1,
};

/**
 * Fits the rows of a table, in place, so that the unit sum of a sentence's rows points where the teacher's vector does,
 * and so that the sentences of a batch are near to each other as the teacher has them.
 * Loss: aiming x mean(1 - cos(sum, aim)) + mean KL(teacher's similarities || ours), each a softmax over the rest of the batch. Same seed, same bytes.
 * @param table shape [pieces, dimensions]
 * @param progress called after each batch with the batches done and the loss of this one
 * Source: Adam, Kingma and Ba 2015, on the rows a batch touches; similarity KL, Tung and Mori 2019 and Fang et al. 2021.
 */
export const distil = (
  table: Matrix,
  { sentences, aims, teacher }: Lesson,
  options: DistilOptions,
  progress: (done: number, of: number, loss: number) => void,
): void => {
  const { seed, epochs, rate, temperature, aiming, drop } = options;
  const width = table.columns;
  // A sentence of no piece teaches nothing.
  const order = Int32Array.from(sentences.keys()).filter((row) => sentences[row]?.length !== 0);
  const batch = Math.min(options.batch, order.length);
  const batches = batch === 0 ? 0 : Math.floor(order.length / batch);
  const random = randomFrom(seed);
  const step = adam(table);
  for (let epoch = 0, done = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let b = 0; b < batches; b++) {
      const rows = order.subarray(b * batch, (b + 1) * batch);
      const ids = Array.from(rows, (row) => thinned(sentences[row] as readonly number[], drop, random));
      const { units, lengths } = unitSums(table, ids);
      const aim = picked(aims, rows);
      const slopes = new Float32Array(batch * width);
      let loss = aiming;
      for (let i = 0; i < slopes.length; i++) {
        slopes[i] = (-aiming * (aim[i] as number)) / batch;
        loss -= (aiming * (aim[i] as number) * (units[i] as number)) / batch;
      }
      const known = similarities(picked(teacher, rows), teacher.columns, batch, temperature);
      const ours = similarities(units, width, batch, temperature);
      loss += addDivergence(known, ours, units, width, batch, temperature, slopes);
      throughUnit(slopes, units, lengths, width);
      step(ids, slopes, rate * (1 - done / (epochs * batches)));
      progress(++done, epochs * batches, loss);
    }
  }
};

const thinned = (pieces: readonly number[], drop: number, random: () => number): readonly number[] =>
  drop === 0 ? pieces : pieces.filter(() => random() >= drop);

/** Unit sums of the rows of each sentence, and how long they were. */
const unitSums = ({ columns, data }: Matrix, ids: readonly (readonly number[])[]) => {
  const units = new Float32Array(ids.length * columns);
  const lengths = new Float32Array(ids.length);
  ids.forEach((pieces, row) => {
    const sum = units.subarray(row * columns, (row + 1) * columns);
    for (const id of pieces)
      for (let i = 0; i < columns; i++) sum[i] = (sum[i] as number) + (data[id * columns + i] as number);
    let squares = 0;
    for (const value of sum) squares += value * value;
    const length = Math.max(Math.sqrt(squares), 1e-6);
    for (let i = 0; i < columns; i++) sum[i] = (sum[i] as number) / length;
    lengths[row] = length;
  });
  return { units, lengths };
};

const picked = ({ columns, data }: Matrix, rows: Int32Array): Float32Array => {
  const out = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return out;
};

/**
 * Logarithm of each row's softmax over its cosines with the rest of the batch; shape [batch, batch].
 * A sentence is left out of its own row: it would take nearly the whole share, and nothing be learned of the others.
 */
const similarities = (units: Float32Array, width: number, batch: number, temperature: number): Float32Array => {
  const out = new Float32Array(batch * batch);
  for (let i = 0; i < batch; i++) {
    out[i * batch + i] = nowhere / temperature;
    for (let j = i + 1; j < batch; j++) {
      const sum = dot(units, i * width, j * width, width);
      out[i * batch + j] = sum / temperature;
      out[j * batch + i] = sum / temperature;
    }
  }
  for (let i = 0; i < batch; i++) {
    const row = out.subarray(i * batch, (i + 1) * batch);
    let largest = Number.NEGATIVE_INFINITY;
    for (const value of row) if (value > largest) largest = value;
    let sum = 0;
    for (const value of row) sum += Math.exp(value - largest);
    const shift = largest + Math.log(sum);
    for (let j = 0; j < batch; j++) row[j] = (row[j] as number) - shift;
  }
  return out;
};

/** Far below any cosine, and finite: no infinity is taken from another. */
const nowhere = -10;

/** Adds the slope of the divergence by each unit vector to `slopes`. @returns the divergence */
const addDivergence = (
  known: Float32Array,
  ours: Float32Array,
  units: Float32Array,
  width: number,
  batch: number,
  temperature: number,
  slopes: Float32Array,
): number => {
  const off = new Float32Array(batch * batch);
  let divergence = 0;
  for (let i = 0; i < off.length; i++) {
    const share = Math.exp(known[i] as number);
    divergence += (share * ((known[i] as number) - (ours[i] as number))) / batch;
    off[i] = (Math.exp(ours[i] as number) - share) / (temperature * batch);
  }
  const pull = new Float32Array(width);
  for (let i = 0; i < batch; i++) {
    pull.fill(0);
    let j = 0;
    // Four at a time: this loop and `dot` are nearly all of the work.
    for (; j + 4 <= batch; j += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((n) => both(off, i, j + n, batch)) as [number, number, number, number];
      for (let k = 0, at = j * width; k < width; k++, at++)
        pull[k] =
          (pull[k] as number) +
          a * (units[at] as number) +
          b * (units[at + width] as number) +
          c * (units[at + 2 * width] as number) +
          d * (units[at + 3 * width] as number);
    }
    for (; j < batch; j++) {
      const factor = both(off, i, j, batch);
      for (let k = 0; k < width; k++) pull[k] = (pull[k] as number) + factor * (units[j * width + k] as number);
    }
    for (let k = 0; k < width; k++) slopes[i * width + k] = (slopes[i * width + k] as number) + (pull[k] as number);
  }
  return divergence;
};

const both = (matrix: Float32Array, i: number, j: number, batch: number): number =>
  (matrix[i * batch + j] as number) + (matrix[j * batch + i] as number);

const dot = (units: Float32Array, a: number, b: number, width: number): number => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= width; k += 4) {
    s0 += (units[a + k] as number) * (units[b + k] as number);
    s1 += (units[a + k + 1] as number) * (units[b + k + 1] as number);
    s2 += (units[a + k + 2] as number) * (units[b + k + 2] as number);
    s3 += (units[a + k + 3] as number) * (units[b + k + 3] as number);
  }
  for (; k < width; k++) s0 += (units[a + k] as number) * (units[b + k] as number);
  return s0 + s1 + s2 + s3;
};

/** From slopes by the unit vector to slopes by the sum it came from, in place. */
const throughUnit = (slopes: Float32Array, units: Float32Array, lengths: Float32Array, width: number): void => {
  lengths.forEach((length, row) => {
    let along = 0;
    for (let i = row * width; i < (row + 1) * width; i++) along += (slopes[i] as number) * (units[i] as number);
    for (let i = row * width; i < (row + 1) * width; i++)
      slopes[i] = ((slopes[i] as number) - along * (units[i] as number)) / length;
  });
};

/** Adam on the rows that a batch touches; the others, and what is remembered of them, stay as they are. */
const adam = ({ columns, data }: Matrix) => {
  const first = new Float32Array(data.length);
  const second = new Float32Array(data.length);
  let steps = 0;
  return (ids: readonly (readonly number[])[], slopes: Float32Array, rate: number): void => {
    const sums = new Map<number, Float32Array>();
    ids.forEach((pieces, row) => {
      for (const id of pieces) {
        const sum = sums.get(id) ?? new Float32Array(columns);
        sums.set(id, sum);
        for (let i = 0; i < columns; i++) sum[i] = (sum[i] as number) + (slopes[row * columns + i] as number);
      }
    });
    steps++;
    const scaled = (rate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
    for (const [id, sum] of sums)
      for (let i = 0, at = id * columns; i < columns; i++, at++) {
        const slope = sum[i] as number;
        const mean = 0.9 * (first[at] as number) + 0.1 * slope;
        const square = 0.999 * (second[at] as number) + 0.001 * slope * slope;
        first[at] = mean;
        second[at] = square;
        data[at] = (data[at] as number) - (scaled * mean) / (Math.sqrt(square) + 1e-8);
      }
  };
};
