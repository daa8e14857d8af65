import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { RELY_MS } from '../../../../src/stores/json/follower.ts';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { RunLocks } from '../../../../src/stores/json/locks/run-locks.ts';
import { cutJournal } from '../../../../src/stores/json/repair/cut.ts';
import { takeStore } from '../../../../src/stores/json/repair/take.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { idsOf, listed, runInfo } from '../../../support/store-parts.ts';
import {
  addAndClose,
  edit,
  filesBeside,
  idleStore,
  journalLines,
  newPath,
  open,
  problems,
  read,
  storeWithChanges,
} from '../parts.ts';

test('everything from the broken change on goes, what is before it stays, and a copy is kept', async () => {
  const { path } = await storeWithChanges();
  const store = await open(path);
  await store.add([{ description: 'four' }, { description: 'five' }]);
  await store.add([{ description: 'six' }]);
  edit(`${path}.journal`, '"five"', '"fife"');
  const lines = journalLines(path);
  const before = readFileSync(`${path}.journal`, 'utf8');
  const file = readFileSync(path);

  const copy = `${path}.journal.2026-01-01T000000.000Z.bak`;
  const line = lines.findIndex((text) => text.includes('fife')) + 1;
  const offset = lines.slice(0, line - 1).join('\n').length + 1;
  // The record before the broken one belongs to the same change, and falls with it.
  expect(await cutJournal(path, { clock: new ManualClock() })).toEqual({
    line,
    offset,
    lost: 1,
    kept: ['task-006'],
    copy,
  });

  expect(readFileSync(copy, 'utf8')).toBe(before);
  expect(readFileSync(path)).toEqual(file);
  expect(journalLines(path).slice(0, line - 2)).toEqual(lines.slice(0, line - 2));
  expect(await problems(path)).toEqual([]);
  expect((await listed(store)).map(({ id, status }) => `${id} ${status}`)).toEqual([
    'task-001 completed',
    'task-002 pending',
    'task-003 pending',
    'task-006 pending',
  ]);
  expect(await addAndClose(path, 'new')).toEqual(['task-007']);
  expect(await cutJournal(path)).toBeUndefined();
});

test('whole tasks that were imported behind it are kept as added ones are', async () => {
  const { path } = await storeWithChanges();
  const store = await open(path);
  await store.add([{ description: 'five' }]);
  const task = {
    id: 'whole',
    description: 'x',
    status: 'completed',
    result: 'y',
    attempts: 1,
    priority: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    history: [],
  } as const;
  await store.import([{ ...task, history: [] }]);
  edit(`${path}.journal`, '"five"', '"fife"');
  expect(await cutJournal(path, { clock: new ManualClock() })).toMatchObject({ kept: ['whole'] });
  expect((await listed(store)).at(-1)).toEqual(task);
});

test('where the first change is the broken one, the file stands for itself, and no id is given twice', async () => {
  const path = await idleStore();
  const store = await open(path);
  await store.add([{ description: 'three' }]);
  await store.add([{ description: 'four', after: ['task-003'] }]);
  edit(`${path}.journal`, '"three"', '"thrice"');
  expect(await cutJournal(path)).toMatchObject({ line: 2, lost: 1 });
  expect(journalLines(path)).toHaveLength(1);
  // There are no changes any more that an edit could contradict.
  edit(path, '"two"', '"edited"');
  expect(await addAndClose(path, 'new')).toEqual(['task-005']);
  expect(read(path).tasks[1]).toMatchObject({ description: 'edited' });
});

test('a journal without a whole head is begun anew', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, '"op":"head"', '"op":"haed"');
  expect(await cutJournal(path)).toMatchObject({ line: 1, offset: 0, lost: 2, kept: ['task-003'] });
  expect(await problems(path)).toEqual([]);
  expect(await addAndClose(path, 'new')).toEqual(['task-004']);
});

test('tasks that were added behind the break are added again, but for those that wait for a lost one', async () => {
  const path = await idleStore();
  const store = await open(path);
  await store.add([{ description: 'broken' }]);
  edit(`${path}.journal`, '"broken"', '"brokem"');
  const journal = readFileSync(`${path}.journal`);
  const records = [
    [{ id: 'blind', description: 'a' }],
    [
      { id: 'waits', description: 'b', after: ['task-001'] },
      { id: 'lost', description: 'c', after: ['task-003'] },
    ],
    [{ id: 'task-001', description: 'not the one that is there' }],
  ].flatMap((tasks) =>
    tasks.map((task, i) =>
      encodeLine(
        JSON.stringify({ next: 9, op: 'add', at: '2026-01-01T00:00:00.000Z', task }),
        i < tasks.length - 1,
      ),
    ),
  );
  const torn = encodeLine(
    '{"next":9,"op":"add","at":"2026-01-01T00:00:00.000Z","task":{"id":"torn","description":"d"}}',
    true,
  );
  writeFileSync(`${path}.journal`, Buffer.concat([journal, Buffer.from([...records, torn].join(''))]));
  expect(await cutJournal(path)).toMatchObject({ lost: 3, kept: ['blind', 'waits'] });
  expect(await problems(path)).toEqual([]);
  expect(await idsOf(await open(path))).toEqual(['task-001', 'task-002', 'blind', 'waits']);
});

