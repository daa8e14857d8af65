import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachLine, wholeText } from '../../../src/cli/input/source.ts';
import { sourceOf } from '../../support/source.ts';

async function linesOf(content: string | Buffer, pieceBytes?: number): Promise<Array<[number, string]>> {
  const lines: Array<[number, string]> = [];
  await eachLine(sourceOf(content, pieceBytes), (line, number) => lines.push([number, line]));
  return lines;
}

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[\n\ufeff]/.test(text));

test('the lines are the same wherever the pieces that are read begin', async () => {
  const property = fc.asyncProperty(
    fc.array(line, { minLength: 1 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom('', '\n'),
    async (lines, pieceBytes, end) => {
      const text = lines.join('\n') + end;
      fc.pre(text !== '');
      const expected = lines.at(-1) === '' && end === '' ? lines.slice(0, -1) : lines;
      expect(await linesOf(text, pieceBytes)).toEqual(expected.map((each, i) => [i + 1, each]));
      expect(await wholeText(sourceOf(text, pieceBytes))).toBe(text);
    },
  );
  await fc.assert(property);
});

test('a byte order mark is no part of the first line, and counts as text anywhere else', async () => {
  expect(await linesOf('\ufeffone\n\ufefftwo', 5)).toEqual([
    [1, 'one'],
    [2, '\ufefftwo'],
  ]);
});

test('a line may be longer than what is read at once', async () => {
  const long = 'ü'.repeat(300_000);
  expect(await linesOf(`a\n${long}\nb`)).toEqual([
    [1, 'a'],
    [2, long],
    [3, 'b'],
  ]);
});

test.each([1, 2, 3, 100])(
  'bytes that are no UTF-8 are told with their line, read by %d',
  async (pieceBytes) => {
    const bytes = Buffer.concat([
      Buffer.from('one\ntwo ü\nthr'),
      Buffer.from([0xc3]),
      Buffer.from('e\nfour\n'),
    ]);
    await expect(linesOf(bytes, pieceBytes)).rejects.toMatchObject({
      code: 'usage',
      message: 'rows, line 3: this is not UTF-8; convert the file first',
    });
  },
);
