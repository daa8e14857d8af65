import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterVariable,
  afterVariables,
  metadataVariables,
  withoutOuter,
} from '../../src/process/data-variables.ts';

describe('metadata as variables', () => {
  test('has texts as they are, null as an empty one, other values as JSON', () => {
    const metadata = { question: '1 + 1?', n: 2, ok: true, none: null, list: ['a', 1], of: { x: '"' } };
    expect(metadataVariables(metadata)).toEqual({
      ORCH_METADATA_QUESTION: '1 + 1?',
      ORCH_METADATA_N: '2',
      ORCH_METADATA_OK: 'true',
      ORCH_METADATA_NONE: '',
      ORCH_METADATA_LIST: '["a",1]',
      ORCH_METADATA_OF: '{"x":"\\""}',
    });
    expect(metadataVariables()).toEqual({});
  });

  test('has names in upper case, in which all but A to Z and 0 to 9 is an underscore', () => {
    const names = Object.keys(
      metadataVariables({ 'unit price': '', 'a-1.b': '', ÄÖß: '', '😀': '', _x: '' }),
    );
    expect(names).toEqual([
      'ORCH_METADATA_UNIT_PRICE',
      'ORCH_METADATA_A_1_B',
      'ORCH_METADATA____',
      'ORCH_METADATA__',
      'ORCH_METADATA__X',
    ]);
  });

  test('leaves out all fields that would share a name, and no others', () => {
    const metadata = { 'a-b': '1', a_b: '2', A_B: '3', ab: '4' };
    expect(metadataVariables(metadata)).toEqual({ ORCH_METADATA_AB: '4' });
  });

  test('has no NUL, and at most 64 KiB of a field, cut at a whole character', () => {
    const { ORCH_METADATA_X } = metadataVariables({ x: `a\0b${'€'.repeat(30_000)}` });
    expect(ORCH_METADATA_X).toBe(`ab${'€'.repeat(Math.floor((65_536 - 2) / 3))}`);
  });

  test('has at most 128 KiB in all: a field that does not fit is left out, a later one that does is there', () => {
    const long = 'x'.repeat(60_000);
    const variables = metadataVariables({ a: long, b: long, c: long, d: 'short' });
    expect(Object.keys(variables)).toEqual(['ORCH_METADATA_A', 'ORCH_METADATA_B', 'ORCH_METADATA_D']);
  });

  test('has no name that is empty or too long', () => {
    expect(metadataVariables({ '': 'x', ['n'.repeat(300)]: 'x' })).toEqual({});
  });

  test('is safe for any metadata', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (metadata) => {
        const entries = Object.entries(metadataVariables(metadata));
        for (const [name, value] of entries) {
          expect(name).toMatch(/^ORCH_METADATA_[A-Z0-9_]+$/);
          expect(value).not.toContain('\0');
        }
        expect(entries.length).toBeLessThanOrEqual(Object.keys(metadata).length);
      }),
    );
  });
});

test('the file of a result is named by the id', () => {
  expect(afterVariable('task-001')).toBe('ORCH_AFTER_TASK_001_FILE');
  expect(afterVariable('..')).toBe('ORCH_AFTER____FILE');
});

test('the variables of a great many results are bounded too', () => {
  const files = new Map(Array.from({ length: 10_000 }, (_, i) => [`task-${i}`, `/tmp/orch-xyz/after-${i}`]));
  const sizes = Object.entries(afterVariables(files)).map(([name, path]) => name.length + path!.length + 2);
  expect(sizes.length).toBeGreaterThan(1000);
  expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(128 * 1024);
});

test("an outer orch's variables of its task are taken out, and no others", () => {
  const env = { ORCH_METADATA_X: '1', ORCH_AFTER_A_FILE: '2', ORCH_STORE: '3', MY_ORCH_AFTER_: '4' };
  expect(withoutOuter(env)).toStrictEqual({ ORCH_METADATA_X: undefined, ORCH_AFTER_A_FILE: undefined });
});
