import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { keptTaggers, type Taggers } from '../../gateway/kept-taggers.ts';
import type { Intent } from '../../intents/contract.ts';
import { compileSlotReader } from '../../intents/resolve/slots/read.ts';
import { hashOfLesson, lessonOf } from '../../intents/resolve/tagger/lesson.ts';
import { taggerOf } from '../../intents/resolve/tagger/tagger-of.ts';
import type { Tagger } from '../../intents/resolve/tagger/types.ts';
import { wordVectors } from '../../intents/resolve/tagger/word-vectors.ts';
import { intentOf, now, resolveRef } from '../intents/resolve/shop.ts';
import { gatewayForTest } from './start.ts';

const played = [
  'play songs by [artist: Ella Moon]',
  'put on [artist: The Green Doors]',
  'I want to hear [artist: Ray Bell]',
  'start some [artist: Nina Stone] tunes',
  'any music from [artist: Blue Harbour]',
  '[artist: Ida Brook] please',
  'turn on [artist: Max Field] now',
  'let me listen to [artist: Old Rivers]',
  'give me [artist: Tom Ash]',
  'stream [artist: Lia Grey] in the kitchen',
  'how about some [artist: Stone Garden]',
  'could you play [artist: Ana Cole] for me',
];
const play = (examples: readonly string[]) => intentOf('music.play', 'read', examples, { artist: { type: 'string' } });
const write = intentOf(
  'notes.send',
  'write',
  ['send a note to [person: Maria Lopez]', 'note to [person: Sam Brown]', 'send [person: Olga] a note'],
  { person: { type: 'string' } },
);
const without = [
  intentOf('orders.get', 'read', ['show [id: A-1]', 'open [id: A-2]', 'get [id: A-3]'], {
    id: { type: 'string', pattern: '^A-\\d+$' },
  }),
  intentOf('notes.add', 'write', ['add "[text: a]"', 'note "[text: b]"', 'write "[text: c]"'], {
    text: { type: 'string' },
  }),
  intentOf('notes.find', 'read', ['find [text: tea]', 'search [text: milk]'], { text: { type: 'string' } }),
];
const folderForTest = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-taggers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const learnIn = async (folder: string, intents: readonly Intent[], before?: Taggers) => {
  const said: unknown[] = [];
  const say = (_level: string, message: string, facts: Readonly<Record<string, unknown>> = {}) =>
    void said.push([message, facts.intents]);
  return { taggers: await keptTaggers(intents, resolveRef, { folder, say }, before), said };
};
const bytesOf = (taggers: Taggers, id = 'music.play@1') => taggers.get(id)?.tagger.toBytes();
const learned = 'learned to read free text';

let once: Taggers;
beforeAll(async () => {
  once = await keptTaggers([play(played), write, ...without], resolveRef, undefined);
});

test('intents with free text and enough annotated examples have one, the same as is learned in this thread', () => {
  expect([...once.keys()]).toEqual(['music.play@1', 'notes.send@1']);
  expect(bytesOf(once)).toEqual(taggerOf(play(played), { vectorOf: wordVectors() })?.toBytes());
});

test('a reader that has it reads what no words around it bound, as it is written, with its place', () => {
  const reader = compileSlotReader(play(played), resolveRef, () => once.get('music.play@1')?.tagger);
  const text = 'tunes by Vera Lane';
  const { input, slots } = reader.read(text, { now });
  expect(compileSlotReader(play(played), resolveRef).read(text, { now }).input).toEqual({});
  expect(input).toEqual({ artist: 'Vera Lane' });
  expect(slots).toEqual([{ pointer: '/artist', provenance: 'user', span: { start: 9, end: 18 } }]);
  expect(reader.read('what is the time', { now }).input).toEqual({});
});

test('the next start takes up what was learned, and learns nothing', async () => {
  const folder = folderForTest();
  const first = await learnIn(folder, [play(played), write]);
  const second = await learnIn(folder, [play(played), write]);
  expect([first.said, second.said]).toEqual([[[learned, 2]], []]);
  expect(bytesOf(second.taggers)).toEqual(bytesOf(first.taggers));
});

