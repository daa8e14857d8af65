import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entry, isShelved } from '../../../../src/stores/entry.ts';
import { crcOfFile, sameFile, statStamp } from '../../../../src/stores/json/disk/file-stamp.ts';
import { type Document, FormatError, parse } from '../../../../src/stores/json/snapshot/format.ts';
import { makeTask } from '../../../support/task.ts';
import { documentOf, documents, ended, newPath, parts, plain, shelvedIds, textOf } from './snapshot-parts.ts';

const TIME = '2026-11-22T12:00:00.000Z';
const choice = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });

describe('what is written', () => {
  test('is the two-space JSON of the document, wherever its tasks are, and however often', () => {
    const property = fc.property(documents, fc.array(choice, { maxLength: 3 }), (document, choices) => {
      const { path, file, shelf } = parts();
      const text = textOf(document);
      let held: Document = document;
      for (const chosen of choices) {
        // Some come from the last file then, some from the shelf, some from memory.
        const place = (entry: Entry, i: number): Entry =>
          (chosen[i] && !isShelved(entry) ? shelf.put(entry) : undefined) ?? entry;
        held = { ...held, tasks: held.tasks.map(place) };
        file.write(held);
        expect(readFileSync(path, 'utf8')).toBe(text);
      }
      expect(textOf(held)).toBe(text);
      file.close();
    });
    fc.assert(property, { numRuns: 50 });
  });

  test('is read again as it was, trusted or not, its ended tasks shelved', () => {
    const property = fc.property(documents, fc.boolean(), (document, trusted) => {
      const { path, file } = parts();
      file.write(document);
      file.trusted = trusted;
      const read = file.read()!;
      expect(textOf(read)).toBe(textOf(parse(readFileSync(path), TIME)));
      const shelved = document.tasks.filter(({ status }) => status === 'completed' || status === 'failed');
      expect(shelvedIds(read)).toEqual(shelved.map(({ id }) => id));
      for (const entry of read.tasks.filter(isShelved)) {
        expect(entry).toMatchObject({ status: entry.read().status, after: entry.read().after });
      }
      file.close();
    });
    fc.assert(property, { numRuns: 50 });
  });

  test('has the tasks that it is given, in the order given, wherever they come from', () => {
    const { path, file, shelf } = parts();
    const all = ['a', 'b', 'c', 'd', 'e'].map((id) => shelf.put(ended(id))!);
    file.write(documentOf(all));
    const [a, b, c, d, e] = all as Entry[] as [Entry, Entry, Entry, Entry, Entry];
    for (const tasks of [[a, c, d, e], [e, d, a, c], [c, makeTask(), d], [b]]) {
      const text = textOf(documentOf(tasks));
      file.write(documentOf(tasks));
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(textOf(documentOf(tasks))).toBe(text);
    }
    file.close();
  });

  test('has tasks of several shelves, though one begins where it would in another', () => {
    const { path, file, shelf } = parts();
    const [a] = ['a', 'b'].map((id) => shelf.put(ended(id))!);
    shelf.renew();
    const [, d] = ['c', 'd'].map((id) => shelf.put(ended(id))!);
    const document = documentOf([a!, d!]);
    file.write(document);
    expect(readFileSync(path, 'utf8')).toBe(textOf(documentOf([ended('a'), ended('d')])));
    file.close();
  });

  test.each([1, 2 ** 20 - 700, 2 ** 20 - 1, 2 ** 20, 5 * 2 ** 20])(
    'may have a result of %i characters, of one byte and of three',
    (length) => {
      const { path, file, shelf } = parts();
      const tasks = ['x', '\u20ac', 'y', '\u20ac'].map((letter, i) =>
        ended(`t-${i}`, { result: letter.repeat(length) }),
      );
      const text = textOf(documentOf(tasks));
      const document = documentOf(tasks.map((task, i) => (i < 2 ? shelf.put(task)! : task)));
      file.write(document);
      expect(readFileSync(path, 'utf8') === text).toBe(true);
      const crc = crc32(readFileSync(path)).toString(16).padStart(8, '0');
      expect([file.stamp?.crc, crcOfFile(path)]).toEqual([crc, crc]);
      expect(textOf(file.read()!) === text).toBe(true);
      expect(file.asWritten).toBe(true);
      file.write(document);
      expect(readFileSync(path, 'utf8') === text).toBe(true);
      file.close();
    },
  );
});

