import { expect, test } from 'vitest';
import { Hooks } from '../../src/core/hooks.ts';

test('hooks receive the event with its name, time and run', () => {
  const hooks = new Hooks(() => {});
  const seen: unknown[] = [];
  hooks.on('safety:trip', (event) => seen.push(event));
  hooks.emit('safety:trip', 'run-1', '2026-01-01T00:00:00.000Z', { reason: 'too much' });
  expect(seen).toEqual([
    { event: 'safety:trip', at: '2026-01-01T00:00:00.000Z', run: 'run-1', reason: 'too much' },
  ]);
});

test('a hook that throws or rejects is reported, and the others are still called', async () => {
  const reports: string[] = [];
  const hooks = new Hooks((message) => reports.push(message));
  let called = 0;
  hooks.on('run:pause', () => {
    throw new Error('broken');
  });
  hooks.on('run:pause', async () => {
    throw new Error('broken later');
  });
  hooks.onAny(() => called++);
  hooks.emit('run:pause', 'run-1', '', {});
  await hooks.idle();
  expect(called).toBe(1);
  expect(reports).toEqual([
    'A hook for run:pause failed: broken',
    'A hook for run:pause failed: broken later',
  ]);
});

test('idle waits for hooks that are still at work', async () => {
  const hooks = new Hooks(() => {});
  const work = Promise.withResolvers<void>();
  hooks.on('run:pause', () => work.promise);
  hooks.emit('run:pause', 'run-1', '', {});
  let settled = false;
  const waiting = hooks.idle().then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  work.resolve();
  await waiting;
});

test('who reports may fail too, and a thenable is a promise', async () => {
  const reports: string[] = [];
  const hooks = new Hooks((message) => {
    reports.push(message);
    throw new Error('no pen');
  });
  hooks.on('run:pause', () => {
    throw Object.create(null);
  });
  const homeMade = Object.fromEntries([
    ['then', (_: unknown, reject: (why: Error) => void) => reject(new Error('later'))],
  ]);
  hooks.on('run:pause', () => homeMade);
  hooks.emit('run:pause', 'run-1', '', {});
  await hooks.idle();
  expect(reports).toEqual([
    'A hook for run:pause failed: something that has no text',
    'A hook for run:pause failed: later',
  ]);
});
