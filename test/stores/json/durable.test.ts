import type * as fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import { scratchFolder } from '../../support/store-folder.ts';

const log: string[] = [];
const names = new Map<number, string>();

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    openSync: (path: string, ...rest: [string, number?]) => {
      const fd = real.openSync(path, ...rest);
      names.set(fd, String(path));
      return fd;
    },
    fsyncSync: (fd: number) => {
      log.push(`sync ${kind(names.get(fd) ?? '')}`);
      real.fsyncSync(fd);
    },
    renameSync: (from: string, to: string) => {
      log.push(`rename ${kind(from)} to ${kind(to)}`);
      real.renameSync(from, to);
    },
  };
});

function kind(path: string): string {
  if (path.endsWith('.tmp')) return 'temporary';
  return path.endsWith('tasks.json') ? 'file' : 'folder';
}

test('what is written is on the disk before it takes the place of the old, and its name after', async () => {
  const { JsonTaskStore } = await import('../../../src/stores/json/json-task-store.ts');
  const folder = scratchFolder();
  const store = await JsonTaskStore.open(`${folder}/tasks.json`);
  await store.add([{ description: 'one' }]);
  await store.close();
  expect(log).toEqual(['sync temporary', 'rename temporary to file', 'sync folder']);
});
