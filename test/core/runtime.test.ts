import { expect, test } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { turns } from '../support/manual-runtime.ts';

const HOUR = 3_600_000;

test('a sleep ends at once when it is aborted', async () => {
  const abort = new AbortController();
  const sleep = systemRuntime.sleep(HOUR, abort.signal);
  abort.abort();
  await sleep;
  await systemRuntime.sleep(HOUR, abort.signal);
  expect(abort.signal.aborted).toBe(true);
});

test('a sleep beyond what a timer can wait does not end at once', async () => {
  const abort = new AbortController();
  let ended = false;
  const sleep = systemRuntime.sleep(2 ** 40, abort.signal).then(() => {
    ended = true;
  });
  await systemRuntime.sleep(20, new AbortController().signal);
  await turns();
  expect(ended).toBe(false);
  abort.abort();
  await sleep;
});
