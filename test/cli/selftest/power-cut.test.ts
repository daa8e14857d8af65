import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dice } from '../../../src/cli/selftest/dice.ts';
import { cutPower, durableSizes } from '../../../src/cli/selftest/power-cut.ts';
import type { ToldBy } from '../../../src/cli/selftest/told.ts';
import { scratchFolder } from '../../support/store-folder.ts';

let at = 0;
const synced = (ino: number, size: number, isNew = false): ToldBy => ({
  kind: 'synced',
  ino,
  size,
  isNew,
  at: ++at,
  worker: 1,
});

test('of a file that grows the furthest sync counts, whoever told it first', () => {
  const told = [synced(5, 100, true), synced(5, 300), synced(5, 200), synced(6, 10)];
  expect(durableSizes(told.toReversed())).toEqual(
    new Map([
      [5, 300],
      [6, 10],
    ]),
  );
});

test('a new file under the number of an old one has nothing of it', () => {
  const told = [synced(5, 1000), synced(5, 50, true), synced(5, 70)];
  expect(durableSizes(told)).toEqual(new Map([[5, 70]]));
});

test('what was synced stays, byte for byte, and nothing grows; all that was not is gone where all is cut', () => {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json.journal');
  const content = Buffer.from('The quick brown fox jumps over the lazy dog');
  fc.assert(
    fc.property(fc.nat(content.length), fc.constantFrom('all', 'some'), fc.nat(), (kept, cut, seed) => {
      writeFileSync(path, content);
      const { ino } = statSync(path);
      cutPower(folder, new Map([[ino, kept]]), cut, new Dice(seed));
      const left = readFileSync(path);
      expect(left.length).toBeLessThanOrEqual(content.length);
      expect(left.subarray(0, kept)).toEqual(content.subarray(0, kept));
      if (cut === 'all' && kept < content.length) {
        expect(left.subarray(kept).toString()).not.toContain(content.subarray(kept).toString());
      }
    }),
  );
});

test('a file that was never synced loses what it has, one that is all synced nothing', () => {
  const folder = scratchFolder();
  for (const name of ['synced', 'unsynced']) writeFileSync(join(folder, name), 'x'.repeat(20));
  const durable = new Map([[statSync(join(folder, 'synced')).ino, 99]]);
  for (let seed = 0; seed < 10; seed++) {
    writeFileSync(join(folder, 'unsynced'), 'x'.repeat(20));
    cutPower(folder, durable, 'all', new Dice(seed));
    expect(readFileSync(join(folder, 'unsynced'), 'utf8')).not.toContain('xxx');
  }
  expect(readFileSync(join(folder, 'synced'), 'utf8')).toBe('x'.repeat(20));
  expect(readdirSync(folder)).toHaveLength(2);
});

test('where not all is cut, an earlier sector may be lost and a later one kept', () => {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json.journal');
  const seen = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    writeFileSync(path, 'x'.repeat(512 * 3));
    cutPower(folder, new Map([[statSync(path).ino, 500]]), 'some', new Dice(seed));
    const left = readFileSync(path);
    expect(left.subarray(0, 500).toString()).toBe('x'.repeat(500));
    if (left.length === 512 * 3) seen.add([left[500], left[512], left[1024]].join());
  }
  expect(seen).toContain('120,0,120');
  expect(seen).toContain('0,120,120');
});
