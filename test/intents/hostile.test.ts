import { describe, expect, test } from 'vitest';
import { LineCounter } from 'yaml';
import { composeWithin } from '../../intents/compose.ts';
import { compilePattern, compileSafePattern } from '../../intents/pattern.ts';
import { readSources } from '../../intents/source.ts';

const filled = (piece: string, bytes = 400 * 1024) => piece.repeat(Math.ceil(bytes / piece.length));

describe('a hostile file is given up where it turns hostile', () => {
  test.each([
    ['aliases in a list', `a: &a [x]\nb:\n${filled('- *a\n')}`, 'alias'],
    ['aliases, several a line', `a: &a [x]\nb: [\n${filled('  *a, *a, *a,\n')}]`, 'alias'],
    ['brackets', filled('[\n'), 'too-deep'],
    ['braces', filled('{a:\n'), 'too-deep'],
    ['lists in lists', `${filled('- ', 1_000)}x\n${filled('a: 1\n')}`, 'too-deep'],
    ['keys in keys', `${filled('? ', 1_000)}x\n${filled('a: 1\n')}`, 'too-deep'],
    ['lists and keys in turn', `${filled('- ? ', 1_000)}x\n${filled('a: 1\n')}`, 'too-deep'],
    ['brackets that close nothing', filled(']\n'), 'syntax'],
    ['lists one after the other', `a: ${filled('[]')}`, 'syntax'],
    ['values where a key belongs', filled('"a" "b"\n'), 'syntax'],
    ['keys of the prototype', filled('__proto__: { a: 1 }\n'), 'prototype-key'],
    ['the same in quotes, in lists, in one map', `[{\n${filled('"__proto__" : 1,\n')}`, 'prototype-key'],
    ['maps below maps', Array.from({ length: 1_500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'too-deep'],
  ])('%s', (_name, text, code) => {
    const lines = new LineCounter();
    const { documents, refusals } = composeWithin(text, lines);
    expect(documents).toEqual([]);
    expect(refusals.map((refusal) => refusal.code)).toContain(code);
    // Work goes by lines here: what comes later was never looked at.
    expect(lines.lineStarts.length).toBeLessThan(2_100);
  });

  test.each([
    ['bytes', `# ${filled('x', 10 * 1024 * 1024)}\n`],
    ['lines', filled('\n', 260_000)],
    ['comments', filled('#\r\n', 800_000)],
  ])('more than a file may have is not even read: %s', (_name, text) => {
    const { sources, findings } = readSources('p.yaml', text);
    expect(sources).toEqual([]);
    expect(findings.map(({ code }) => code)).toEqual(['yaml.too-large']);
  });

  test.each([
    ['keys that stand twice', filled('a: 1\n', 20_000)],
    ['keys that reach the prototype the other way', filled('- constructor: { prototype: 1 }\n', 20_000)],
    ['strings that end nowhere', `a: "${filled('\\q', 20_000)}"`],
  ])('twenty of many mistakes are told: %s', (_name, text) => {
    const { sources, findings } = readSources('p.yaml', text);
    expect(sources).toEqual([]);
    expect(findings).toHaveLength(20);
  });

  test('an example with a long run of spaces is read in one go', () => {
    const text = `examples:\n  - refund [order_id: A-1] ${filled(' ', 2_000_000)}now # why\n`;
    const { sources, findings } = readSources('p.yaml', text);
    expect(findings).toEqual([]);
    expect(sources[0]?.value).toEqual({ examples: [expect.stringMatching(/^refund \[order_id: A-1\] {2000001}now$/)] });
  });

  test('several aliases are told at once, each with its place', () => {
    const { sources, findings } = readSources('p.yaml', 'a: &a x\nb: *a\nc: [1, *a]\n');
    expect(sources).toEqual([]);
    expect(findings.map(({ file, line, column, code }) => [file, line, column, code])).toEqual([
      ['p.yaml', 2, 4, 'yaml.alias'],
      ['p.yaml', 3, 8, 'yaml.alias'],
    ]);
  });

  test.each(['a: "*a"', 'a: |\n  *a\n', 'a: b *a', "a: '*'", 'a: >-\n  x\n  *a\n', '# *a\na: 1'])(
    'a star that is no alias is taken: %j',
    (text) => expect(readSources('p.yaml', text).findings).toEqual([]),
  );

  test('a hundred levels are taken', () => {
    const text = `a: ${'['.repeat(99)}${']'.repeat(99)}`;
    expect(readSources('p.yaml', text).findings).toEqual([]);
    expect(readSources('p.yaml', text.replace('a: ', 'a: [[').concat(']]')).findings).toMatchObject([
      { line: 1, code: 'yaml.too-deep', message: expect.stringContaining('100 levels') },
    ]);
  });

  test.each([
    ['a key', '__proto__: { a: 1 }', 1],
    ['a key in a list in a map', 'a:\n  - b: 1\n    __proto__: 1', 3],
    ['in quotes', 'a: { "__proto__": 1 }', 1],
    ['escaped', 'a: { "\\u005f_proto__": 1 }', 1],
    ['the other way there', 'constructor:\n  prototype: { a: 1 }', 1],
    ['JSON', '{"a":\n{"__proto__": {"admin": true}}}', 2],
  ])('a key that reaches the prototype of all objects, %s', (_name, text, line) => {
    const { sources, findings } = readSources('p.yaml', text);
    expect(sources).toEqual([]);
    expect(findings).toMatchObject([{ file: 'p.yaml', line, code: 'yaml.prototype-key' }]);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test.each(['a: __proto__', 'constructor: 1', 'constructor: { name: x }', 'prototype: { a: 1 }'])(
    'what only looks like one is taken: %s',
    (text) => expect(readSources('p.yaml', text).findings).toEqual([]),
  );
});

describe('patterns', () => {
  test.each([
    ['(a{1000})'.repeat(90), /steps/],
    ['((a{30}){30}){30}', /steps/],
    ['(?:a?){999}a{999}', /steps/],
    ['[\\pL\\pN]{500}'.repeat(60), /steps/],
    ['[(]{2,900}(b|c){200}', /steps/],
    ['a'.repeat(1_001), /1000 characters/],
    ['(a', /missing/],
  ])('%s is refused before it costs anything', (pattern, why) => {
    expect(() => compileSafePattern(pattern)).toThrow(why);
  });

  test.each([
    ['^([a-z0-9]{1,32}-){1,4}[a-z0-9]{1,32}$', 'ab-cd', true],
    ['(a|a)*$', 'ab', true],
    ['[)]{3}', ')))', true],
    ['\\({3}', '(((', true],
    ['(x{2}){3}y', 'xxxxxxy', true],
  ])('%s is taken', (pattern, text, found) => expect(compileSafePattern(pattern)(text)).toBe(found));

  test.each(['^(a|a)*$', '^(a|ab|b)*$', '^(\\w|\\d)+$', '^\\d+\\d+\\d+\\d+\\d+x$', '^(\\w+\\s?)*$', '(x+x+)+y$'])(
    '%s of a contract is matched without going back',
    (pattern) => {
      // By the native engine the first takes longer than the universe lasts.
      expect(compilePattern(pattern, 'u').test(`${'1'.repeat(500)}a`.repeat(3).concat('!'))).toBe(false);
    },
  );

  test('a look ahead, which RE2 does not know, is native where it cannot hurt, and else refused', () => {
    expect(compilePattern('^(?!x).*$', 'u').test('abc')).toBe(true);
    expect(() => compilePattern('^(?=.)(a|a)*$', 'u')).toThrow();
  });
});
