import { expect, test } from 'vitest';
import { RunWorks } from '../../src/cli/run-work.ts';
import { AUDIT } from '../../src/model/transitions.ts';
import { makeTask } from '../support/task.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();
const run = (id: string, startedAt: string) => ({ id, pid: 1, host: 'h', startedAt });

function ended(id: string, status: 'completed' | 'failed', minutesAgo: number) {
  const startedAt = at(minutesAgo);
  return makeTask({
    status,
    endedAt: startedAt,
    history: [{ number: 1, run: id, startedAt, endedAt: startedAt, outcome: 'passed' }],
  });
}

test('a run did what its last attempts ended; its rate is of the last five minutes', () => {
  const works = new RunWorks(NOW);
  for (const minutes of [1, 2, 4, 6, 30]) works.see(ended('a', 'completed', minutes));
  works.see(ended('a', 'failed', 1));
  works.see(ended(AUDIT, 'failed', 1));
  expect(works.workOf(run('a', at(40)))).toEqual({ held: 0, completed: 5, failed: 1, perMinute: 0.8 });
});

test('of a younger run it is of its life, and of one that did nothing it is zero', () => {
  const works = new RunWorks(NOW);
  works.see(ended('b', 'completed', 1));
  expect(works.workOf(run('b', at(2)))).toEqual({ held: 0, completed: 1, failed: 0, perMinute: 0.5 });
  expect(works.workOf(run('c', at(0)))).toEqual({ held: 0, completed: 0, failed: 0, perMinute: 0 });
});

test('what one run began and another one resumed is of that one; what is held is counted', () => {
  const works = new RunWorks(NOW);
  const task = ended('a', 'completed', 1);
  works.see({ ...task, history: task.history.map((attempt) => ({ ...attempt, resumedBy: 'd' })) });
  works.see(
    makeTask({
      status: 'in_progress',
      lease: { taskId: 'x', run: 'd', token: 't', since: at(1), expiresAt: at(0) },
    }),
  );
  expect(works.workOf(run('d', at(1)))).toEqual({ held: 1, completed: 1, failed: 0, perMinute: 1 });
});
