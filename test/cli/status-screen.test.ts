import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RunsSeen, statusLines } from '../../src/cli/status-lines.ts';
import { survey } from '../../src/cli/survey.ts';
import { paint } from '../../src/cli/terminal.ts';
import { width } from '../../src/cli/width.ts';
import type { Task } from '../../src/model/task.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const at = '2026-11-25T09:58:30.000Z';

function task(id: string, more: Partial<Task>): Task {
  return {
    id,
    description: `do ${id}`,
    status: 'pending',
    attempts: 0,
    priority: 0,
    createdAt: at,
    history: [],
    ...more,
  };
}

function held(id: string, run: string, more: Partial<Task> = {}): Task {
  const lease = { taskId: id, run, token: id, since: at, expiresAt: at };
  return task(id, { status: 'in_progress', lease, ...more });
}

const usage = { inputTokens: 1200, outputTokens: 300, costUsd: 0.75 };
const error = {
  kind: 'rejected' as const,
  message: 'The haiku has no season word, and its second line has nine syllables.\nmore',
};

const TASKS: Task[] = [
  ...Array.from({ length: 9 }, (_, i) =>
    task(`done-${i}`, {
      status: 'completed',
      attempts: 1,
      result: 'r',
      verified: i > 0,
      endedAt: at,
      ...(i === 1 && { usage }),
    }),
  ),
  task('bad', { status: 'failed', attempts: 3, error, endedAt: at }),
  task('worse', {
    status: 'failed',
    attempts: 1,
    error: { kind: 'permanent', message: '季語がない俳句は俳句ではありません、もう一度お願いします' },
    endedAt: at,
  }),
  held('live', 'run-1', {
    description: '俳句を書いてください: rain on the old pond, a frog and the sound of water',
  }),
  held('again', 'run-1', { attempts: 1 }),
  held('lost', 'run-0'),
  task('waits', { after: ['bad'] }),
  task('later', { notBefore: '2026-12-24T18:00:00.000Z' }),
  ...Array.from({ length: 12 }, (_, i) => task(`new-${i}`, {})),
];

const SEEN: RunsSeen = {
  runs: [
    {
      ...{ id: 'run-1', pid: 4711, host: 'here', startedAt: at, told: 'pause' as const },
      safety: {
        near: [
          { what: 'failed tasks in a row', used: 7, limit: 10 },
          { what: 'cost', used: 0.8, limit: 1, unit: 'usd' },
        ],
      },
    },
  ],
  pool: { spentUsd: 0.75, reservedUsd: 0.05, capUsd: 1 },
  lastStop: { run: 'run-0', at, kind: 'safety', message: '10 tasks failed in a row' },
};

async function screen(columns: number, seen = SEEN, tasks = TASKS, colour = false): Promise<string[]> {
  const found = await survey(new MemoryTaskStore({ tasks, clock: { now: () => NOW } }));
  return statusLines(found, seen, { quiet: false, paint: await paint(colour), columns, now: NOW });
}

test('40 columns', async () => {
  expect(await screen(40)).toMatchInlineSnapshot(`
    [
      "✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗▶▶▶▶····················",
      "28 tasks: ✓ 9 completed (1 unverified),",
      "  ✗ 2 failed, ▶ 3 running,",
      "  · 14 pending (1 blocked)",
      "",
      "Running",
      "  ▶ live   for 1m30s  俳句を書いてくださ",
      "                      い: rain on the o…",
      "  ▶ again  for 1m30s  do again",
      "  ▶ lost              left by a run that",
      "                      is gone; the next…",
      "",
      "Failed",
      "  ✗ bad    rejected: The haiku has no",
      "           season word, and its second…",
      "  ✗ worse  permanent:",
      "           季語がない俳句は俳句ではあり…",
      "",
      "Blocked",
      "  · waits  blocked by bad (failed)",
      "",
      "The last run ended early (safety): 10",
      "  tasks failed in a row (run-0, today at",
      "  09:58 UTC)",
      "",
      "Due later",
      "  · later  not before 24 December at",
      "           18:00 UTC  do later",
      "",
      "Runs",
      "  run-1  told to pause, failed tasks in",
      "    a row: 7 of 10, cost: $0.8000 of",
      "    $1.00, holds 2, pid 4711 on here,",
      "    since today at 09:58 UTC",
      "",
      "Used 1,200 tokens in, 300 out, $0.7500",
      "These runs spent $0.7500 of $1.00,",
      "  $0.0500 set aside for calls under way",
    ]
  `);
});

test('80 columns', async () => {
  expect(await screen(80)).toMatchInlineSnapshot(`
    [
      "✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗✗▶▶▶▶▶▶▶······························",
      "28 tasks: ✓ 9 completed (1 unverified), ✗ 2 failed, ▶ 3 running,",
      "  · 14 pending (1 blocked)",
      "",
      "Running",
      "  ▶ live   for 1m30s             by run-1  俳句を書いてください: rain on the old",
      "                                           pond, a frog and the sound of water",
      "  ▶ again  for 1m30s  attempt 2  by run-1  do again",
      "  ▶ lost                                   left by a run that is gone; the next",
      "                                           run takes it over  do lost",
      "",
      "Failed",
      "  ✗ bad    3 attempts  rejected: The haiku has no season word, and its second",
      "                       line has nine syllables.",
      "  ✗ worse  1 attempt   permanent:",
      "                       季語がない俳句は俳句ではありません、もう一度お願いします",
      "",
      "Blocked",
      "  · waits  blocked by bad (failed)",
      "",
      "The last run ended early (safety): 10 tasks failed in a row (run-0, today at",
      "  09:58 UTC)",
      "",
      "Due later",
      "  · later  not before 24 December at 18:00 UTC  do later",
      "",
      "Runs",
      "  run-1  told to pause, failed tasks in a row: 7 of 10, cost: $0.8000 of $1.00,",
      "    holds 2, pid 4711 on here, since today at 09:58 UTC",
      "",
      "Used 1,200 tokens in, 300 out, $0.7500",
      "These runs spent $0.7500 of $1.00, $0.0500 set aside for calls under way",
    ]
  `);
});

