import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownedFolder } from './owned-folder.ts';

test('what a process that is dead has left goes, and nothing else', () => {
  const inside = mkdtempSync(join(tmpdir(), 'orch-owned-'));
  onTestFinished(() => rmSync(inside, { recursive: true }));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const name of [`a-${dead}-x`, `b-${dead}-x`, `a-${process.ppid}-x`, 'a-x', `ca-${dead}-x`]) {
    mkdirSync(join(inside, name));
    writeFileSync(join(inside, name, 'file'), '');
  }
  const own = basename(ownedFolder('a', inside));
  expect(own).toMatch(new RegExp(`^a-${process.pid}-`));
  expect(readdirSync(inside).sort()).toEqual(
    [own, `b-${dead}-x`, `a-${process.ppid}-x`, 'a-x', `ca-${dead}-x`].sort(),
  );
});