describe('the stamp', () => {
  test('is that of the file, after a write and after a read', () => {
    const { path, file } = parts();
    const seen: unknown[] = [];
    const other = parts({ beforeRename: (stamp) => seen.push(stamp) }, path);
    other.file.write(documentOf([ended('a'), makeTask({ id: 'b' })]));
    expect(other.file.stamp).toEqual({ ...statStamp(path), crc: crcOfFile(path) });
    expect(seen).toEqual([other.file.stamp]);
    for (const trusted of [true, false]) {
      file.trusted = trusted;
      file.read();
      expect(file.stamp).toEqual(other.file.stamp);
    }
    writeFileSync(path, '{ "tasks": [] }');
    expect(sameFile(file.stamp!, statStamp(path)!)).toBe(false);
    file.read();
    expect(file.stamp).toEqual({ ...statStamp(path), crc: crcOfFile(path) });
    file.close();
    other.file.close();
  });

  test('has the CRC-32 that others compute too', () => {
    const path = newPath();
    expect(crcOfFile(path)).toBeUndefined();
    expect(statStamp(path)).toBeUndefined();
    writeFileSync(path, '123456789');
    expect(crcOfFile(path)).toBe('cbf43926');
    writeFileSync(path, '');
    expect(crcOfFile(path)).toBe('00000000');
  });

  test('is none where there is no file', () => {
    const { file } = parts();
    expect(file.read()).toBeNull();
    expect(file.stamp).toBeUndefined();
    expect(file.asWritten).toBe(false);
  });
});

describe('a file that somebody edited', () => {
  const edits: [string, (text: string) => string][] = [
    ['nothing', (text) => text],
    ['another indentation', (text) => JSON.stringify(JSON.parse(text), null, 4)],
    ['no indentation', (text) => JSON.stringify(JSON.parse(text))],
    ['the line breaks of Windows', (text) => text.replaceAll('\n', '\r\n')],
    [
      'a task in one line',
      (text) => text.replace(/^ {4}\{[^}]*\}/m, (task) => `    ${task.replace(/\s+/g, ' ').trim()}`),
    ],
    ['tags in one line', (text) => text.replace(/"tags": \[[^\]]*\]/, '"tags": ["red", "blue"]')],
    ['fields left out', (text) => text.replaceAll(/\n.*"(attempts|priority|createdAt)":.*/g, '')],
    [
      'fields of the lab',
      (text) => text.replaceAll('"priority": 0', '"max_attempts": 2,\n      "criteria": null'),
    ],
    ['an escape', (text) => text.replace('"result of', '"\\u0072esult of')],
    [
      'a second list of tasks',
      (text) => text.replace(/\n}\n$/, ',\n  "tasks": [{ "id": "z", "description": "z" }]\n}\n'),
    ],
    ['a list of tasks further in', (text) => `{ "old":\n${text.trim()},\n  "tasks": [] }\n`],
    ['no line break at the end', (text) => text.trim()],
    ['a mark at the beginning', (text) => `\uFEFF${text}`],
    [
      'a field behind the tasks',
      (text) => text.replace(/\n}\n$/, ',\n  "note": {\n    "by": "me"\n  }\n}\n'),
    ],
  ];

  test.each(edits)('to have %s is read as a whole parse reads it, and written as ever', (_, edit) => {
    const { path, file } = parts();
    const tasks = [
      ended('a', { tags: ['red', 'blue'] }),
      makeTask({ id: 'b' }),
      ended('c', { after: ['a'] }),
    ];
    file.write(documentOf(tasks));
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
    const bytes = readFileSync(path);
    const expected = parse(bytes, new Date(statStamp(path)!.mtimeMs).toISOString());
    const read = file.read()!;
    expect(plain(read)).toEqual(expected);
    expect(file.asWritten).toBe(textOf(expected) === bytes.toString());
    file.write(read);
    expect(readFileSync(path, 'utf8')).toBe(textOf(expected));
    expect(file.asWritten).toBe(true);
    file.close();
  });

  test('at random is read, or refused, as a whole parse does', () => {
    const change = fc.record({
      at: fc.nat(),
      drop: fc.integer({ min: 0, max: 12 }),
      put: fc.constantFrom(
        '',
        ' ',
        '\n',
        ',',
        '{',
        '}',
        ']',
        '"',
        '1',
        'x',
        '\n    }',
        '\n    },\n    {',
        '\xff',
      ),
    });
    const property = fc.property(documents, change, (document, { at, drop, put }) => {
      const { path, file } = parts();
      file.write(document);
      const before = readFileSync(path);
      const from = at % before.length;
      const bytes = Buffer.concat([
        before.subarray(0, from),
        Buffer.from(put, 'latin1'),
        before.subarray(from + drop),
      ]);
      writeFileSync(path, bytes);
      const expected = attempt(() => parse(bytes, new Date(statStamp(path)!.mtimeMs).toISOString()));
      expect(attempt(() => plain(file.read()))).toEqual(expected);
      file.close();
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('is laid out as ever where it was written by orch, so that later it need not be checked', () => {
    const { file } = parts();
    for (const tasks of [[], [makeTask()], [ended('a'), makeTask()]]) {
      file.write(documentOf(tasks));
      file.read();
      expect(file.asWritten).toBe(true);
    }
    file.close();
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { message, path, other, text } = error;
    return { message, path, other, text };
  }
}
