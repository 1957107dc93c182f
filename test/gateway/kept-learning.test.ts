import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { learnKept } from '../../gateway/kept-learning.ts';
import { learn } from '../../intents/resolve/learn/learn.ts';
import { toBytes } from '../../intents/resolve/learn/store.ts';
import type { LabelledText } from '../../intents/resolve/learn/types.ts';

const verbs = ['show', 'cancel', 'refund', 'track', 'rate', 'move', 'print', 'share', 'close', 'merge'];
const things = [
  'order',
  'invoice',
  'parcel',
  'ticket',
  'note',
  'booking',
  'contract',
  'report',
  'address',
  'account',
  'card',
];
const texts: LabelledText[] = verbs.flatMap((verb) =>
  things.map((thing) => ({ text: `${verb} the ${thing} please`, label: verb, weight: 1 })),
);
const folderForTest = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-learned-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const keepingIn = (folder: string) => {
  const said: string[] = [];
  return { said, keeping: { folder, say: (_level: string, message: string) => void said.push(message) } };
};
const bestOf = (
  learned: { rank(text: string, limit: number): { candidates: readonly { label: string }[] } },
  text: string,
) => learned.rank(text, 1).candidates[0]?.label;

test('the next start takes up what was learned, and learns nothing', async () => {
  const { said, keeping } = keepingIn(folderForTest());
  const first = await learnKept(texts, keeping);
  const second = await learnKept(texts, keeping);
  expect(said).toEqual(['learned from the examples']);
  expect(second.rank('track my parcel', 3)).toEqual(first.rank('track my parcel', 3));
  expect(readdirSync(keeping.folder)).toHaveLength(1);
});

test('it is the same as what is learned without a thread', async () => {
  const { keeping } = keepingIn(folderForTest());
  await learnKept(texts, keeping);
  const [file = ''] = readdirSync(keeping.folder);
  expect(new Uint8Array(readFileSync(join(keeping.folder, file)))).toEqual(toBytes(learn(texts)));
});

test('one more example is other words: it is learned again, beside what was kept', async () => {
  const { said, keeping } = keepingIn(folderForTest());
  await learnKept(texts, keeping);
  await learnKept([...texts, { text: 'whereabouts of my things', label: 'track', weight: 1 }], keeping);
  expect(said).toHaveLength(2);
  expect(readdirSync(keeping.folder)).toHaveLength(2);
});

test.each(['', 'not what was written', undefined])('a file that holds %j is learned again', async (bytes) => {
  const { said, keeping } = keepingIn(folderForTest());
  await learnKept(texts, keeping);
  const [file = ''] = readdirSync(keeping.folder);
  const path = join(keeping.folder, file);
  writeFileSync(path, bytes ?? readFileSync(path).subarray(0, -1));
  expect(bestOf(await learnKept(texts, keeping), 'refund my order')).toBe('refund');
  expect(said).toHaveLength(2);
});

test('a folder that cannot be written costs a warning', async () => {
  const file = join(folderForTest(), 'a-file');
  writeFileSync(file, '');
  const { said, keeping } = keepingIn(join(file, 'below'));
  expect(bestOf(await learnKept(texts, keeping), 'refund my order')).toBe('refund');
  expect(said).toEqual(['learned from the examples', 'what was learned cannot be kept']);
});

test('a reload takes over what did not change, and is not taken for the whole at the next start', async () => {
  const { keeping } = keepingIn(folderForTest());
  const before = await learnKept(texts, keeping);
  const more = [
    ...texts,
    ...['brew', 'make', 'pour'].map((verb) => ({ text: `${verb} some coffee`, label: 'coffee', weight: 1 })),
  ];
  const after = await learnKept(more, { ...keeping, before });
  expect(bestOf(after, 'make coffee')).toBe('coffee');
  expect(bestOf(after, 'refund my order')).toBe('refund');
  expect(readdirSync(keeping.folder)).toHaveLength(1);
});

test('a few texts are learned at once, and not kept', async () => {
  const { said, keeping } = keepingIn(folderForTest());
  expect(bestOf(await learnKept(texts.slice(0, 30), keeping), 'cancel it')).toBe('cancel');
  expect({ said, files: readdirSync(keeping.folder) }).toEqual({ said: [], files: [] });
});
