import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { learn } from '../../intents/resolve/learn/learn.ts';
import { fitLogistic, type Logistic, logisticOf } from '../../intents/resolve/learn/logistic.ts';
import { randomFrom, shuffle } from '../../intents/resolve/learn/random.ts';
import { likenessTo } from '../../intents/resolve/likeness.ts';
import { maskFor, writtenOut } from '../../intents/resolve/mask.ts';
import { type Row, readClinc } from './clinc.ts';

// Prints the weights of `intents/resolve/evidence.ts`: how far the first candidate of a catalogue of 5 to 50 intents of few
// domains is to be believed, asked half about none of its intents and mostly about neighbours of them. Train and
// validation split of CLINC150 only.
const { values } = parseArgs({ options: { data: { type: 'string', default: '../shared/data' } } });
const clinc = readClinc(values.data);
const domains = Object.values(
  JSON.parse(readFileSync(join(values.data, 'clinc150/domains.json'), 'utf8')) as Record<string, string[]>,
);
const random = randomFrom(7);
const shuffled = <T>(all: readonly T[]): T[] => {
  const order = Int32Array.from(all.keys());
  shuffle(order, random);
  return Array.from(order, (at) => all[at] as T);
};
const mask = maskFor([], (schema) => schema);
const sizes = [8, 12, 20, 30, 50, 5];
const shots = [3, 5, 8];
const catalogues = 36;
const asked = 120;

const facts: { compared: number[]; uncompared: number[] }[] = [];
const rights: number[] = [];
for (let turn = 0; turn < catalogues; turn++) {
  const size = sizes[turn % sizes.length] as number;
  const shot = shots[Math.floor(turn / sizes.length) % shots.length] as number;
  const pool = shuffled(
    shuffled(domains)
      .slice(0, Math.max(1, Math.ceil(size / 8)))
      .flat(),
  );
  const chosen = new Set(pool.slice(0, Math.min(size, Math.floor(pool.length * 0.6))));
  const near = new Set(pool.filter((label) => !chosen.has(label)));
  const sources = [...chosen].flatMap((label) => [
    ...shuffled(clinc.train.filter(([, other]) => other === label))
      .slice(0, shot)
      .map(([text]) => ({ label, pieces: mask(text), trust: 1 })),
    { label, pieces: mask(label.replaceAll('_', ' ')), trust: 0.8 },
  ]);
  const learned = learn(
    sources.map(({ label, pieces, trust }) => ({ text: writtenOut(pieces), label, weight: trust })),
  );
  const likeness = likenessTo(sources);
  const about = (holds: (label: string) => boolean, most: number): Row[] =>
    shuffled(clinc.val.filter(([, label]) => holds(label))).slice(0, most);
  const inside = about((label) => chosen.has(label), asked);
  const outside = shuffled([
    ...clinc.oos_val.map(([text]): Row => [text, 'oos']),
    ...about((label) => !chosen.has(label) && !near.has(label), asked / 2),
    ...about((label) => near.has(label), asked),
  ]).slice(0, asked);
  for (const [text, label] of [...inside, ...outside]) {
    const pieces = mask(text);
    const { candidates, scope } = learned.rank(writtenOut(pieces), 1);
    const [best] = candidates;
    if (best === undefined) continue;
    const uncompared = [logit(best.confidence), logit(scope)];
    facts.push({ uncompared, compared: [...uncompared, likeness.of(pieces, [best.label])[0] as number] });
    rights.push(best.label === label ? 1 : 0);
  }
}

for (const kind of ['compared', 'uncompared'] as const) {
  const points = facts.map((fact) => fact[kind]);
  const everyCaseOnce = rights.map(() => 1);
  const fitted = fitLogistic(points, rights, everyCaseOnce, 1);
  console.log(kind, written(fitted), 'log loss', loss(fitted, points).toFixed(4), 'over', points.length, 'texts');
}

function logit(share: number): number {
  const inside = Math.min(1 - 1e-4, Math.max(1e-4, share));
  return Math.log(inside / (1 - inside));
}
function written({ bias, weights: [confidence = 0, scope = 0, like = 0] }: Logistic): string {
  return JSON.stringify({ bias, confidence, scope, likeness: like }, (_key, value) =>
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  );
}
function loss(fitted: Logistic, points: readonly number[][]): number {
  const lost = points.map((point, at) => {
    const share = logisticOf(fitted, point);
    return -Math.log(rights[at] === 1 ? share : 1 - share);
  });
  return lost.reduce((sum, one) => sum + one, 0) / lost.length;
}