test('an intent whose examples changed is learned again, alone; one that is told apart otherwise is not', async () => {
  const folder = folderForTest();
  const { taggers } = await learnIn(folder, [play(played), write]);
  const renamed = { ...write, title: 'Another title', examples: [...write.examples] };
  const more = play([...played, 'dance to [artist: Ivy Dale]']);
  const { taggers: after, said } = await learnIn(folder, [more, renamed], taggers);
  expect(said).toEqual([[learned, 1]]);
  expect(after.get('notes.send@1')?.tagger).toBe(taggers.get('notes.send@1')?.tagger);
  expect(bytesOf(after)).not.toEqual(bytesOf(taggers));
  expect(readdirSync(folder)).toHaveLength(3);
});

test.each(['', 'not what was written'])('a file that holds %j is learned again', async (bytes) => {
  const folder = folderForTest();
  const { taggers } = await learnIn(folder, [write]);
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), bytes);
  const again = await learnIn(folder, [write]);
  expect(again.said).toEqual([[learned, 1]]);
  expect(bytesOf(again.taggers, 'notes.send@1')).toEqual(bytesOf(taggers, 'notes.send@1'));
});

test('a folder that cannot be written costs a warning', async () => {
  const file = join(folderForTest(), 'a-file');
  writeFileSync(file, '');
  const { taggers, said } = await learnIn(join(file, 'below'), [write]);
  expect(taggers.size).toBe(1);
  expect(said).toEqual([
    [learned, 1],
    ['what was learned cannot be kept', undefined],
  ]);
});

test('the oldest files of its kind go, and no others', async () => {
  const folder = folderForTest();
  for (let at = 0; at < 401; at++) {
    const path = join(folder, `${at}.tagger`);
    writeFileSync(path, '');
    utimesSync(path, at, at);
  }
  writeFileSync(join(folder, 'mine.learned'), '');
  utimesSync(join(folder, 'mine.learned'), 0, 0);
  await learnIn(folder, [write]);
  const left = readdirSync(folder);
  expect(left).toHaveLength(401);
  expect(left).toContain('mine.learned');
  expect(left.filter((name) => statSync(join(folder, name)).mtimeMs < 2_000)).toEqual(['mine.learned']);
});

test('beyond two hundred intents the rest goes without, and that is said', async () => {
  const many = Array.from({ length: 202 }, (_, at) => ({ ...write, id: `send-${at}@1`, name: `send-${at}` }));
  const hash = hashOfLesson(lessonOf(write, resolveRef) ?? { intent: '', examples: [], values: {} });
  const before = new Map(many.map(({ id }) => [id, { hash, tagger: untaught }]));
  const { taggers, said } = await learnIn(folderForTest(), many, before);
  expect(taggers.size).toBe(200);
  expect(said).toEqual([['some intents go without a tagger', undefined]]);
});
const untaught: Tagger = { slots: [], tag: () => [], toBytes: () => new Uint8Array() };

test('a gateway reads by them what was asked for, from its first request on, and after a reload', async () => {
  const folder = folderForTest();
  mkdirSync(join(folder, 'intents'));
  const music = (examples: readonly string[]) =>
    writeFileSync(
      join(folder, 'intents/music.yaml'),
      `intent: music.play
version: 1.0.0
title: Play music
effect: read
examples: ${JSON.stringify(examples)}
input: { type: object, properties: { artist: { type: string } } }
call: { backend: notes, rest: "GET /music" }
`,
    );
  music(played);
  const gateway = await gatewayForTest({
    folder,
    policy: (policy) =>
      policy
        .replace('rules:', '  music: { intents: [music.play@1], effect: read }\nrules:')
        .replace('rules:', 'rules:\n  - { allow: all-music, who: [writer], can: [music], for: [work] }'),
  });
  const asked = async () => {
    const { body } = await gateway.call('POST', '/v1/ask', { text: 'music by Vera Lane for me' });
    return { outcome: body.outcome, url: gateway.received.at(-1)?.url };
  };
  const done = { outcome: 'completed', url: '/base/music?artist=Vera%20Lane' };
  expect(await asked()).toEqual(done);
  music([...played, 'dance to [artist: Ivy Dale]']);
  await gateway.reload();
  expect(await asked()).toEqual(done);
  // Those of music.play before and after, and that of notes.add.
  expect(readdirSync(join(folder, 'data/learned')).filter((name) => name.endsWith('.tagger'))).toHaveLength(3);
});
