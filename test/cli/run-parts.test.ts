import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { LIST } from '../../src/claude/prices.ts';
import { blockedText } from '../../src/cli/blocked.ts';
import { EXIT, runExitCode } from '../../src/cli/exit-codes.ts';
import { keepUnsaved } from '../../src/cli/run/keep-unsaved.ts';
import { buildVerifier, needsClaude } from '../../src/cli/run/parts.ts';
import { steerBySignals } from '../../src/cli/run/signals.ts';
import { blockedIn, survey } from '../../src/cli/survey.ts';
import type { RunStats, StopReason } from '../../src/model/event.ts';
import type { Task } from '../../src/model/task.ts';
import type { Survey } from '../../src/ports/survey.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';

const stats = (failed: number, kind?: StopReason['kind']): RunStats => ({
  processed: 1,
  completed: 0,
  failed,
  retried: 0,
  attempts: 1,
  elapsedSeconds: 1,
  successRate: 0,
  stopReason: kind && { kind, message: 'because' },
});
const nothing = { stuckCount: 0 };
const stuck = { stuckCount: 1 };
const task = (id: string, more: Partial<Task> = {}): Task => ({
  id,
  description: id,
  status: 'pending',
  attempts: 0,
  priority: 0,
  createdAt: '',
  history: [],
  ...more,
});

describe('the exit code of a run', () => {
  test.each<[string, RunStats, Pick<Survey, 'stuckCount'>, number]>([
    ['all done', stats(0), nothing, EXIT.ok],
    ['a task failed', stats(1), nothing, EXIT.failed],
    ['one is blocked by a failed one', stats(0), stuck, EXIT.failed],
    ['the limit of tasks', stats(0, 'limit'), nothing, EXIT.ok],
    ['stopped by somebody', stats(0, 'stopped'), nothing, EXIT.ok],
    ['fatal, though one failed', stats(1, 'fatal'), nothing, EXIT.usage],
    ['the first failed task', stats(1, 'failed'), nothing, EXIT.failed],
    ['a safety check, though one failed', stats(1, 'safety'), nothing, EXIT.safety],
    ['unavailable, though one failed', stats(1, 'unavailable'), nothing, EXIT.unavailable],
  ])('%s', (_, given, left, code) => expect(runExitCode(given, left)).toBe(code));

  test('a signal comes before all that', () => {
    expect(runExitCode(stats(1, 'fatal'), stuck, 'SIGINT')).toBe(130);
    expect(runExitCode(stats(0), nothing, 'SIGTERM')).toBe(143);
    expect(runExitCode(stats(0), nothing, 'SIGHUP')).toBe(129);
  });
});

describe('what verifies', () => {
  const [plain, checked] = [task('a'), task('b', { check: 'true' })];
  test.each<[string, Parameters<typeof buildVerifier>[0], boolean, boolean]>([
    ['a command: only what has a check of its own', { exec: 'sh' }, false, true],
    ['a command and a check: everything', { exec: 'sh', check: 'true' }, true, true],
    ['a simulation: everything', { simulate: true }, true, true],
  ])('%s', async (_, settings, forPlain, forChecked) => {
    const verifier = await buildVerifier(settings, {}, { prices: LIST });
    const applies = (each: Task) => verifier?.applies?.(each) ?? true;
    expect([applies(plain), applies(checked)]).toEqual([forPlain, forChecked]);
  });

  test('the judge is on with Claude, off with a command unless asked for, and never in a simulation', async () => {
    expect(needsClaude({})).toBe(true);
    expect(needsClaude({ exec: 'sh' })).toBe(false);
    expect(needsClaude({ exec: 'sh', judge: true })).toBe(true);
    expect(needsClaude({ simulate: true })).toBe(false);
    expect(await buildVerifier({ exec: 'sh', noVerify: true }, {}, { prices: LIST })).toBeUndefined();
  });

  test("the task's own check comes before the run's, and both must pass", async () => {
    const verifier = await buildVerifier(
      { exec: 'sh', check: 'echo by the run; exit 1' },
      {},
      { prices: LIST },
    );
    const verify = (check: string) =>
      verifier?.verify(
        task('a', { check }),
        { success: true, output: 'x' },
        { signal: new AbortController().signal },
      );
    expect(await verify('echo by the task; exit 1')).toMatchObject({
      passed: false,
      feedback: 'by the task',
    });
    expect(await verify('true')).toMatchObject({ passed: false, feedback: 'by the run' });
  });
});

