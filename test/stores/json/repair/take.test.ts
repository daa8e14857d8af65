import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { RunLocks } from '../../../../src/stores/json/locks/run-locks.ts';
import { JournalMerge } from '../../../../src/stores/json/repair/merge.ts';
import { takeStore } from '../../../../src/stores/json/repair/take.ts';
import type { TableRecord } from '../../../../src/stores/record.ts';
import { TaskTable } from '../../../../src/stores/task-table.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { claimOne, done, idsOf, listed, runInfo } from '../../../support/store-parts.ts';
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
  replace,
  storeWithChanges,
} from '../parts.ts';

const STAMP = '2026-01-01T000000.000Z';
const clock = new ManualClock();

describe('to take the file', () => {
  test('makes it the base as it is, and keeps the journal', async () => {
    const { path } = await storeWithChanges();
    edit(path, '"two"', '"edited"');
    const journal = readFileSync(`${path}.journal`, 'utf8');
    const copy = `${path}.journal.${STAMP}.bak`;
    expect(await takeStore(path, 'file', { clock })).toEqual({
      revision: 2,
      tasks: 2,
      copies: [copy, `${path}.${STAMP}.bak`],
      leftOut: [],
      taken: [],
    });
    expect(readFileSync(copy, 'utf8')).toBe(journal);
    expect(read(path)).toMatchObject({
      revision: 2,
      nextId: 4,
      tasks: [{ description: 'one', status: 'pending' }, { description: 'edited' }],
    });
    expect(journalLines(path)).toHaveLength(1);
    expect(await problems(path)).toEqual([]);
    expect(await addAndClose(path, 'new')).toEqual(['task-004']);
    expect(await takeStore(path, 'file')).toBeUndefined();
  });

  test('goes on with an older one, which nobody takes for older afterwards', async () => {
    const path = await idleStore();
    const older = readFileSync(path);
    const store = await open(path);
    await addAndClose(path, 'three');
    await addAndClose(path, 'four');
    expect(await store.counts()).toMatchObject({ total: 4 });
    replace(path, older);
    await expect(store.counts()).rejects.toThrow('(revision 1 after 3)');
    expect(await takeStore(path, 'file')).toMatchObject({ revision: 4, tasks: 2 });
    expect(await store.counts()).toMatchObject({ total: 2 });
    expect(await store.add([{ description: 'new' }])).toMatchObject([{ id: 'task-005' }]);
  });

  test('begins anew where it has gone, and gives no id twice', async () => {
    const { path } = await storeWithChanges();
    rmSync(path);
    expect(await takeStore(path, 'file')).toMatchObject({ revision: 2, tasks: 0 });
    expect(read(path)).toEqual({ version: 1, revision: 2, nextId: 4, tasks: [] });
    expect(await addAndClose(path, 'new')).toEqual(['task-004']);
  });

  test('is more than a compaction knew that was under way', async () => {
    const { path, store } = await storeWithChanges();
    const journal = readFileSync(`${path}.journal`, 'utf8');
    await store.close();
    // Its author died before the rename of the journal; then somebody edited the new file.
    const fold = {
      next: 4,
      op: 'fold',
      revision: 2,
      snapshot: { size: 0, mtimeMs: 0, ino: 0, crc: '00000000' },
    };
    writeFileSync(`${path}.journal`, journal + encodeLine(JSON.stringify(fold), false));
    edit(path, '"two"', '"edited"');
    expect(await problems(path)).toEqual([expect.stringContaining('was changed')]);
    await expect(takeStore(path, 'journal')).rejects.toThrow('so that it has those changes');
    expect(await takeStore(path, 'file')).toMatchObject({ revision: 3, tasks: 3 });
    expect(await listed(await open(path))).toMatchObject([
      { result: 'result of one' },
      { description: 'edited' },
      { description: 'three' },
    ]);
  });

  test('raises the revision above that of a compaction that was cut short', async () => {
    const { path } = await storeWithChanges();
    const fold = {
      next: 4,
      op: 'fold',
      revision: 7,
      snapshot: { size: 0, mtimeMs: 0, ino: 0, crc: '00000000' },
    };
    writeFileSync(`${path}.journal`, encodeLine(JSON.stringify(fold), false), { flag: 'a' });
    edit(path, '"two"', '"edited"');
    expect(await takeStore(path, 'file')).toMatchObject({ revision: 8 });
  });

  test('keeps fields that are none of orch', async () => {
    const { path } = await storeWithChanges();
    writeFileSync(path, JSON.stringify({ ...read(path), remark: 'mine' }));
    await takeStore(path, 'file');
    expect(read(path).remark).toBe('mine');
  });
});

