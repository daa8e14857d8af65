import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLine, NEWLINE } from '../../../../src/stores/json/journal/journal-line.ts';
import { encodeLine, LineBuffer } from '../../../../src/stores/json/journal/line-buffer.ts';

/** Every whole line of these bytes, as a reader sees it. */
function linesIn(bytes: Buffer) {
  const lines = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    lines.push(decodeLine(bytes.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

/** As `JSON.stringify` writes it: without a line break, and with no half of a surrogate pair. */
const json = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  .map((text) => JSON.stringify(text));

test('what is read is what was added, in whatever script and however much of it', () => {
  const lines = new LineBuffer();
  fc.assert(
    fc.property(
      fc.array(fc.record({ json, more: fc.boolean(), times: fc.constantFrom(1, 1, 3_000) })),
      (added) => {
        lines.clear();
        const all = added.map(({ json, more, times }) => ({ json: json.repeat(times), more }));
        for (const { json, more } of all) lines.add(json, more);
        expect(linesIn(lines.bytes)).toEqual(all);
      },
    ),
    { numRuns: 60 },
  );
});

test('a text of more than a million units takes the room that it needs', () => {
  const long = JSON.stringify('日本'.repeat(600_000));
  expect(linesIn(Buffer.from(encodeLine(long, false)))).toEqual([{ json: long, more: false }]);
});

test('the line itself', () => {
  expect(encodeLine('{"next":1}', true)).toBe('5076789d+{"next":1}\n');
});
