import type * as fs from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LocalDisk } from '../../../../src/stores/json/disk/network-file-system.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { listed, runInfo } from '../../../support/store-parts.ts';

const NFS = 0x6969;
const EXT4 = 0xef53;
let type = EXT4;
const asked: string[] = [];

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const statfsSync = (path: string) => {
    asked.push(path);
    return { type };
  };
  return { ...real, statfsSync };
});

const { JsonTaskStore } = await import('../../../../src/stores/json/json-task-store.ts');
const { inspectStore } = await import('../../../../src/stores/json/doctor/doctor.ts');
const { cutJournal } = await import('../../../../src/stores/json/repair/cut.ts');
const { takeStore } = await import('../../../../src/stores/json/repair/take.ts');

beforeEach(() => {
  type = EXT4;
  asked.length = 0;
});

describe('the file system', () => {
  test.each([
    [NFS, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42, 'SMB'],
    [0xfe534d42, 'SMB'],
    [0xff534d42 | 0, 'SMB'],
  ])('%i is one of a network', (number, kind) => {
    const disk = new LocalDisk('/some/tasks.json', 'tasks.json', () => ({ type: number }));
    expect(() => disk.require()).toThrow(
      `Cannot write tasks.json: it is on a network file system (${kind}), where locks and syncs cannot be trusted; name a store on a local disk`,
    );
  });

  test('is asked for by its folder, and once where it is local', () => {
    const disk = new LocalDisk('/some/tasks.json', 'tasks.json');
    disk.require();
    disk.require();
    expect(asked).toEqual(['/some']);
  });

  test('that cannot be asked is taken to be local', () => {
    const disk = new LocalDisk('/some/tasks.json', 'tasks.json', () => {
      throw Object.assign(new Error('ENOSYS'), { code: 'ENOSYS' });
    });
    disk.require();
  });
});

test('a store on a network file system is read, and not written', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const local = await JsonTaskStore.open(path);
  await local.add([{ description: 'one' }]);
  await local.close();
  const before = readFileSync(path, 'utf8');

  type = NFS;
  const store = await JsonTaskStore.open(path);
  const refused = {
    code: 'store-unusable',
    message: expect.stringContaining('is on a network file system (NFS)'),
  };
  await expect(store.add([{ description: 'two' }])).rejects.toMatchObject(refused);
  await expect(store.join(runInfo('a'))).rejects.toMatchObject(refused);
  await expect(store.control('pause')).rejects.toMatchObject(refused);
  expect(await listed(store)).toMatchObject([{ description: 'one' }]);
  expect(await store.counts()).toMatchObject({ total: 1 });
  expect(await store.runs()).toEqual([]);
  await store.close();

  await expect(cutJournal(path)).rejects.toMatchObject(refused);
  await expect(takeStore(path, 'file')).rejects.toMatchObject(refused);
  expect((await inspectStore(path)).filter(({ ok }) => !ok)).toMatchObject([
    { check: 'place', text: refused.message },
  ]);
  expect(readFileSync(path, 'utf8')).toBe(before);
});