describe('to take the journal', () => {
  test('puts its changes into the file, and keeps both as they were', async () => {
    const { path } = await storeWithChanges();
    edit(path, '"two"', '"edited"');
    const before = filesBeside(path);
    const copies = [`${path}.journal.${STAMP}.bak`, `${path}.${STAMP}.bak`];
    const taken = await takeStore(path, 'journal', { clock });
    expect(taken).toEqual({ revision: 2, tasks: 3, copies, leftOut: [], taken: [] });
    expect(copies.map((copy) => readFileSync(copy, 'utf8'))).toEqual([
      before['tasks.json.journal'],
      before['tasks.json'],
    ]);
    expect(read(path)).toMatchObject({
      revision: 2,
      nextId: 4,
      tasks: [
        { id: 'task-001', status: 'completed', result: 'result of one', history: [{ outcome: 'passed' }] },
        { id: 'task-002', description: 'edited', status: 'pending' },
        { id: 'task-003', description: 'three' },
      ],
    });
    expect(await problems(path)).toEqual([]);
    expect(await addAndClose(path, 'new')).toEqual(['task-004']);
  });

  test('leaves out, and names, what was done to tasks that the file does not have', async () => {
    const { path, store } = await storeWithChanges();
    await store.cancel(['task-002']);
    const { tasks, ...document } = read(path);
    writeFileSync(path, JSON.stringify({ ...document, tasks: tasks.slice(1) }));
    expect(await takeStore(path, 'journal')).toMatchObject({ tasks: 2, leftOut: ['task-001'], taken: [] });
    expect(read(path).tasks).toMatchObject([
      { id: 'task-002', status: 'failed' },
      { id: 'task-003', status: 'pending' },
    ]);
  });

  test('leaves out a task that the file has too, and names another one under its id', async () => {
    const { path, store } = await storeWithChanges();
    await store.add([{ description: 'four' }]);
    await store.cancel(['task-003', 'task-004']);
    const { tasks, ...document } = read(path);
    const byHand = [
      { id: 'task-003', description: 'three', priority: 7 },
      { id: 'task-004', description: 'another' },
    ];
    writeFileSync(path, JSON.stringify({ ...document, tasks: [...tasks, ...byHand] }));
    expect(await takeStore(path, 'journal')).toMatchObject({ tasks: 4, leftOut: [], taken: ['task-004'] });
    expect(read(path).tasks.slice(2)).toMatchObject([
      { id: 'task-003', priority: 7, status: 'failed' },
      { id: 'task-004', description: 'another', status: 'pending' },
    ]);
  });

  test('takes whole tasks that were imported as it takes added ones', async () => {
    const { path, store } = await storeWithChanges();
    const whole = {
      status: 'completed',
      attempts: 1,
      priority: 0,
      createdAt: '2026-01-01T00:00:00.000Z',
      result: 'y',
    } as const;
    const ids = ['task-004', 'own'];
    await store.import(ids.map((id) => ({ ...whole, id, description: 'x', history: [] })));
    const { tasks, ...document } = read(path);
    writeFileSync(
      path,
      JSON.stringify({ ...document, tasks: [...tasks, { id: 'own', description: 'another' }] }),
    );
    expect(await takeStore(path, 'journal')).toMatchObject({ tasks: 5, leftOut: [], taken: ['own'] });
    expect(read(path)).toMatchObject({ nextId: 5 });
    expect(read(path).tasks.slice(2)).toMatchObject([
      { id: 'own', status: 'pending' },
      { id: 'task-003' },
      { id: 'task-004', result: 'y' },
    ]);
  });

  test('is refused where the file cannot be read, and where there is none', async () => {
    const { path } = await storeWithChanges();
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, `<<<<<<< HEAD\n${whole}`);
    const before = filesBeside(path);
    const message = `${path}:1:1: a merge conflict is not resolved here; correct it by hand or restore an earlier copy; nothing was changed`;
    for (const choice of ['journal', 'file'] as const) {
      await expect(takeStore(path, choice)).rejects.toMatchObject({ code: 'store-unusable', message });
    }
    expect(filesBeside(path)).toEqual(before);
    rmSync(path);
    await expect(takeStore(path, 'journal')).rejects.toMatchObject({
      code: 'store-unusable',
      message: `${path} has gone: there is nothing that the journal's changes could be put into; put it back, or begin anew by \`orch doctor --take file\``,
    });
  });

  test('is refused where it has no changes', async () => {
    const path = await idleStore();
    const older = readFileSync(path);
    await addAndClose(path, 'three');
    replace(path, older);
    const before = filesBeside(path);
    await expect(takeStore(path, 'journal')).rejects.toMatchObject({
      code: 'store-unusable',
      message: `The journal of ${path} holds no changes that could be put into it; put the newer copy back, or go on with the file by \`orch doctor --take file\``,
    });
    expect(filesBeside(path)).toEqual(before);
  });
});