test('200 columns', async () => {
  expect(await screen(200)).toMatchInlineSnapshot(`
    [
      "✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓✗✗✗✗▶▶▶▶▶▶▶······························",
      "28 tasks: ✓ 9 completed (1 unverified), ✗ 2 failed, ▶ 3 running, · 14 pending (1 blocked)",
      "",
      "Running",
      "  ▶ live   for 1m30s             by run-1  俳句を書いてください: rain on the old pond, a frog and the sound of water",
      "  ▶ again  for 1m30s  attempt 2  by run-1  do again",
      "  ▶ lost                                   left by a run that is gone; the next run takes it over  do lost",
      "",
      "Failed",
      "  ✗ bad    3 attempts  rejected: The haiku has no season word, and its second line has nine syllables.",
      "  ✗ worse  1 attempt   permanent: 季語がない俳句は俳句ではありません、もう一度お願いします",
      "",
      "Blocked",
      "  · waits  blocked by bad (failed)",
      "",
      "The last run ended early (safety): 10 tasks failed in a row (run-0, today at 09:58 UTC)",
      "",
      "Due later",
      "  · later  not before 24 December at 18:00 UTC  do later",
      "",
      "Runs",
      "  run-1  told to pause, failed tasks in a row: 7 of 10, cost: $0.8000 of $1.00, holds 2, pid 4711 on here, since today at 09:58 UTC",
      "",
      "Used 1,200 tokens in, 300 out, $0.7500",
      "These runs spent $0.7500 of $1.00, $0.0500 set aside for calls under way",
    ]
  `);
});

test('without a screen there is no bar, nothing is cut or broken, and the facts are the same', async () => {
  expect(await screen(Infinity)).toMatchInlineSnapshot(`
    [
      "28 tasks: ✓ 9 completed (1 unverified), ✗ 2 failed, ▶ 3 running, · 14 pending (1 blocked)",
      "",
      "Running",
      "  ▶ live   for 1m30s             by run-1  俳句を書いてください: rain on the old pond, a frog and the sound of water",
      "  ▶ again  for 1m30s  attempt 2  by run-1  do again",
      "  ▶ lost                                   left by a run that is gone; the next run takes it over  do lost",
      "",
      "Failed",
      "  ✗ bad    3 attempts  rejected: The haiku has no season word, and its second line has nine syllables.",
      "  ✗ worse  1 attempt   permanent: 季語がない俳句は俳句ではありません、もう一度お願いします",
      "",
      "Blocked",
      "  · waits  blocked by bad (failed)",
      "",
      "The last run ended early (safety): 10 tasks failed in a row (run-0, today at 09:58 UTC)",
      "",
      "Due later",
      "  · later  not before 24 December at 18:00 UTC  do later",
      "",
      "Runs",
      "  run-1  told to pause, failed tasks in a row: 7 of 10, cost: $0.8000 of $1.00, holds 2, pid 4711 on here, since today at 09:58 UTC",
      "",
      "Used 1,200 tokens in, 300 out, $0.7500",
      "These runs spent $0.7500 of $1.00, $0.0500 set aside for calls under way",
    ]
  `);
});

test.each([
  ['2026-11-25T09:59:57.887Z', 'for 2s'],
  ['2026-11-25T09:59:59.100Z', 'for 0s'],
  ['2026-11-25T09:58:00.001Z', 'for 1m59s'],
  ['2026-11-25T10:00:07.000Z', 'for 0s'],
])('an age since %s is said in full seconds: %s', async (since, said) => {
  const lease = { taskId: 'live', run: 'run-1', token: 't', since, expiresAt: at };
  const lines = await screen(80, SEEN, [task('live', { status: 'in_progress', lease })]);
  expect(lines).toContainEqual(expect.stringContaining(`${said}  by run-1`));
});

test('no line is wider than the screen, whatever the tasks hold', async () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '漢', '🌍', '❤️', '👨‍👩‍👧', 'e\u0301', ' ', '\n', '\u001b[31m', '\u202e'),
    maxLength: 120,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 40, max: 200 }), text, text, async (columns, description, message) => {
      const tasks = TASKS.map((each) => ({
        ...each,
        description: `x${description}`,
        ...(each.error && { error: { ...each.error, message } }),
      }));
      for (const line of await screen(columns, SEEN, tasks)) expect(width(line)).toBeLessThanOrEqual(columns);
    }),
    { numRuns: 40 },
  );
});

test('colour changes nothing but colour', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  const bare = (lines: string[]) => lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
  expect(bare(await screen(80, SEEN, TASKS, true))).toEqual(await screen(80));
});
