import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probePlace } from '../../../../src/stores/json/doctor/probe.ts';
import { scratchFolder } from '../../../support/store-folder.ts';

const asRoot = process.getuid?.() === 0;

test('a real second process is shut out, and nothing is left behind', async () => {
  const folder = scratchFolder();
  const found = await probePlace(join(folder, 'tasks.json'));
  expect(found).toMatchObject([
    { check: 'disk', ok: true, facts: { freeBytes: expect.any(Number) } },
    { check: 'locks', ok: true, text: 'two processes exclude each other here' },
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('locks that shut nobody out are found', async () => {
  const folder = scratchFolder();
  const holder = join(folder, 'holder.mjs');
  writeFileSync(holder, "process.stdout.write('held'); process.stdin.resume();");
  const [, locks] = await probePlace(join(folder, 'tasks.json'), { holder });
  expect(locks).toMatchObject({
    ok: false,
    text: 'two processes get the same lock here; put the store on a local disk',
  });
});

test('so is another process that cannot lock, or does not start', async () => {
  const folder = scratchFolder();
  const holder = join(folder, 'holder.mjs');
  writeFileSync(holder, "process.stdout.write('refused');");
  const [, locks] = await probePlace(join(folder, 'tasks.json'), { holder });
  expect(locks).toMatchObject({
    ok: false,
    text: expect.stringContaining('another process could not lock: refused'),
  });
  const [, gone] = await probePlace(join(folder, 'tasks.json'), { holder: join(folder, 'none.mjs') });
  expect(gone).toMatchObject({
    ok: false,
    text: expect.stringContaining('it ended before it had locked anything'),
  });
  expect(readdirSync(folder)).toEqual(['holder.mjs']);
});

test('a disk that is nearly full is a problem', async () => {
  const found = await probePlace(join(scratchFolder(), 'tasks.json'), { room: () => 3_500_000 });
  expect(found).toMatchObject([
    { check: 'disk', ok: false, text: expect.stringMatching(/^only 3 MB are free in .*; make room$/) },
  ]);
});

test.skipIf(asRoot)('a folder that cannot be written in is a problem', async () => {
  const folder = scratchFolder();
  chmodSync(folder, 0o500);
  const found = await probePlace(join(folder, 'tasks.json'));
  chmodSync(folder, 0o700);
  expect(found).toMatchObject([
    {
      check: 'disk',
      ok: false,
      text: expect.stringMatching(/: permission is missing; change its owner or mode/),
    },
  ]);
});
