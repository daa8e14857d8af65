import { closeSync, openSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { crcOfFile } from '../../../../src/stores/json/disk/file-stamp.ts';
import { SnapshotWindow } from '../../../../src/stores/json/snapshot/snapshot-window.ts';
import { newPath } from './snapshot-parts.ts';

const CHUNK = 2 ** 20;
const MARK = Buffer.from('\n    }');

function windowOn(bytes: Buffer): { window: SnapshotWindow; path: string } {
  const path = newPath();
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { window: new SnapshotWindow(fd), path };
}

test('what is taken piece by piece is the file, wherever a chunk ends', () => {
  const lengths = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: CHUNK - 20, max: CHUNK + 20 })), {
    minLength: 1,
    maxLength: 4,
  });
  const property = fc.property(lengths, (all) => {
    const pieces = all.map((length, i) => Buffer.concat([Buffer.alloc(length, `${i}`), MARK]));
    const bytes = Buffer.concat([...pieces, Buffer.from('rest')]);
    const { window, path } = windowOn(bytes);
    let offset = 0;
    for (const piece of pieces) {
      expect(window.offset).toBe(offset);
      expect(window.isNext(piece.subarray(0, 4))).toBe(true);
      expect(window.takeThrough(MARK)?.equals(piece)).toBe(true);
      offset += piece.length;
    }
    expect(window.takeThrough(MARK)).toBeUndefined();
    expect(window.take(Buffer.from('resting'))).toBe(false);
    expect(window.take(Buffer.from('re'))).toBe(true);
    expect(window.takeRest().toString()).toBe('st');
    expect(window.offset).toBe(bytes.length);
    expect(window.crc).toBe(crcOfFile(path));
  });
  fc.assert(property, { numRuns: 40 });
});

test.each([0, 1, 2, 3, 4, 5, 6])('a mark is found that has %i bytes in the first chunk', (inFirst) => {
  const bytes = Buffer.concat([Buffer.alloc(CHUNK - inFirst, 'x'), MARK, Buffer.from('y')]);
  expect(windowOn(bytes).window.takeThrough(MARK)?.length).toBe(bytes.length - 1);
});

test('it looks for a mark as far as it is told to', () => {
  const { window } = windowOn(Buffer.concat([Buffer.alloc(3 * CHUNK, 'x'), MARK]));
  expect(window.takeThrough(MARK, CHUNK)).toBeUndefined();
  expect(window.offset).toBe(0);
  expect(window.takeThrough(MARK)?.length).toBe(3 * CHUNK + MARK.length);
});
