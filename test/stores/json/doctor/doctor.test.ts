import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tryLock } from 'fs-native-extensions';
import { expect, onTestFinished, test } from 'vitest';
import { inspectStore } from '../../../../src/stores/json/doctor/doctor.ts';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { RunLocks } from '../../../../src/stores/json/locks/run-locks.ts';
import { runInfo } from '../../../support/store-parts.ts';
import {
  edit,
  filesBeside,
  idleStore,
  journalLines,
  named,
  newPath,
  open,
  problems,
  storeWithChanges,
} from '../parts.ts';

test('a healthy store is told by its parts, and not touched', async () => {
  const path = await idleStore();
  const before = filesBeside(path);
  const bytes = readFileSync(path).length;
  const journalBytes = readFileSync(`${path}.journal`).length;
  const fileText = `version 1, revision 1, 2 tasks, ${bytes} bytes`;
  expect(await inspectStore(path)).toEqual([
    { check: 'place', ok: true, text: 'on a local disk, and can be written' },
    { check: 'file', ok: true, text: fileText, facts: { version: 1, revision: 1, tasks: 2, bytes } },
    {
      check: 'journal',
      ok: true,
      text: '0 changes since revision 1, all whole',
      facts: { bytes: journalBytes, records: 0, continues: 1, unfinished: 0 },
    },
    { check: 'fit', ok: true, text: 'file and journal together hold 2 tasks', facts: { tasks: 2 } },
    { check: 'runs', ok: true, text: 'none lives', facts: { live: [] } },
    { check: 'lock', ok: true, text: 'works, and is free' },
  ]);
  expect(filesBeside(path)).toEqual(before);
});

test('a file without a journal and a lock stands for itself', async () => {
  const path = newPath();
  writeFileSync(path, '{ "tasks": [] }');
  const found = await inspectStore(path);
  expect(found.filter(({ ok }) => !ok)).toEqual([]);
  expect(named(found, 'journal').text).toBe('there is none: the file stands for itself');
  expect(named(found, 'lock').text).toBe('works, and is free');
  expect(Object.keys(filesBeside(path))).toEqual(['tasks.json']);
});

test('a missing store is missing', async () => {
  await expect(inspectStore(newPath())).rejects.toMatchObject({ code: 'store-missing' });
});

test('changes, and what a writer left unfinished behind them, are counted', async () => {
  const { path } = await storeWithChanges();
  const journal = readFileSync(`${path}.journal`, 'utf8');
  writeFileSync(`${path}.journal`, `${journal}0000`);
  const found = await inspectStore(path);
  expect(named(found, 'journal')).toMatchObject({
    ok: true,
    text: '3 changes since revision 1, all whole, 4 bytes of an unfinished one behind them are passed over',
    facts: { records: 3, unfinished: 4 },
  });
  expect(named(found, 'fit')).toMatchObject({ ok: true, facts: { tasks: 3 } });
  expect(readFileSync(`${path}.journal`, 'utf8')).toBe(`${journal}0000`);
});

test('a journal that is broken in the middle is told by place, and by what is lost', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, 'result of one', 'result of two');
  const lines = journalLines(path);
  const line = lines.findIndex((text) => text.includes('result of two')) + 1;
  const offset = lines.slice(0, line - 1).join('\n').length + 1;
  const found = await inspectStore(path);
  expect(found.map(({ check }) => check)).toEqual(['place', 'file', 'journal', 'runs', 'lock']);
  expect(named(found, 'journal')).toMatchObject({
    ok: false,
    text: `line ${line} (byte ${offset}) is broken, with 1 whole change before it, and 1 whole record would be lost from there on; \`orch doctor --cut\` cuts it off there, and keeps a copy`,
    facts: { broken: { line, offset, lost: 1 } },
  });
});

test('a journal without its head, and one of a newer orch, are told', async () => {
  const { path } = await storeWithChanges();
  const journal = readFileSync(`${path}.journal`, 'utf8');
  writeFileSync(`${path}.journal`, journal.replace('"op":"head"', '"op":"haed"'));
  expect(await problems(path)).toEqual([
    'journal: its first record is not whole, and 3 whole records would be lost behind it; `orch doctor --cut` cuts it off there, and keeps a copy',
  ]);
  // The checksum of a first line that another version would write.
  writeFileSync(`${path}.journal`, encodeLine('{"next":1,"op":"head","version":2}', false));
  expect(await problems(path)).toEqual([
    `journal: ${path}.journal was written by a newer orch; use that, or a newer one still`,
  ]);
});

test('files that do not belong together are told as whoever uses them is told', async () => {
  const { path, store } = await storeWithChanges();
  edit(path, '"two"', '"edited"');
  const message = await store.counts().catch((error: Error) => error.message);
  expect(await problems(path)).toEqual([`fit: ${message}`]);
});

test('a file that is gone under changes is a problem', async () => {
  const { path } = await storeWithChanges();
  rmSync(path);
  expect(await problems(path)).toEqual([
    'file: it is not there; put it back, or begin anew by `orch doctor --take file`',
  ]);
});

test('runs that live are named, also those of which nothing can be read', async () => {
  const path = await idleStore();
  const locks = new RunLocks(path);
  onTestFinished(() => locks.leaveAll());
  locks.join(runInfo('b'));
  locks.join(runInfo('c/d'));
  writeFileSync(`${path}.run-b.lock`, 'no JSON');
  writeFileSync(`${path}.run-dead.lock`, '{}');
  const { ok, text, facts } = named(await inspectStore(path), 'runs');
  expect({ ok, text }).toEqual({ ok: true, text: '2 runs live: b, c/d' });
  expect(facts).toEqual({ live: ['b', 'c/d'] });
});

test('a lock that is held is no problem, and is not waited for', async () => {
  const path = await idleStore();
  const fd = openSync(`${path}.lock`, 'a');
  onTestFinished(() => closeSync(fd));
  expect(tryLock(fd)).toBe(true);
  expect(named(await inspectStore(path), 'lock')).toMatchObject({
    ok: true,
    text: 'works, and is held at this moment',
  });
});

test('what is found is of the store as it is, while others use it', async () => {
  const path = await idleStore();
  const store = await open(path);
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      await store.add([{ description: `${i}` }]);
      expect(await problems(path)).toEqual([]);
    }),
  );
});
