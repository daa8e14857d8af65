import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { taskOf } from '../../../../src/stores/entry.ts';
import { FAULT_POINTS, type FaultPoint } from '../../../../src/stores/json/disk/fault-points.ts';
import { makeTask } from '../../../support/task.ts';
import { documentOf, ended, openFiles, parts, textOf } from './snapshot-parts.ts';

const POINTS = FAULT_POINTS.slice(4, 9);
const LARGE = ended('large', { result: 'x'.repeat(3 * 2 ** 20) });

/** Bytes of the file that is written beside the other. */
function bytesBeside(path: string): number[] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tmp'))
    .map((name) => statSync(`${folder}/${name}`).size);
}

describe('a write', () => {
  test('passes each of its moments once, in their order, the intent before the rename', () => {
    const passed: string[] = [];
    const { file } = parts({
      faultHook: (point) => passed.push(point),
      beforeRename: () => passed.push('intent'),
    });
    for (const tasks of [[], [makeTask()], [LARGE, ended('b')]]) file.write(documentOf(tasks));
    const once = [...POINTS.slice(0, 4), 'intent', ...POINTS.slice(4)];
    expect(passed).toEqual([...once, ...once, ...once]);
  });

  test.each([
    ['a small', [makeTask()], (size: number) => Math.floor(size / 2)],
    ['a large', [LARGE], () => 2 ** 20],
  ])('has written a part of %s file at its half', (_, tasks, half) => {
    const sizes: number[] = [];
    const { path, file } = parts({
      faultHook: (point) => {
        if (point === 'half-snapshot') sizes.push(...bytesBeside(path));
      },
    });
    file.write(documentOf(tasks));
    expect(sizes).toEqual([half(statSync(path).size)]);
    expect(readFileSync(path, 'utf8')).toBe(textOf(documentOf(tasks)));
  });

  test.each([...POINTS.slice(0, 4), 'intent' as const])(
    'that fails at %s leaves file, tasks and open files as they were, and the next succeeds',
    (point) => {
      let broken = false;
      const at = (now: FaultPoint | 'intent') => {
        if (broken && now === point) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      };
      const { path, file, shelf } = parts({ faultHook: at, beforeRename: () => at('intent') });
      const document = documentOf([shelf.put(ended('a'))!, makeTask({ id: 'b' })]);
      file.write(document);
      document.tasks.push(shelf.put(ended('c'))!);
      const [text, count, before] = [readFileSync(path, 'utf8'), openFiles(), file.stamp];
      broken = true;
      expect(() => file.write(document)).toThrow(
        'Cannot write tasks.json: the disk is full; free some space and try again',
      );
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(readdirSync(dirname(path))).toEqual(['tasks.json']);
      expect([openFiles(), file.stamp]).toEqual([count, before]);
      expect(document.tasks.map(taskOf)).toEqual([ended('a'), makeTask({ id: 'b' }), ended('c')]);
      broken = false;
      file.write(document);
      expect(readFileSync(path, 'utf8')).toBe(textOf(document));
      file.close();
    },
  );

  test('that fails after the rename has its tasks in the new file', () => {
    const { path, file, shelf } = parts({
      faultHook: (point) => {
        if (point === 'after-snapshot-rename') throw new Error('as the test wants it');
      },
    });
    const document = documentOf([shelf.put(ended('a'))!]);
    expect(() => file.write(document)).toThrow('as the test wants it');
    expect(readFileSync(path, 'utf8')).toBe(textOf(document));
    expect(file.asWritten).toBe(true);
    shelf.close();
    expect(document.tasks.map(taskOf)).toEqual([ended('a')]);
    file.close();
  });
});
