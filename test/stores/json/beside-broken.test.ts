import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Replica } from '../../../src/stores/json/replica.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { failWith, log } from '../../support/store-log.ts';
import { claimOne, done, runInfo } from '../../support/store-parts.ts';
import { newPath, open } from './parts.ts';

vi.mock('node:fs', async (original) => {
  const { logged } = await import('../../support/store-log.ts');
  return logged(await original());
});

const CROWD = 8;

/** Syncs in the pool that wait to go on. */
const held: (() => void)[] = [];

beforeEach(() => {
  held.length = 0;
  log.before = () => {};
  log.hold = undefined;
});

/** Lets all of them go on, and those that come. */
function release(): void {
  log.hold = undefined;
  for (const goOn of held) goOn();
}

/** The next sync of the journal in place says that something could not be written. The system tells that once. */
function failOnce(): void {
  let errors = 1;
  log.before = (call) => {
    if (call === 'sync journal' && errors-- > 0) failWith('EIO');
  };
}

test.each(['asked for', 'of a store that has grown'])(
  'a fold, %s, whose sync fails takes the error from those that wait for a sync: they are told of it',
  async (how) => {
    const store = await open(newPath());
    await store.add(Array.from({ length: 100 }, () => ({ description: 'x' })));
    await store.join(runInfo('a'));
    const claims = [];
    for (let i = 0; i < CROWD; i++) claims.push(await claimOne(store, 'a'));
    log.hold = (goOn) => void held.push(goOn);
    if (how !== 'asked for') {
      const grown = vi.spyOn(Replica.prototype, 'isGrown').mockImplementation(() => {
        failOnce();
        return true;
      });
      onTestFinished(() => grown.mockRestore());
    }
    const settling = claims.map(({ lease }) => store.settle(lease, done('ok')));
    const settled = Promise.allSettled(settling);
    const next = await Promise.all(claims.map(() => claimOne(store, 'a')));
    await expect.poll(() => held.length).toBe(1);
    if (how === 'asked for') {
      failOnce();
      await expect(store.fold()).rejects.toMatchObject({ code: 'store-unusable' });
    }
    release();
    for (const one of await settled) expect(one.status).toBe('rejected');
    for (const { lease } of next)
      await expect(store.settle(lease, done('later'))).rejects.toThrow('the disk reports an error');
  },
);

test('a fold whose sync fails leaves a store that writes no more, though nobody waits', async () => {
  const store = await open(newPath());
  await store.add([{ description: 'x' }]);
  failOnce();
  await expect(store.fold()).rejects.toMatchObject({ code: 'store-unusable' });
  await expect(store.add([{ description: 'y' }])).rejects.toThrow('the disk reports an error');
});

test('a journal whose end alone is read does not say that what waits for a sync is synced', async () => {
  const path = newPath();
  const first = await open(path);
  // Too large to be read by who only adds.
  await first.add(Array.from({ length: 50 }, () => ({ description: 'x'.repeat(100_000) })));
  await first.close();
  const before = readFileSync(`${path}.journal`).length;
  const store = await open(path);
  log.hold = (goOn) => void held.push(goOn);
  const add = (count: number) =>
    Promise.all(Array.from({ length: count }, () => store.add([{ description: 'y'.repeat(300) }])));
  const adding = add(20);
  await expect.poll(() => held.length).toBe(1);
  const more = add(17);
  await expect.poll(() => store.counts().then(({ total }) => total)).toBe(87);
  const bytes = readFileSync(`${path}.journal`);
  // The power goes now: of what was appended, an earlier page is lost and a later one kept.
  const page = Math.ceil(before / 4096) * 4096;
  bytes.fill(0, page, page + 4096);
  const copy = join(scratchFolder(), 'tasks.json');
  mkdirSync(join(copy, '..'), { recursive: true });
  writeFileSync(copy, readFileSync(path));
  writeFileSync(`${copy}.journal`, bytes);
  release();
  await Promise.all([adding, more]);
  const after = await open(copy);
  expect((await after.counts()).total).toBeLessThan(87);
});

test('a change that could not be appended is told, though the journal cannot even be closed', async () => {
  const store = await open(newPath());
  await store.add([{ description: 'x' }]);
  await store.join(runInfo('a'));
  const { lease } = await claimOne(store, 'a');
  log.before = (call) => {
    if (call === 'write journal') failWith('ENOSPC');
    if (call === 'close journal') failWith('EIO');
  };
  await expect(store.settle(lease, done('ok'))).rejects.toThrow('the disk is full');
  log.before = () => {};
  expect(await store.settle(lease, done('ok'))).toMatchObject({ status: 'completed' });
});
