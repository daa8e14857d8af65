import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowKeys } from '../../../src/cli/input/row-keys.ts';
import { Template } from '../../../src/cli/input/template.ts';
import { isTaskId } from '../../../src/stores/task-ids.ts';

const none = () => false;
const placeOf = (line: number) => `rows, line ${line}`;

describe('a template', () => {
  test.each([
    ['What is {{question}}?', 'What is 1+1?'],
    ['{{ question }}{{n}}', '1+17'],
    ['{x} {{}} {{{n}}} }} {{', '{x} {{}} {7} }} {{'],
    ['{{list}} {{null}} {{yes}}', '["a",{"b":1}]  true'],
    ['{{two words}}', 'ok'],
  ])('%s', (text, filled) => {
    const row = { question: '1+1', n: 7, list: ['a', { b: 1 }], null: null, yes: true, 'two words': 'ok' };
    expect(new Template(text).fill(row, 'here', none)).toBe(filled);
  });

  test('what is filled in is not looked at again', () => {
    const property = fc.property(fc.string(), fc.string(), (a, b) => {
      const filled = new Template('{{a}}-{{b}}').fill({ a: `{{b}}${a}`, b: `{{a}}${b}` }, 'here', none);
      expect(filled).toBe(`{{b}}${a}-{{a}}${b}`);
    });
    fc.assert(property);
  });

  test('a text without places stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ') }), (text) => {
        fc.pre(!/\{\{[^{}]+\}\}/.test(text));
        expect(new Template(text).fill({}, 'here', none)).toBe(text);
      }),
    );
  });

  test('a field that the row has not is refused, what every object has included', () => {
    const fill = (text: string) => new Template(text).fill({ a: 1, b: 2 }, 'rows, line 3', none);
    expect(() => fill('{{c}}')).toThrow(
      'rows, line 3: the template names "c", and the row has "a", "b" alone',
    );
    expect(() => fill('{{toString}}')).toThrow('names "toString"');
  });

  test('the name of a task that it comes after stays', () => {
    const stays = (name: string) => name === 'task-001';
    expect(new Template('{{ task-001 }} {{a}}').fill({ a: 1 }, 'here', stays)).toBe('{{task-001}} 1');
  });
});

describe('keys', () => {
  const idOf = (key: unknown) => new RowKeys('k').idOf({ k: key }, 1, placeOf);

  test('an id stays, and whatever gives one gives one that is allowed', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), (key) => {
      let id: string;
      try {
        id = idOf(key);
      } catch {
        expect(/[A-Za-z0-9._]/.test(key)).toBe(false);
        return;
      }
      expect(isTaskId(id)).toBe(true);
      expect(idOf(key)).toBe(id);
    });
    fc.assert(property);
    expect(idOf('own.id_1-2')).toBe('own.id_1-2');
    expect(idOf(42)).toBe('42');
    expect(idOf('Größe / 3 ')).toBe('Gr-e-3');
    expect(idOf('x'.repeat(100))).toHaveLength(64);
  });

  test('one key gives one id however often, and two keys never the same', () => {
    const keys = new RowKeys('k');
    expect(keys.idOf({ k: 'a b' }, 2, placeOf)).toBe('a-b');
    expect(keys.idOf({ k: 'a b' }, 3, placeOf)).toBe('a-b');
    expect(() => keys.idOf({ k: 'a-b' }, 4, placeOf)).toThrow(
      'rows, line 4: the keys "a-b" and, in line 2, "a b" would give the same id a-b',
    );
    expect(keys.idOf({ k: 'c-d' }, 5, placeOf)).toBe('c-d');
    expect(() => keys.idOf({ k: 'c/d' }, 6, placeOf)).toThrow('the keys "c/d" and, in line 5, "c-d"');
  });

  test.each([
    [{}, 'the row has no such field'],
    [{ k: null }, 'it is null'],
    [{ k: '' }, 'it is ""'],
    [{ k: ['a'] }, 'it is ["a"]'],
    [{ k: ' - ' }, 'the key " - " has no letter or digit'],
  ])('%j is refused', (row, message) => {
    expect(() => new RowKeys('k').idOf(row, 7, placeOf)).toThrow(message);
    expect(() => new RowKeys('k').idOf(row, 7, placeOf)).toThrow(/^rows, line 7: /);
  });
});
