import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isShelved, taskOf } from '../../../../src/stores/entry.ts';
import type { Document } from '../../../../src/stores/json/snapshot/format.ts';
import { makeTask } from '../../../support/task.ts';
import { documentOf, ended, openFiles, type Parts, parts, plain, shelvedIds } from './snapshot-parts.ts';

const CHANGED =
  'tasks.json was changed while it was in use; end all runs, and begin again with the file as it is now';
const TASKS = [ended('a'), makeTask({ id: 'b' }), ended('c', { status: 'failed' })];

function loaded(): Parts & { document: Document } {
  const made = parts();
  made.file.write(documentOf(TASKS));
  return { ...made, document: made.file.read()! };
}

/** Writes into the file, where it is. */
function overwrite(path: string, text: string, position: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, text, position);
  closeSync(fd);
}

describe('an ended task that was left in the file', () => {
  test.each([
    [
      'another file has its place',
      (path: string) => {
        writeFileSync(`${path}.new`, '{ "tasks": [] }');
        renameSync(`${path}.new`, path);
      },
    ],
    ['the file is removed', (path: string) => rmSync(path)],
    ['only the times of the file are changed', (path: string) => utimesSync(path, 1, 1)],
  ])('is read when %s', (_, change) => {
    const { path, document, file } = loaded();
    change(path);
    for (let times = 0; times < 2; times++) expect(document.tasks.map(taskOf)).toEqual(TASKS);
    file.close();
  });

  test.each([
    ['written into', (path: string) => overwrite(path, 'X', 200)],
    ['cut', (path: string) => truncateSync(path, 100)],
    ['made longer', (path: string) => writeFileSync(path, '\n', { flag: 'a' })],
    [
      'written anew where it is',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('of a', 'on a')),
    ],
  ])('is not read from, nor copied out of, a file that was %s', (_, change) => {
    const { path, document, file } = loaded();
    change(path);
    const after = readFileSync(path);
    const refusal = expect.objectContaining({ code: 'store-unusable', message: CHANGED });
    expect(() => taskOf(document.tasks[0]!)).toThrow(refusal);
    expect(() => file.write(document)).toThrow(refusal);
    expect(readFileSync(path)).toEqual(after);
    file.close();
  });

  test('is read from the next file when that was written, and the one before is closed', () => {
    const { path, document, file, shelf } = loaded();
    const before = openFiles();
    document.tasks.push(shelf.put(ended('d'))!);
    for (let times = 0; times < 3; times++) {
      file.write(document);
      expect(openFiles()).toBe(before);
    }
    expect(document.tasks.map(taskOf)).toEqual([...TASKS, ended('d')]);
    overwrite(path, 'X', 200);
    expect(() => taskOf(document.tasks.at(-1)!)).toThrow(CHANGED);
    file.close();
    expect(openFiles()).toBe(before - 1);
  });

  test('is still read by who has it when the document that is written is without it', () => {
    const { document, file } = loaded();
    const [first, ...rest] = document.tasks;
    file.write({ ...document, tasks: rest });
    file.write({ ...document, tasks: rest });
    expect(taskOf(first!)).toEqual(TASKS[0]);
    expect(rest.map(taskOf)).toEqual(TASKS.slice(1));
    file.close();
  });

  test('is still read by who has it when the file is read again', () => {
    const { path, document, file } = loaded();
    writeFileSync(`${path}.new`, JSON.stringify(documentOf([makeTask({ id: 'z' })])));
    renameSync(`${path}.new`, path);
    expect(file.read()?.tasks).toEqual([makeTask({ id: 'z' })]);
    expect(plain(document)).toEqual(documentOf(TASKS));
  });

  test('does not keep the file open when there is none', () => {
    const { file } = parts();
    const before = openFiles();
    file.write(documentOf([makeTask()]));
    expect(file.read()?.tasks.filter(isShelved)).toEqual([]);
    expect(openFiles()).toBe(before);
  });

  test('cannot be read when the store was closed', () => {
    const { document, file } = loaded();
    file.close();
    expect(() => taskOf(document.tasks[0]!)).toThrow('this file has been closed');
    expect(shelvedIds(document)).toEqual(['a', 'c']);
  });
});
