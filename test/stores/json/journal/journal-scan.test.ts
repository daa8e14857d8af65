import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BrokenLine } from '../../../../src/stores/json/journal/journal-damage.ts';
import { endOfText, lastRecord } from '../../../../src/stores/json/journal/journal-end.ts';
import { scan } from '../../../../src/stores/json/journal/journal-scan.ts';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { scratchFolder } from '../../../support/store-folder.ts';

/** Records of changes: of one line, of three, of one, of two. */
const CHANGES = [[1], [2, 3, 4], [5], [6, 7]].map((numbers) =>
  numbers.map((next) => ({ op: 'remove' as const, id: `tâche-${next}`, next })),
);

const LINES = CHANGES.map((records) =>
  records.map((record, i) => Buffer.from(encodeLine(JSON.stringify(record), i < records.length - 1))),
);
const WHOLE = Buffer.concat(LINES.flat());

/** Where each change ends, and all records up to there. */
const STEPS = CHANGES.map((_, i) => ({
  end: Buffer.concat(LINES.slice(0, i + 1).flat()).length,
  records: CHANGES.slice(0, i + 1).flat(),
}));

/** Where each line but the first begins. */
const STARTS = LINES.flat().map((_, i) => Buffer.concat(LINES.flat().slice(0, i)).length);

function fileOf(bytes: Buffer): number {
  const fd = openSync(join(scratchFolder(), 'journal'), 'w+');
  onTestFinished(() => closeSync(fd));
  writeSync(fd, bytes, 0, bytes.length, 0);
  return fd;
}

function scanned(fd: number, from = 0) {
  const records: unknown[] = [];
  const { end } = scan(fd, from, true, (record) => records.push(record));
  return { end, records };
}

test('cut at any byte, it is the changes that are whole, from wherever one begins', () => {
  const fd = fileOf(WHOLE);
  for (let size = WHOLE.length; size >= 0; size--) {
    ftruncateSync(fd, size);
    const whole = STEPS.findLast(({ end }) => end <= size) ?? { end: 0, records: [] };
    expect([size, scanned(fd)]).toEqual([size, whole]);
    for (const { end, records } of STEPS) {
      if (end > size) continue;
      const rest = { end: whole.end, records: whole.records.slice(records.length) };
      expect([size, end, scanned(fd, end)]).toEqual([size, end, rest]);
    }
    const isEnd = size === whole.end && size > 0;
    expect([size, lastRecord(fd, size)]).toEqual([size, isEnd ? whole.records.at(-1) : undefined]);
  }
});

test('with any bit of it changed, it is refused where the broken line begins, or ends before the last line', () => {
  const fd = fileOf(WHOLE);
  const last = STARTS.at(-1) ?? 0;
  for (let offset = 0; offset < WHOLE.length; offset++) {
    const broken = Buffer.of((WHOLE[offset] ?? 0) ^ 1);
    writeSync(fd, broken, 0, 1, offset);
    const start = STARTS.findLast((begin) => begin <= offset) ?? 0;
    // Without the line break before it, the last line is a part of the one before: nothing whole follows them.
    if (offset < last - 1) expect(() => scanned(fd)).toThrow(new BrokenLine(start));
    else expect([offset, scanned(fd)]).toEqual([offset, STEPS.at(-2)]);
    writeSync(fd, WHOLE, offset, 1, offset);
  }
});

describe('zeros before whole lines', () => {
  /** What a power cut leaves of pages that were being synced, when it kept a later one. */
  const holed = (bytes: Buffer, from: number, to: number): number =>
    fileOf(Buffer.from(bytes).fill(0, from, to));
  const noted = (synced: number): Buffer =>
    Buffer.from(encodeLine(JSON.stringify({ op: 'remove', id: 'x', next: 8, synced }), false));

  test('end the journal, wherever they are, where nobody knew that part to be on the disk', () => {
    for (let from = 0; from < STARTS.at(-1)!; from++) {
      const whole = STEPS.findLast(({ end }) => end <= from) ?? { end: 0, records: [] };
      for (const to of STARTS.filter((start) => start > from)) {
        expect([from, to, scanned(holed(WHOLE, from, to))]).toEqual([from, to, whole]);
      }
    }
  });

  test('are damage where somebody knew more of it to be there', () => {
    const { end } = STEPS[1]!;
    for (const synced of [end + 1, WHOLE.length]) {
      const fd = holed(Buffer.concat([WHOLE, noted(synced)]), end, end + 5);
      expect(() => scanned(fd)).toThrow(new BrokenLine(end));
    }
    expect(scanned(holed(Buffer.concat([WHOLE, noted(end)]), end, end + 5))).toEqual(STEPS[1]);
  });

  test('are in the way of who looks at the last record alone', () => {
    const fd = holed(WHOLE, STARTS[2]!, STARTS[3]!);
    expect(lastRecord(fd, WHOLE.length)).toBeUndefined();
  });
});

test('the text ends behind the last byte that is no zero', () => {
  for (const [text, zeros] of [
    [0, 0],
    [0, 10],
    [5, 0],
    [5, 200_000],
    [200_000, 65_536],
    [65_536, 65_536],
  ] as const) {
    const size = text + zeros;
    expect([text, endOfText(fileOf(Buffer.alloc(size).fill('x', 0, text)), size)]).toEqual([text, text]);
  }
});

test('the last record is found only where all of it is in sight', () => {
  const long = encodeLine(JSON.stringify({ op: 'remove', id: 'x'.repeat(1_100_000), next: 9 }), false);
  const fd = fileOf(Buffer.concat([WHOLE, Buffer.from(long)]));
  expect(lastRecord(fd, WHOLE.length)).toMatchObject({ next: 7 });
  expect(lastRecord(fd, WHOLE.length + long.length)).toBeUndefined();
});
