import fc from 'fast-check';
import { expect, test } from 'vitest';
import { carriedTrace, headersOf, readParent } from '../../../gateway/telemetry/trace-context.ts';

const hex = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
    .filter((text) => /[^0]/.test(text));

test('what was written is read, and what was read is written again', () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
      const traceparent = `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`;
      const found = readParent(traceparent, 'a=b');
      expect(found).toEqual({ traceId, spanId, flags: sampled ? 1 : 0, state: 'a=b' });
      expect(found && headersOf(found)).toEqual({ traceparent, tracestate: 'a=b' });
    }),
  );
});

test('no text makes it throw, and nothing is handed on that cannot stand in a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (parent, state) => {
      expect(carriedTrace(parent, state)).toBeUndefined();
      const { headers } = carriedTrace(`00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, state) ?? {};
      expect(headers?.tracestate ?? '').toMatch(/^[\x20-\x7e]{0,512}$/);
    }),
  );
});

// Source: W3C Trace Context, sections 3.2.2 and 4.3.
test.each([
  ['a later version with more behind it', `01-${'1'.repeat(32)}-${'2'.repeat(16)}-01-what-comes`, true],
  ['this version with more behind it', `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01-what-comes`, false],
  ['a forbidden version', `ff-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, false],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`, false],
  ['a parent of zeros', `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`, false],
  ['capital letters', `00-${'A'.repeat(32)}-${'2'.repeat(16)}-01`, false],
  ['two of them', [`00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`], false],
])('%s', (_name, parent, taken) => {
  expect(readParent(parent) !== undefined).toBe(taken);
});
