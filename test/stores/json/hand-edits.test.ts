import { copyFileSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { idsOf, listed } from '../../support/store-parts.ts';
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
} from './parts.ts';

/** How a person's editor or git puts other content into the file. */
const SAVES: Record<string, (path: string, content: string) => void> = {
  'in place': (path, content) => writeFileSync(path, content),
  'by a rename': replace,
  'as git does': (path, content) => {
    rmSync(path);
    writeFileSync(path, content);
  },
};

/** Every operation that reads, and one that writes without reading, on a store that was just opened. */
async function refusals(path: string): Promise<string[]> {
  const operations: Array<(store: JsonTaskStore) => Promise<unknown>> = [
    (store) => store.counts(),
    (store) => listed(store),
    (store) => store.add([{ description: 'new' }]),
    (store) => store.reset('failed'),
  ];
  const said = new Set<string>();
  for (const operation of operations) {
    const store = await JsonTaskStore.open(path, { create: false });
    const error = await operation(store).then(
      () => new Error('it was done'),
      (thrown: Error) => thrown,
    );
    said.add(`${'code' in error ? error.code : ''}: ${error.message}`);
    await store.close();
  }
  return [...said];
}

describe('an edit while nothing runs counts', () => {
  test.each(Object.keys(SAVES))('without a journal, saved %s', async (how) => {
    const path = await idleStore();
    rmSync(`${path}.journal`);
    SAVES[how]?.(path, readFileSync(path, 'utf8').replace('"two"', '"edited"'));
    expect((await listed(await open(path))).map(({ description }) => description)).toEqual(['one', 'edited']);
  });

  test.each(Object.keys(SAVES))('beside a journal without changes, saved %s', async (how) => {
    const path = await idleStore();
    SAVES[how]?.(path, readFileSync(path, 'utf8').replace('"two"', '"edited"'));
    expect(await problems(path)).toEqual([]);
    expect(await addAndClose(path, 'three')).toEqual(['task-003']);
    expect(read(path).tasks.map(({ description }: { description: string }) => description)).toEqual([
      'one',
      'edited',
      'three',
    ]);
  });

  test('and is seen by a store that is open', async () => {
    const path = await idleStore();
    const store = await open(path);
    expect(await store.counts()).toMatchObject({ pending: 2 });
    edit(path, '"pending"', '"failed"');
    expect(await store.counts()).toMatchObject({ pending: 1, failed: 1 });
  });

  test('but gives no id twice, where it removed the last task and lowered nextId', async () => {
    const path = await idleStore();
    const { tasks, ...document } = read(path);
    writeFileSync(path, JSON.stringify({ ...document, nextId: 1, tasks: tasks.slice(0, 1) }));
    expect(await addAndClose(path, 'three')).toEqual(['task-003']);
    expect(read(path)).toMatchObject({ nextId: 4, revision: 2 });
  });

  test('also where another one comes to it before anything was added', async () => {
    const path = await idleStore();
    const before = read(path);
    writeFileSync(path, JSON.stringify({ ...before, nextId: 1, tasks: [] }));
    const store = await open(path);
    await store.add([{ id: 'own', description: 'own' }]);
    await store.close();
    writeFileSync(path, JSON.stringify({ ...read(path), nextId: 1, tasks: [] }));
    expect(await addAndClose(path, 'three')).toEqual(['task-003']);
  });
});

describe('an edit while the journal holds changes', () => {
  test.each(Object.keys(SAVES))(
    'saved %s, is refused to readers and writers, and nothing is touched',
    async (how) => {
      const { path, store } = await storeWithChanges();
      SAVES[how]?.(path, readFileSync(path, 'utf8').replace('"two"', '"edited"'));
      const before = filesBeside(path);
      const message = `${path} was changed while 3 changes that it lacks were in its journal; \`orch doctor --take file\` goes on with the file as it is, \`orch doctor --take journal\` puts those changes into it, and both are kept as copies`;
      expect(await refusals(path)).toEqual([`store-unusable: ${message}`]);
      await expect(store.counts()).rejects.toThrow(message);
      await expect(store.add([{ description: 'new' }])).rejects.toThrow(message);
      await store.close();
      expect(filesBeside(path)).toEqual(before);
    },
  );

  test('is no matter any more when it was undone', async () => {
    const { path, store } = await storeWithChanges();
    edit(path, '"two"', '"edited"');
    await expect(store.counts()).rejects.toThrow('was changed');
    edit(path, '"edited"', '"two"');
    expect(await store.counts()).toMatchObject({ completed: 1, pending: 2 });
    expect(await addAndClose(path, 'four')).toEqual(['task-004']);
  });
});

describe('an older file in the place of a newer one', () => {
  test.each(Object.keys(SAVES))('is told by its revision, saved %s', async (how) => {
    const path = await idleStore();
    const stale = readFileSync(path, 'utf8').replace('"two"', '"edited meanwhile"');
    await addAndClose(path, 'three');
    const newer = readFileSync(path, 'utf8');
    SAVES[how]?.(path, stale);
    const before = filesBeside(path);
    const message = `An older copy was put in the place of ${path} (revision 1 after 2); put the newer one back, or go on with the older one by \`orch doctor --take file\``;
    expect(await refusals(path)).toEqual([`store-unusable: ${message}`]);
    expect(filesBeside(path)).toEqual(before);
    SAVES[how]?.(path, newer);
    expect(await addAndClose(path, 'four')).toEqual(['task-004']);
  });

  test('also while the journal holds changes', async () => {
    const path = await idleStore();
    const stale = readFileSync(path, 'utf8');
    await addAndClose(path, 'three');
    const store = await open(path);
    await store.add([{ description: 'four' }]);
    replace(path, stale);
    const before = filesBeside(path);
    expect(await refusals(path)).toEqual([
      expect.stringContaining(
        'was replaced by an older copy (revision 1 after 2) while 1 change that it lacks',
      ),
    ]);
    expect(filesBeside(path)).toEqual(before);
  });

  test('has the revision 0 where it says none', async () => {
    const path = await idleStore();
    writeFileSync(path, '{ "tasks": [] }');
    expect(await refusals(path)).toEqual([expect.stringContaining('(revision 0 after 1)')]);
  });
});

