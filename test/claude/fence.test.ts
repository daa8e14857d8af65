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

test('makes names of 128 bits that do not come again', () => {
  const names = new Set(Array.from({ length: 100 }, randomName));
  expect(names.size).toBe(100);
  expect([...names].every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
});
