import { randomFrom } from '../../intents/resolve/learn/random.ts';
import type { LabelledText } from '../../intents/resolve/learn/types.ts';

const verbs =
  `show list find cancel create update delete export import share archive restore approve reject assign close open
  send print copy move rename merge split pause resume schedule track verify renew refund charge block unblock invite remove
  rate review translate`.split(/\s+/);
const things = `invoice order parcel ticket project account card loan contract report payment customer supplier employee
  vehicle flight room meeting lesson patient recipe photo song message device sensor server backup certificate domain
  warehouse shipment discount coupon subscription licence budget tax receipt claim`.split(/\s+/);
const whose = ['', 'overdue', 'monthly', 'shared', 'foreign', 'draft', 'urgent'];
const ways = [
  (act: string) => act,
  (act: string) => `please ${act}`,
  (act: string) => `can you ${act} for me`,
  (act: string) => `i want to ${act}`,
  (act: string) => `${act} now`,
  (act: string) => `how do i ${act}`,
  (act: string) => `i need to ${act} today`,
  (act: string) => `could somebody ${act}`,
  (act: string) => `help me ${act}`,
  (act: string) => `time to ${act}`,
];

/** A made-up catalogue: every label is a verb on a kind of thing, its examples are ways to say so. */
export const manyLabels = (
  labels: number,
  texts: number,
  seed: number,
): { train: LabelledText[]; test: (readonly [string, string])[] } => {
  const random = randomFrom(seed);
  const train: LabelledText[] = [];
  const test: (readonly [string, string])[] = [];
  for (let number = 0; number < labels; number++) {
    const verb = verbs[number % verbs.length] as string;
    const rest = Math.floor(number / verbs.length);
    const thing = things[rest % things.length] as string;
    const kind = whose[Math.floor(rest / things.length)] ?? `grade ${Math.floor(rest / things.length)}`;
    const label = `l${number}`;
    const act = () => [verb, random() < 0.5 ? 'the' : 'my', kind, thing].filter(Boolean).join(' ');
    for (let at = 0; at < texts; at++)
      train.push({ text: (ways[at % ways.length] as (act: string) => string)(act()), label, weight: 1 });
    if (number % 5 === 0) test.push([`would you ${act()}`, label]);
  }
  return { train, test };
};