describe('a file with the same content still fits', () => {
  const TOUCHES: Record<string, (path: string) => void> = {
    touched: (path) => utimesSync(path, 1, 1),
    'copied with its times': (path) => {
      const { atime, mtime } = statSync(path);
      copyFileSync(path, `${path}.copy`);
      utimesSync(`${path}.copy`, atime, mtime);
      renameSync(`${path}.copy`, path);
    },
    'saved again': (path) => replace(path, readFileSync(path)),
  };

  test.each(Object.keys(TOUCHES))('%s, while the journal holds changes', async (how) => {
    const { path, store } = await storeWithChanges();
    TOUCHES[how]?.(path);
    expect(await problems(path)).toEqual([]);
    expect(await (await open(path)).counts()).toMatchObject({ completed: 1, pending: 2 });
    await store.add([{ description: 'four' }]);
    expect(await addAndClose(path, 'five')).toEqual(['task-005']);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002', 'task-003', 'task-004', 'task-005']);
  });
});

describe('a file that cannot be understood is refused by its lines, and left alone', () => {
  const DAMAGE: Record<string, [(text: string) => string, string]> = {
    'a merge conflict': [
      (text) => text.replace('    {', '<<<<<<< HEAD\n    {').replace('  ]', '=======\n>>>>>>> theirs\n  ]'),
      ':6:1: a merge conflict is not resolved here; correct it by hand or restore an earlier copy; nothing was changed',
    ],
    'a duplicate id': [
      (text) => text.replace('task-002', 'task-001'),
      ':16:13: the id task-001 is here a second time; the first is in line 7; correct it by hand or restore an earlier copy; nothing was changed',
    ],
  };

  test.each(Object.keys(DAMAGE))('%s', async (what) => {
    const [damage, said] = DAMAGE[what] ?? [String, ''];
    const path = await idleStore();
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const before = filesBeside(path);
    expect(await refusals(path)).toEqual([`store-unusable: ${path}${said}`]);
    expect(await problems(path)).toEqual([`file: ${path}${said}`]);
    expect(filesBeside(path)).toEqual(before);
  });
});

describe('a file that was deleted', () => {
  test('beside a journal without changes begins anew with add alone', async () => {
    const path = await idleStore();
    rmSync(path);
    const message = `${path} does not exist; adding a task creates it`;
    expect(await refusals(path)).toEqual([`store-missing: ${message}`]);
    await expect(problems(path)).rejects.toThrow(message);
    await addAndClose(path, 'new');
    expect(read(path).tasks).toMatchObject([{ description: 'new' }]);
  });

  test('under changes is refused to all, and nothing is touched', async () => {
    const { path } = await storeWithChanges();
    rmSync(path);
    const before = filesBeside(path);
    const message = `${path} has gone, and its journal holds 3 changes made to it; put it back, or begin anew by \`orch doctor --take file\``;
    expect(await refusals(path)).toEqual([`store-unusable: ${message}`]);
    await expect(addAndClose(path, 'new')).rejects.toThrow(message);
    expect(filesBeside(path)).toEqual(before);
  });
});

describe('a file of another hand', () => {
  const LAB = {
    tasks: [
      {
        id: 'task-001',
        description: 'Write a haiku',
        status: 'pending',
        result: null,
        attempts: 0,
        max_attempts: 3,
      },
      { id: 'task-002', description: 'Name a colour', status: 'completed', result: 'red', attempts: 1 },
    ],
  };

  test('of the lab is adopted, and read again where nothing has folded the journal yet', async () => {
    const path = newPath();
    writeFileSync(path, JSON.stringify(LAB, null, 4));
    const store = await open(path);
    await store.add([{ description: 'three' }]);
    expect(read(path)).toEqual(LAB);
    expect(journalLines(path)).toHaveLength(2);
    const expected = [
      { id: 'task-001', maxAttempts: 3, priority: 0 },
      { id: 'task-002', status: 'completed', result: 'red' },
      { id: 'task-003', description: 'three' },
    ];
    expect(await listed(await open(path))).toMatchObject(expected);
    await store.close();
    expect(read(path)).toMatchObject({ version: 1, revision: 1, nextId: 4, tasks: expected });
    expect(JSON.stringify(read(path))).not.toContain('max_attempts');
  });

  test('keeps its unknown fields', async () => {
    const path = newPath();
    const document = {
      $schema: 'https://example.com/tasks.json',
      tasks: [
        { id: 'a', description: 'x', owner: { name: 'me' } },
        { id: 'b', description: 'y', status: 'completed', result: 'r', note: [1] },
      ],
      remark: 'mine',
    };
    writeFileSync(path, JSON.stringify(document));
    await addAndClose(path, 'three');
    await addAndClose(path, 'four');
    const { tasks, ...frame } = read(path);
    expect(frame).toMatchObject({ $schema: document.$schema, remark: 'mine', version: 1 });
    expect(tasks).toMatchObject([...document.tasks, { description: 'three' }, { description: 'four' }]);
  });
});