test('it lets go of the lock only when every process that has the store open looks for a new journal', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, 'result of one', 'result of two');
  const waits: number[] = [];
  await cutJournal(path, {
    sleep: async (ms) => {
      waits.push(ms);
    },
  });
  expect(waits).toEqual([2 * RELY_MS]);
});

test.each(['', 'no journal at all'])('what is no journal, such as %j, is one', async (content) => {
  const path = await idleStore();
  writeFileSync(`${path}.journal`, content);
  const { copy = '' } = (await cutJournal(path)) ?? {};
  expect(readFileSync(copy, 'utf8')).toBe(content);
  expect(await addAndClose(path, 'new')).toEqual(['task-003']);
});

test('beside a file of another hand, that is checked whenever it is read', async () => {
  const path = newPath();
  writeFileSync(path, '{ "tasks": [ { "id": "task-001", "description": "by hand" } ] }');
  writeFileSync(`${path}.journal`, 'broken');
  await cutJournal(path);
  expect(journalLines(path)[0]).toContain('"foreign":true');
  expect(await addAndClose(path, 'new')).toEqual(['task-002']);
});

test('with the file gone too, an empty one is begun', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, '"op":"head"', '"op":"haed"');
  rmSync(path);
  await cutJournal(path);
  expect(await problems(path)).toEqual([]);
  expect(await addAndClose(path, 'new')).toEqual(['task-004']);
});

test('a file that was changed as well is left to be decided on', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, 'result of one', 'result of two');
  edit(path, '"two"', '"edited"');
  const file = readFileSync(path, 'utf8');
  await cutJournal(path);
  expect(readFileSync(path, 'utf8')).toBe(file);
  expect(await problems(path)).toEqual([expect.stringContaining(`fit: ${path} was changed`)]);
  await takeStore(path, 'file');
  expect(await addAndClose(path, 'new')).toEqual(['task-004']);
});

test('what is torn at the end is nothing to cut', async () => {
  const { path } = await storeWithChanges();
  const torn = encodeLine('{"next":9,"op":"remove","id":"task-001"}', true);
  writeFileSync(`${path}.journal`, torn, { flag: 'a' });
  const before = filesBeside(path);
  expect(await cutJournal(path)).toBeUndefined();
  expect(filesBeside(path)).toEqual(before);
  expect(await idsOf(await open(path))).toHaveLength(3);
});

test('it is refused while a run lives, and where there is no store', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, 'result of one', 'result of two');
  const before = filesBeside(path);
  const locks = new RunLocks(path);
  onTestFinished(() => locks.leaveAll());
  locks.join(runInfo('run-1'));
  const message = `Run run-1 works on ${path}; end it first`;
  await expect(cutJournal(path)).rejects.toMatchObject({ code: 'conflict', message });
  locks.join(runInfo('run-2'));
  await expect(cutJournal(path)).rejects.toThrow(`Runs run-1, run-2 work on ${path}; end them first`);
  expect(filesBeside(path)).toEqual(before);
  await expect(cutJournal(newPath())).rejects.toMatchObject({ code: 'store-missing' });
});

test('a journal of a newer orch is left alone', async () => {
  const path = await idleStore();
  const newer = [
    encodeLine('{"next":1,"op":"head","version":2}', false),
    'broken\n',
    encodeLine('{"next":2}', false),
  ].join('');
  writeFileSync(`${path}.journal`, newer);
  await expect(cutJournal(path)).rejects.toThrow('was written by a newer orch');
  expect(readFileSync(`${path}.journal`, 'utf8')).toBe(newer);
});

test('the journal has the mode of the file', async () => {
  const { path } = await storeWithChanges();
  edit(`${path}.journal`, 'result of one', 'result of two');
  const { copy = '' } = (await cutJournal(path)) ?? {};
  for (const each of [copy, `${path}.journal`]) expect(statSync(each).mode).toBe(statSync(path).mode);
});