describe.each(['file', 'journal'] as const)('to take the %s', (choice) => {
  test('changes nothing where there is nothing to decide', async () => {
    const idle = await idleStore();
    const { path: changed } = await storeWithChanges();
    const alone = await idleStore();
    rmSync(`${alone}.journal`);
    for (const path of [idle, changed, alone]) {
      const before = filesBeside(path);
      expect(await takeStore(path, choice)).toBeUndefined();
      expect(filesBeside(path)).toEqual(before);
    }
    await expect(takeStore(newPath(), choice)).rejects.toMatchObject({ code: 'store-missing' });
  });

  test('is refused while a run lives, and for a broken journal', async () => {
    const { path } = await storeWithChanges();
    edit(path, '"two"', '"edited"');
    const locks = new RunLocks(path);
    onTestFinished(() => locks.leaveAll());
    locks.join(runInfo('run-1'));
    const before = filesBeside(path);
    await expect(takeStore(path, choice)).rejects.toMatchObject({
      code: 'conflict',
      message: `Run run-1 works on ${path}; end it first`,
    });
    expect(filesBeside(path)).toEqual(before);
    locks.leave('run-1');
    edit(`${path}.journal`, 'result of one', 'result of two');
    await expect(takeStore(path, choice)).rejects.toThrow('is broken at byte');
    edit(`${path}.journal`, '"op":"head"', '"op":"haed"');
    await expect(takeStore(path, choice)).rejects.toThrow('is not a journal of orch');
  });

  test('passes over what a writer left unfinished, also where it dies itself', async () => {
    const { path } = await storeWithChanges();
    edit(path, '"two"', '"edited"');
    // Whole lines of a change that has no end.
    const unfinished = encodeLine('{"next":9,"op":"remove","id":"task-001"}', true);
    writeFileSync(`${path}.journal`, unfinished.repeat(9), { flag: 'a' });
    const faultHook = (at: string) => {
      if (at === 'after-snapshot-rename') throw new Error('died here');
    };
    await expect(takeStore(path, choice, { faultHook })).rejects.toThrow('died here');
    expect(await problems(path)).toEqual([]);
    expect((await listed(await open(path))).map(({ id }) => id)).toContain('task-001');
  });
});

test('a task that a run held which has ended is taken over, and its crash counted', async () => {
  const { path, store } = await storeWithChanges();
  await store.join(runInfo('b'));
  await claimOne(store, 'b');
  await store.leave('b');
  edit(path, '"one"', '"edited"');
  await takeStore(path, 'journal');
  const next = await open(path);
  await next.join(runInfo('c'));
  const { task, lease } = await claimOne(next, 'c');
  expect(task).toMatchObject({ id: 'task-002', crashes: 1 });
  await next.settle(lease, done('result of two'));
  expect(await idsOf(next, { status: 'completed' })).toEqual(['task-001', 'task-002']);
});

describe('the merge of a journal', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const id = fc.constantFrom('a', 'b', 'c');
  const lease = id.map((taskId) => ({ taskId, run: 'r', token: 't', since: at, expiresAt: at }));
  const records: fc.Arbitrary<TableRecord[]> = fc.array(
    fc.oneof(
      fc.tuple(id, fc.constantFrom('x', 'y')).map(([one, description]) => ({
        op: 'add' as const,
        at,
        task: { id: one, description },
      })),
      lease.map((one) => ({ op: 'claim' as const, lease: one })),
      fc.uniqueArray(id).map((ids) => ({ op: 'renew' as const, ids, expiresAt: at })),
      id.map((one) => ({ op: 'checkpoint' as const, id: one, checkpoint: { output: 'o' } })),
      id.map((one) => ({ op: 'settle' as const, id: one, at, settlement: done('r') })),
      id.map((one) => ({ op: 'reset' as const, id: one, at })),
      id.map((one) => ({ op: 'remove' as const, id: one })),
      fc.constant('stop' as const).map((command) => ({ op: 'control' as const, command, runs: ['r'] })),
    ),
    { maxLength: 12 },
  );
  const there = fc.subarray(['a', 'b', 'c']);

  function tableOf(ids: string[]): TaskTable {
    const table = new TaskTable();
    for (const one of ids) table.apply({ op: 'add', at, task: { id: one, description: 'x' } });
    return table;
  }

  test('takes any record on any table, and names those that it leaves out', () => {
    fc.assert(
      fc.property(there, records, (ids, all) => {
        const merge = new JournalMerge(tableOf(ids));
        for (const record of all) merge.put(record);
        for (const one of merge.leftOut) expect(all.flatMap(touched)).toContain(one);
      }),
    );
  });

  test('does not name what was removed and is not there', () => {
    const merge = new JournalMerge(tableOf(['a']));
    merge.put({ op: 'remove', id: 'b' });
    expect(merge.leftOut).toEqual([]);
  });

  test('into the table that it was made for comes to the fold of it', () => {
    fc.assert(
      fc.property(there, records, (ids, all) => {
        const folded = tableOf(ids);
        const merged = tableOf(ids);
        const merge = new JournalMerge(merged);
        for (const record of all) {
          if (!fits(folded, record)) continue;
          folded.apply(record);
          merge.put(record);
        }
        expect([...merged.list()]).toEqual([...folded.list()]);
        expect(merge.leftOut).toEqual([]);
        expect(merge.taken).toEqual([]);
      }),
    );
  });

  function touched(record: TableRecord): string[] {
    if (record.op === 'claim') return [record.lease.taskId];
    if (record.op === 'renew') return record.ids;
    return 'id' in record ? [record.id] : [];
  }

  /** Whether it could stand in a journal of this table. */
  function fits(table: TaskTable, record: TableRecord): boolean {
    if (record.op === 'add') return !table.has(record.task.id);
    return touched(record).every((one) => table.has(one));
  }
});
