import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../support/store-folder.ts';

const SCRIPT = fileURLToPath(new URL('./leaving.ts', import.meta.url));

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('between two steps, %s removes it too', async (signal, code) => {
  const TMPDIR = scratchFolder();
  const child = spawn(process.execPath, [SCRIPT], {
    env: { ...process.env, TMPDIR },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [folder] = await once(child.stdout, 'data');
  expect(existsSync(String(folder))).toBe(true);
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([code, null]);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('so does a defect', async () => {
  const TMPDIR = scratchFolder();
  const child = spawn(process.execPath, [SCRIPT, 'throws'], {
    env: { ...process.env, TMPDIR },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'exit');
  expect(readdirSync(TMPDIR)).toEqual([]);
});
