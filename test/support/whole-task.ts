import fc from 'fast-check';
import { ATTEMPT_OUTCOMES, type Attempt, TASK_ERROR_KINDS, type Task } from '../../src/model/task.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'ü', '🌍', '"', '\n', '\r', ',', '`', '\\', '\u2028', '\ud800', ' '),
  maxLength: 12,
});
const time = fc
  .integer({ min: 0, max: 86_400_000 })
  .map((ms) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString());
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const usage = fc.record(
  { inputTokens: fc.nat(), outputTokens: fc.nat(), costUsd: share },
  { requiredKeys: ['inputTokens', 'outputTokens'] },
);
const data = fc.dictionary(
  fc.constantFrom('k', 'a b', 'ü'),
  fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text)),
);

const attempt: fc.Arbitrary<Attempt> = fc.record(
  {
    number: fc.integer({ min: 1, max: 5 }),
    run: fc.constantFrom('run-1', 'run-2'),
    startedAt: time,
    endedAt: time,
    outcome: fc.constantFrom(...ATTEMPT_OUTCOMES),
    output: text,
    verdict: fc.record({ passed: fc.boolean(), confidence: share, feedback: text, issues: fc.array(text) }),
    error: text,
    usage,
    metadata: data,
  },
  { requiredKeys: ['number', 'run', 'startedAt', 'outcome'] },
);

const COMMON = {
  priority: fc.integer({ min: -2, max: 2 }),
  attempts: fc.nat({ max: 5 }),
  createdAt: time,
  history: fc.array(attempt, { maxLength: 3 }),
};
const WISHES = {
  tags: fc.array(text, { minLength: 1, maxLength: 2 }),
  metadata: data,
  criteria: text,
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  notBefore: time,
};
const needed = ['id', 'description', 'status', 'priority', 'attempts', 'createdAt', 'history'] as const;

/** A task as a store may hold it when nobody works on it; it comes after none. */
export function wholeTask(id: fc.Arbitrary<string>): fc.Arbitrary<Task> {
  const base = { id, description: text, ...COMMON, ...WISHES };
  const pending = fc.record(
    { ...base, status: fc.constant('pending' as const) },
    { requiredKeys: [...needed] },
  );
  const completed = fc.record(
    {
      ...base,
      status: fc.constant('completed' as const),
      result: text,
      verified: fc.boolean(),
      endedAt: time,
      confidence: share,
      usage,
    },
    { requiredKeys: [...needed, 'result', 'verified', 'endedAt'] },
  );
  const error = fc.record({ kind: fc.constantFrom(...TASK_ERROR_KINDS), message: text });
  const failed = fc.record(
    { ...base, status: fc.constant('failed' as const), error, endedAt: time, usage },
    { requiredKeys: [...needed, 'error', 'endedAt'] },
  );
  return fc.oneof(pending, completed, failed) as fc.Arbitrary<Task>;
}

/** Several with ids of their own, some of which come after earlier or later ones. */
export const wholeTasks: fc.Arbitrary<Task[]> = fc
  .uniqueArray(wholeTask(fc.stringMatching(/^(task-0\d\d|[A-Za-z0-9._-]{1,8})$/)), {
    selector: ({ id }) => id,
    maxLength: 8,
  })
  .chain((tasks) =>
    fc.array(fc.nat(), { minLength: tasks.length, maxLength: tasks.length }).map((picks) =>
      tasks.map((task, i) => {
        const before = i > 0 ? tasks[(picks[i] ?? 0) % i] : undefined;
        return before && (picks[i] ?? 0) % 3 === 0 ? { ...task, after: [before.id] } : task;
      }),
    ),
  );
