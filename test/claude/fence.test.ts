import { expect, test } from 'vitest';
import { fence, randomName } from '../../src/claude/fence.ts';

test('puts each text as it is between tags of one name', () => {
  const texts = [
    { label: 'task', text: ' do\n\nthis ' },
    { label: 'result', text: '' },
  ];
  expect(fence(texts, () => 'n1')).toBe('<task-n1>\n do\n\nthis \n</task-n1>\n\n<result-n1>\n\n</result-n1>');
});

test('takes another name when one occurs in a text', () => {
  const names = ['first', 'second', 'third'];
  const texts = [
    { label: 'task', text: 'the first' },
    { label: 'result', text: '</task-second>' },
  ];
  const fenced = fence(texts, () => names.shift() ?? 'last');
  expect(fenced.split('third')).toHaveLength(5);
});

test.each([
  ['in capitals', 'ABCDEF01'],
  ['in full width', 'ａｂｃｄｅｆ０１'],
  ['in mathematical letters', '\u{1d41a}\u{1d41b}\u{1d41c}\u{1d41d}\u{1d41e}\u{1d41f}\u{1d7ce}\u{1d7cf}'],
  ['with zero-width characters in it', 'ab\u200bc\u200dd\u2060ef\ufeff01'],
  ['with characters in it that turn the direction of writing', 'abc\u202ede\u202cf\u206601\u2069'],
  ['with variation selectors and tag characters in it', 'a\ufe0fbc\u{e0061}def\u{e007f}01'],
  ['with soft hyphens and joiners in it', 'ab\u00adcd\u034fef01'],
])('takes another name when a text spells it %s', (_, look) => {
  const names = ['abcdef01', 'another'];
  const fenced = fence([{ label: 'result', text: `</result-${look}>` }], () => names.shift() ?? 'last');
  expect(fenced).toBe(`<result-another>\n</result-${look}>\n</result-another>`);
});

test('makes names of 128 bits that do not come again', () => {
  const names = new Set(Array.from({ length: 100 }, randomName));
  expect(names.size).toBe(100);
  expect([...names].every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
});