describe('keepUnsaved', () => {
  test('puts outputs that the store could not take into files, and says where', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await keepUnsaved([{ taskId: 'a', output: 'paid for' }]);
    const path = /it is in (.*)/.exec(String(said.mock.calls[0]?.[0]))?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toBe('paid for');
    rmSync(dirname(path), { recursive: true });
  });

  test('that are no text as the bytes that they are', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await keepUnsaved([{ taskId: 'a', output: '/w==', encoding: 'base64' }]);
    const path = /it is in (.*)/.exec(String(said.mock.calls[0]?.[0]))?.[1] ?? '';
    expect(readFileSync(path)).toEqual(Buffer.from([0xff]));
    rmSync(dirname(path), { recursive: true });
  });

  test('prints them where files cannot be written either', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.stubEnv('TMPDIR', '/dev/null/nowhere');
    await keepUnsaved([{ taskId: 'a', output: 'paid for' }]);
    expect(String(said.mock.calls[0]?.[0])).toContain('here it is:\npaid for');
  });
});

describe('survey', () => {
  test('what waits for a failed task, directly or not, is blocked for good', async () => {
    const store = new MemoryTaskStore();
    await store.add(['a', 'b'].map((id) => ({ id, description: id })));
    await store.add([
      { id: 'c', description: 'c', after: ['a'] },
      { id: 'd', description: 'd', after: ['c', 'b'] },
      { id: 'e', description: 'e', after: ['b'] },
    ]);
    await store.cancel(['a']);
    const { stuck, hopeful, failed, ready, counts } = await survey(store);
    expect([stuck, hopeful].map((some) => some.map(({ task }) => task.id))).toEqual([['c', 'd'], ['e']]);
    expect([failed.map(({ id }) => id), ready.map(({ id }) => id)]).toEqual([['a'], ['b']]);
    expect(counts).toEqual(await store.counts());
  });
});

test('what was spent has the cost of an output that still waits for its verdict', async () => {
  const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.5 };
  const open = { number: 1, run: 'r', startedAt: '2026-01-01T00:00:00.000Z', output: 'o', usage };
  const tasks = [task('a', { usage, history: [open] }), task('b', { usage })];
  expect((await survey(new MemoryTaskStore({ tasks }))).usage).toMatchObject({ costUsd: 1.5 });
});

describe('what still has its turn', () => {
  const blockedAmong = async (tasks: Task[]) => {
    const found = await survey(new MemoryTaskStore({ tasks }));
    return Object.fromEntries(
      blockedIn(found).map((each) => [each.task.id, blockedText(each) + (each.forGood ? '!' : '')]),
    );
  };

  test('what a running, a later or a ready task leads to, through others too', async () => {
    const tasks = [
      task('running', { status: 'in_progress' }),
      task('later', { notBefore: '2040-01-01T00:00:00.000Z' }),
      task('ready'),
      task('a', { after: ['running', 'later'] }),
      task('b', { after: ['a', 'ready', 'a'] }),
    ];
    expect(await blockedAmong(tasks)).toEqual({
      a: 'blocked by running (running), later (pending)',
      b: 'blocked by a (pending), ready (pending)',
    });
  });

  test('not what waits for a failed or a vanished one, or in a circle, through others too', async () => {
    const tasks = [
      task('failed', { status: 'failed' }),
      task('done', { status: 'completed' }),
      task('a', { after: ['done', 'failed'] }),
      task('b', { after: ['a'] }),
      task('c', { after: ['vanished'] }),
      task('self', { after: ['self'] }),
      task('x', { after: ['z', 'ready'] }),
      task('y', { after: ['x'] }),
      task('z', { after: ['y'] }),
      task('behind', { after: ['y'] }),
      task('ready'),
      task('hopeful', { after: ['ready'] }),
      task('both', { after: ['hopeful', 'a'] }),
    ];
    expect(await blockedAmong(tasks)).toEqual({
      hopeful: 'blocked by ready (pending)',
      both: 'blocked by hopeful (pending), a (pending)!',
      a: 'blocked by failed (failed)!',
      b: 'blocked by a (pending)!',
      c: 'blocked by vanished (gone)!',
      self: 'waits for itself: self!',
      x: 'waits for itself: x, z, y!',
      y: 'waits for itself: x, z, y!',
      z: 'waits for itself: x, z, y!',
      behind: 'blocked by y (pending)!',
    });
  });
});

describe('steerBySignals', () => {
  test('drains at the first SIGINT, aborts at the second, and lets go of the signals', () => {
    const stops: string[] = [];
    const before = process.listenerCount('SIGINT');
    const signals = steerBySignals({ stop: (mode) => stops.push(mode) }, () => undefined);
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGTERM', 'SIGTERM');
    expect(stops).toEqual(['drain', 'abort', 'abort']);
    expect(signals.last).toBe('SIGTERM');
    signals.release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
