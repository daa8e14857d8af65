import { expect, test } from 'vitest';
import { AUDIT } from '../../src/model/transitions.ts';
import { Works } from '../../src/stores/works.ts';
import { makeTask } from '../support/task.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();

function ended(id: string, status: 'completed' | 'failed', minutesAgo: number) {
  const startedAt = at(minutesAgo);
  return makeTask({
    status,
    endedAt: startedAt,
    history: [{ number: 1, run: id, startedAt, endedAt: startedAt, outcome: 'passed' }],
  });
}

test('a run did what its last attempts ended; what is of the last five minutes is counted apart', () => {
  const works = new Works(NOW);
  for (const minutes of [1, 2, 4, 6, 30]) works.see(ended('a', 'completed', minutes));
  works.see(ended('a', 'failed', 1));
  works.see(ended(AUDIT, 'failed', 1));
  expect([...works.all]).toEqual([['a', { held: 0, completed: 5, failed: 1, retried: 0, lately: 4 }]]);
});

test('what one run began and another one resumed is of that one; what is held, and what was sent back, is counted', () => {
  const works = new Works(NOW);
  const task = ended('a', 'completed', 1);
  works.see({ ...task, history: task.history.map((attempt) => ({ ...attempt, resumedBy: 'd' })) });
  works.see(
    makeTask({
      status: 'in_progress',
      lease: { taskId: 'x', run: 'd', token: 't', since: at(1), expiresAt: at(0) },
      history: [{ number: 1, run: 'd', startedAt: at(2), endedAt: at(1), outcome: 'rejected' }],
    }),
  );
  expect(works.all.get('d')).toEqual({ held: 1, completed: 1, failed: 0, retried: 1, lately: 1 });
});
