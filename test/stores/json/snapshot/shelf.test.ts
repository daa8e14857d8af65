import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../../../src/model/task.ts';
import { type Entry, taskOf } from '../../../../src/stores/entry.ts';
import { TaskShelf } from '../../../../src/stores/json/snapshot/shelf.ts';
import { documentOf, ended, newPath, openFiles, parts, plain, tasks } from './snapshot-parts.ts';

const MEGABYTE = 2 ** 20;

function large(count: number, more: Partial<Task> = {}): Task[] {
  return Array.from({ length: count }, (_, i) =>
    ended(`t-${i}`, { result: `${i}`.repeat(MEGABYTE / 2), ...more }),
  );
}

/** Puts them all. @returns those for which there was room. */
function putAll(shelf: TaskShelf, all: Task[]): Entry[] {
  return all.map((task) => shelf.put(task)).filter((entry) => entry !== undefined);
}

describe('what is put on the shelf', () => {
  test('comes back as JSON keeps it', () => {
    const property = fc.property(tasks, (all) => {
      const { shelf } = parts();
      const entries = all.map((task) => shelf.put(task)!);
      expect(entries.map(taskOf)).toEqual(JSON.parse(JSON.stringify(all)));
      expect(entries.map(({ id, status, after }) => ({ id, status, after }))).toEqual(
        all.map(({ id, status, after }) => ({ id, status, after })),
      );
    });
    fc.assert(property, { numRuns: 50 });
  });

  test('of any length comes back, on either side of what is kept in memory', () => {
    const { path, shelf } = parts();
    const all = [...large(60), ended('huge', { result: '\u20ac'.repeat(12 * MEGABYTE) }), ...large(20)];
    const entries = putAll(shelf, all);
    expect(entries).toHaveLength(all.length);
    for (const [i, entry] of entries.entries()) expect(taskOf(entry).result === all[i]?.result).toBe(true);
    // In a file that has no name.
    expect(readdirSync(dirname(path))).toEqual([]);
    shelf.close();
  });

  test.each(['x', '\u20ac'])('comes back from where the memory for it ends: %s', (letter) => {
    const { shelf } = parts();
    const all = Array.from({ length: 40 }, (_, i) => ended(`t-${i}`, { result: letter.repeat(100_000 + i) }));
    expect(putAll(shelf, all).map(taskOf)).toEqual(all);
  });

  test('is in memory alone as long as it is little', () => {
    const { shelf } = parts();
    const before = openFiles();
    putAll(shelf, large(8));
    expect(openFiles()).toBe(before);
    putAll(shelf, large(60));
    expect(openFiles()).toBe(before + 1);
    shelf.close();
    expect(openFiles()).toBe(before);
  });

  test('is refused where there is no room; what was put before is there', () => {
    const path = join(newPath(), 'nowhere', 'tasks.json');
    const shelf = new TaskShelf(path, 'tasks.json');
    const all = large(60);
    const entries = putAll(shelf, all);
    expect(entries.length).toBeGreaterThan(8);
    expect(entries.length).toBeLessThan(60);
    expect(entries.map(taskOf)).toEqual(all.slice(0, entries.length));
    // One that is smaller is refused too, until all begins anew.
    mkdirSync(dirname(path), { recursive: true });
    expect(shelf.put(ended('small'))).toBeUndefined();
    shelf.renew();
    expect(shelf.put(ended('small'))?.read()).toEqual(ended('small'));
  });
});

describe('a shelf that begins anew', () => {
  test('still has what was put before, for who has that', () => {
    const { shelf } = parts();
    const [first] = putAll(shelf, [ended('a')]);
    shelf.renew();
    const [second] = putAll(shelf, [ended('b', { result: 'another' })]);
    expect(taskOf(first!)).toEqual(ended('a'));
    expect(taskOf(second!).id).toBe('b');
  });

  test('lets go of its file once the tasks are in the store', () => {
    const { file, shelf } = parts();
    const before = openFiles();
    const all = large(60);
    const document = documentOf(putAll(shelf, all));
    expect(openFiles()).toBe(before + 1);
    file.write(document);
    // Only the store's own.
    expect(openFiles()).toBe(before + 1);
    expect(plain(document)).toEqual(documentOf(all));
    file.close();
    expect(openFiles()).toBe(before);
  });

  test('lets go of its file when nobody is left who could ask for what was put there', async ({ signal }) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { shelf } = parts();
    const before = openFiles();
    putAll(shelf, large(60));
    shelf.renew();
    while (openFiles() > before && !signal.aborted) {
      collect();
      await setImmediate();
    }
  });
});

test('a closed shelf takes nothing, and says so when it is asked', () => {
  const { shelf, path } = parts();
  const [entry] = putAll(shelf, [ended('a')]);
  shelf.close();
  shelf.close();
  expect(shelf.put(ended('b'))).toBeUndefined();
  expect(() => taskOf(entry!)).toThrow('this shelf has been closed');
  rmSync(path, { force: true });
});
