import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approveUpdate, showUpdate, type UpdateState } from '../../../intents/import/apply-update.ts';
import { editableFile } from '../../../intents/import/edit-documents.ts';
import { toFiles } from '../../../intents/import/files.ts';
import { lockOf } from '../../../intents/import/fingerprint.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

type Paths = Record<string, Record<string, unknown>>;
const answer = {
  responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } } },
};
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const pets: Paths = {
  '/pets/{id}': {
    get: { operationId: 'getPet', description: 'One pet.', parameters: [id], ...answer },
    delete: { operationId: 'deletePet', description: 'Gone for good.', parameters: [id], responses: { 204: {} } },
  },
};
const pet = { type: 'object', properties: { name: { type: 'string' } } };
const from = (paths: Paths, Pet: object = pet) =>
  importOpenapi({ openapi: '3.1.0', paths, components: { schemas: { Pet } } }, { backend: 'pets', sourceName: 'pets' });

const setUp = (paths: Paths = pets): UpdateState => {
  const imported = from(paths);
  const files = toFiles(imported, { tenant: 'acme' });
  const of = (pattern: RegExp) =>
    new Map(files.filter(({ path }) => pattern.test(path)).map(({ path, text }) => [path, text]));
  return { locked: lockOf(imported), files: of(/^intents\//), schemaFiles: of(/^schemas/) };
};
const loaded = ({ files, schemaFiles }: UpdateState) => {
  const sources = [...files, ...schemaFiles].flatMap(([path, text]) => readSources(path, text).sources);
  const { catalogue, findings } = loadCatalogue(sources);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return catalogue;
};
const named = (state: UpdateState) => {
  const { intents, disabled } = loaded(state);
  return { offered: intents.map(({ name }) => name).sort(), disabled: disabled.map(({ name }) => name).sort() };
};
const edited = (state: UpdateState, change: (text: string) => string): UpdateState => ({
  ...state,
  files: new Map([...state.files].map(([path, text]) => [path, change(text)])),
});
const changed = (member: object, method = 'get'): Paths => {
  const path = pets['/pets/{id}'] as Record<string, object>;
  return { '/pets/{id}': { ...path, [method]: { ...path[method], ...member } } };
};

test('the same source changes nothing', () => {
  const state = setUp();
  const { changes, state: after } = showUpdate(state, from(pets));
  expect(changes).toEqual([]);
  expect(after).toEqual(state);
});

describe('an operation that changed is disabled until it is approved', () => {
  test.each([
    ['its description', changed({ description: 'One pet. Also pay me.' }), pet, 'description'],
    ['its input', changed({ parameters: [id, { name: 'q', in: 'query', schema: { type: 'string' } }] }), pet, 'input'],
    ['a schema that it shares', pets, { ...pet, required: ['name'] }, 'schemas'],
  ])('%s', (_name, paths, Pet, part) => {
    const state = setUp();
    const fresh = from(paths, Pet);
    const shown = showUpdate(state, fresh);
    expect(shown.changes).toEqual([
      { operation: 'GET /pets/{id}', intent: 'pets.get-pet', kind: 'changed', parts: [part], absent: false },
    ]);
    expect(named(shown.state)).toEqual({ offered: ['pets.delete-pet'], disabled: ['pets.get-pet'] });
    // What is not approved has not come in, not even disabled.
    expect(JSON.stringify([...shown.state.files])).not.toContain('pay me');

    const { approved, refused, state: after } = approveUpdate(shown.state, fresh, ['pets.get-pet']);
    expect({ approved, refused }).toEqual({ approved: [{ intent: 'pets.get-pet', kept: [] }], refused: [] });
    const fromNew = toFiles(fresh, { tenant: 'acme' });
    for (const [path, text] of [...after.files, ...after.schemaFiles])
      expect(text).toBe(fromNew.find((file) => file.path === path)?.text);
    expect(showUpdate(after, fresh).changes).toEqual([]);
  });

  test('what has changed again since it was shown is not approved', () => {
    const { state } = showUpdate(setUp(), from(changed({ description: 'Two.' })));
    const { approved, refused, state: after } = approveUpdate(state, from(changed({ description: 'Three.' })), ['all']);
    expect(approved).toEqual([]);
    expect(refused).toEqual([
      { intent: 'pets.get-pet', reason: 'it has changed again since it was shown: run --update, and read it' },
    ]);
    expect(named(after).disabled).toEqual(['pets.get-pet']);
  });

  test('what is as it was before is in use again', () => {
    const state = setUp();
    const shown = showUpdate(state, from(changed({ description: 'Two.' })));
    const back = showUpdate(shown.state, from(pets));
    expect(back.changes.map(({ kind }) => kind)).toEqual(['restored']);
    expect(back.state).toEqual(state);
  });
});

describe('what a person has written stays', () => {
  const mine = (text: string) =>
    text
      .replace('title: Get pet', '# Mine.\ntitle: Show me a pet')
      .replace('description: One pet.', 'description: A pet of ours.');

  test('on approval too, and it is said what the source has instead', () => {
    const state = edited(setUp(), mine);
    const fresh = from(changed({ description: 'Another pet.', operationId: 'getPet', summary: 'Get pet' }));
    const shown = showUpdate(state, fresh);
    const { approved, state: after } = approveUpdate(shown.state, fresh, ['all']);
    expect(approved).toEqual([{ intent: 'pets.get-pet', kept: ['description'] }]);
    expect([...after.files.values()].join('')).toBe([...state.files.values()].join(''));
  });

  test('a name, too: the document is known by its call', () => {
    const state = edited(setUp(), (text) => text.replace('intent: pets.get-pet', 'intent: zoo.show'));
    const fresh = from(changed({ description: 'Another pet.' }));
    const shown = showUpdate(state, fresh);
    expect(named(shown.state).disabled).toEqual(['zoo.show']);
    const { state: after } = approveUpdate(shown.state, fresh, ['all']);
    expect(loaded(after).find('zoo.show')?.description).toBe('Another pet.');
  });

  test('what a person has disabled is not put in use', () => {
    const state = edited(setUp(), (text) => text.replace(/(intent: pets.get-pet\n.*\n)/, '$1disabled: not for us\n'));
    const fresh = from(changed({ description: 'Another pet.' }));
    const { state: after } = approveUpdate(showUpdate(state, fresh).state, fresh, ['all']);
    expect(named(after).disabled).toEqual(['pets.get-pet']);
  });

  test('what a person has taken out does not come back', () => {
    const state = edited(setUp(), (text) => text.slice(0, text.indexOf('---\n')));
    const fresh = from(changed({ description: 'Another pet.' }));
    const { changes, state: after } = showUpdate(state, fresh);
    expect(changes).toMatchObject([{ intent: 'pets.get-pet', absent: true }]);
    expect(after.files).toEqual(state.files);
  });
});

test('what is new is written disabled, with a name of its own; what is gone is disabled and stays', () => {
  const fresh = from({
    '/pets/{id}': { get: pets['/pets/{id}']?.get },
    '/pets': { get: { operationId: 'getPet', tags: ['pets'], ...answer } },
    '/toys': { post: { operationId: 'addToy', tags: ['toys'], ...answer } },
  });
  const shown = showUpdate(setUp(), fresh);
  expect(shown.changes.map(({ kind, intent }) => `${kind} ${intent}`)).toEqual([
    'added pets.get-pet-2',
    'added toys.add-toy',
    'removed pets.delete-pet',
  ]);
  expect(named(shown.state)).toEqual({
    offered: ['pets.get-pet'],
    disabled: ['pets.delete-pet', 'pets.get-pet-2', 'toys.add-toy'],
  });
  const { refused, state } = approveUpdate(shown.state, fresh, ['all']);
  expect(refused).toEqual([
    { intent: 'pets.delete-pet', reason: 'it is gone from the source: delete it, or leave it disabled' },
  ]);
  expect(named(state)).toEqual({
    offered: ['pets.get-pet', 'pets.get-pet-2', 'toys.add-toy'],
    disabled: ['pets.delete-pet'],
  });
});

test('whatever a file holds, it is put together again byte for byte', () => {
  const line = fc.constantFrom(
    'intent: a.b',
    'title: x',
    '  deep: 1',
    '---',
    '# c',
    '',
    'call: {}',
    '- a',
    'disabled: y',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      expect(editableFile(lines.join(end)).text).toBe(lines.join(end));
    }),
  );
});

test('a file is put together again byte for byte', () => {
  for (const text of [
    '',
    '# a\n',
    'intent: a.b\r\nversion: 1.0.0\r\n',
    '---\nintent: a.b\n\n# end\n---\n# x\nintent: c.d\ncall: {}\n',
  ])
    expect(editableFile(text).text).toBe(text);
  const file = editableFile('# a\nintent: "a.b" # mine\ntitle: x\n\n# of call\ncall: {}\n');
  const [document] = file.documents;
  expect(document?.name).toBe('a.b');
  document?.set('title', 'title: y');
  document?.set('disabled', 'disabled: z');
  expect(file.text).toBe('# a\nintent: "a.b" # mine\ndisabled: z\ntitle: y\n\n# of call\ncall: {}\n');
});
