import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { Task } from '../../../../src/model/task.ts';
import { FormatError } from '../../../../src/stores/json/snapshot/format.ts';
import { TaskShelf } from '../../../../src/stores/json/snapshot/shelf.ts';
import { makeTask } from '../../../support/task.ts';
import { documentOf, ended, newPath, openFiles, parts, plain } from './snapshot-parts.ts';

const tooLong = vi.hoisted(() => ({ now: false }));

vi.mock('../../../../src/stores/json/snapshot/format.ts', async (original) => {
  const real = await original<typeof import('../../../../src/stores/json/snapshot/format.ts')>();
  const parse: typeof real.parse = (bytes, modifiedAt) => {
    if (tooLong.now) throw Object.assign(new Error('too long'), { code: 'ERR_STRING_TOO_LONG' });
    return real.parse(bytes, modifiedAt);
  };
  return { ...real, parse };
});

/** Changes the file while it is read: in the middle of the reading, a task is put here that was laid out by hand. */
class Meddler extends TaskShelf {
  readonly #path: string;
  #times: number;

  constructor(path: string, times: number) {
    super(path, 'tasks.json');
    this.#path = path;
    this.#times = times;
  }

  override put(task: Task) {
    if (this.#times-- > 0) utimesSync(this.#path, this.#times, this.#times);
    return super.put(task);
  }
}

test.each([
  [2, undefined],
  [3, 'tasks.json was changed while it was read; try again'],
])('a file that changes %i times while it is read is read again, three times at most', (times, message) => {
  const path = newPath();
  writeFileSync(
    path,
    JSON.stringify(documentOf([ended('a')]), null, 2).replace(',\n      "history"', ', "history"'),
  );
  const count = openFiles();
  const { file } = parts({ shelf: new Meddler(path, times) }, path);
  if (message) {
    expect(() => file.read()).toThrow(message);
    expect(file.stamp).toBeUndefined();
  } else expect(plain(file.read())).toEqual(documentOf([ended('a')]));
  expect(openFiles()).toBe(count);
});

test.each([
  ['"priority": 0', '"priority": "x"', 6, 'this must be a finite number, not "x"'],
  ['"id": "b"', '"id": "a"', 16, 'the id a is here a second time'],
  ['"id": "b",', '"id": "b"', 16, 'this is not JSON'],
  ['    {\n      "id": "b"', '   {\n      "id": "b"', 16, 'this is not laid out as orch writes it'],
  ['"id": "b"', '"id": "\xff"', 16, 'this is not UTF-8 text'],
])(
  'in a file too long for one string, the line is named near which it deviates: %j',
  (right, wrong, line, message) => {
    const { path, file } = parts();
    file.write(documentOf([ended('a'), makeTask({ id: 'b' })]));
    writeFileSync(path, readFileSync(path, 'latin1').replace(right, wrong), 'latin1');
    tooLong.now = true;
    try {
      const wayOut =
        'so large a file has to be laid out as orch does it; correct it by hand or restore an earlier copy; nothing was changed';
      expect(() => file.read()).toThrow(
        expect.objectContaining({
          code: 'store-unusable',
          message: `tasks.json:${line}: in the part that begins here, ${message}; ${wayOut}`,
        }),
      );
    } finally {
      tooLong.now = false;
    }
  },
);

test('of a file that it wrote itself, ended tasks are not parsed', () => {
  const { path, file } = parts();
  file.write(documentOf([ended('a'), ended('b', { after: ['a'] })]));
  // No longer JSON; but whoever trusts it has said that it is.
  writeFileSync(path, readFileSync(path, 'utf8').replace('result of a', '"'));
  expect(() => file.read()).toThrow(FormatError);
  file.trusted = true;
  expect(file.read()?.tasks).toMatchObject([
    { id: 'a', status: 'completed', after: undefined },
    { id: 'b', status: 'completed', after: ['a'] },
  ]);
  file.close();
});
