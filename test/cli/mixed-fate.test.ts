import { expect, test } from 'vitest';
import {
  badRequest,
  cutBody,
  internalError,
  message,
  overloaded,
  type Reply,
  rateLimited,
  refusal,
  verdict,
} from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';
import type { ReceivedRequest } from '../support/fault-server.ts';

interface Fate {
  /** How many tasks have it. */
  count: number;
  status: 'completed' | 'failed';
  /** Attempts that the task ends with. */
  attempts: number;
  /** Calls of the executor, those that were refused for now included. */
  executions: number;
  judgements: number;
  errorKind?: string;
  /** The answer to the n-th execution of a task (1 for the first); undefined: a draft with that number. */
  execute?(n: number): Reply | undefined;
  /** Which draft is good enough; without it, none is. */
  goodDraft?: number;
}

const transientOnce =
  (reply: () => Reply) =>
  (n: number): Reply | undefined =>
    n === 1 ? reply() : undefined;

const FATES: Record<string, Fate> = {
  good: { count: 80, status: 'completed', attempts: 1, executions: 1, judgements: 1, goodDraft: 1 },
  second: { count: 30, status: 'completed', attempts: 2, executions: 2, judgements: 2, goodDraft: 2 },
  third: { count: 20, status: 'completed', attempts: 3, executions: 3, judgements: 3, goodDraft: 3 },
  never: { count: 15, status: 'failed', attempts: 3, executions: 3, judgements: 3, errorKind: 'rejected' },
  overloaded: {
    count: 10,
    status: 'completed',
    attempts: 1,
    executions: 2,
    judgements: 1,
    goodDraft: 2,
    execute: transientOnce(overloaded),
  },
  limited: {
    count: 10,
    status: 'completed',
    attempts: 1,
    executions: 2,
    judgements: 1,
    goodDraft: 2,
    execute: transientOnce(() => rateLimited(0.1)),
  },
  broken: {
    count: 10,
    status: 'completed',
    attempts: 1,
    executions: 2,
    judgements: 1,
    goodDraft: 2,
    execute: transientOnce(internalError),
  },
  cut: {
    count: 5,
    status: 'completed',
    attempts: 1,
    executions: 2,
    judgements: 1,
    goodDraft: 2,
    execute: transientOnce(cutBody),
  },
  permanent: {
    count: 10,
    status: 'failed',
    attempts: 1,
    executions: 1,
    judgements: 0,
    errorKind: 'permanent',
    execute: () => badRequest(),
  },
  refused: {
    count: 5,
    status: 'failed',
    attempts: 3,
    executions: 3,
    judgements: 0,
    errorKind: 'failed',
    execute: () => refusal(),
  },
  softened: {
    count: 5,
    status: 'completed',
    attempts: 2,
    executions: 2,
    judgements: 1,
    goodDraft: 2,
    execute: (n) => (n === 1 ? refusal() : undefined),
  },
};

const server = useFaultServer();

test('200 tasks of mixed fate, eight at a time, end exactly as they must', async () => {
  const cli = new Cli();
  const names = Object.entries(FATES).flatMap(([fate, { count }]) =>
    Array.from({ length: count }, (_, i) => `${fate}-${i + 1}`),
  );
  expect(names).toHaveLength(200);
  // Interleaved, so that every stretch of the run meets every fate.
  const shuffled = names.map((name, i) => ({ name, key: (i * 73) % 200 })).sort((a, b) => a.key - b.key);
  const input = shuffled.map(({ name }) => `Write about [${name}] please.`).join('\n');
  expect((await cli.run(['add', '-'], { input })).code).toBe(0);

  const executions = new Map<string, ReceivedRequest[]>();
  const judgements = new Map<string, number>();
  // The first eight calls are answered when all eight are there, so that there are eight at once.
  const eight = server().received(8);
  server().handle(async (request) => {
    await eight;
    const name = /\[([a-z]+-\d+)\]/.exec(request.prompt)?.[1] ?? '';
    const fate = FATES[name.split('-')[0] ?? ''];
    if (request.isJudge) {
      judgements.set(name, (judgements.get(name) ?? 0) + 1);
      const draft = Number(/draft (\d+) of/.exec(request.prompt)?.[1]);
      if (draft === fate?.goodDraft) return verdict({ passed: true });
      return verdict({ passed: false, feedback: `mend ${name} draft ${draft}`, issues: [`flaw in ${name}`] });
    }
    const calls = [...(executions.get(name) ?? []), request];
    executions.set(name, calls);
    return fate?.execute?.(calls.length) ?? message({ text: `draft ${calls.length} of ${name}` });
  });

  const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
  const run = await cli.run(['run', '-j', '8', '--json', '--max-failures', '1000'], { env });
  expect(run.stderr).toBe('');
  expect(run.code).toBe(1);

  const fates = Object.values(FATES);
  const sum = (of: (fate: Fate) => number): number =>
    fates.reduce((total, fate) => total + of(fate) * fate.count, 0);
  const completed = sum(({ status }) => (status === 'completed' ? 1 : 0));
  expect(jsonLines(run.stdout).at(-1)).toMatchObject({
    event: 'run:end',
    stats: {
      processed: 200,
      completed,
      failed: 200 - completed,
      retried: sum(({ attempts }) => (attempts > 1 ? 1 : 0)),
      attempts: sum(({ attempts }) => attempts),
      successRate: completed / 200,
    },
  });

  const tasks = await cli.tasks();
  expect(tasks).toHaveLength(200);
  for (const task of tasks) {
    const name = /\[([a-z]+-\d+)\]/.exec(String(task.description))?.[1] ?? '';
    const fate = FATES[name.split('-')[0] ?? ''] as Fate;
    const calls = executions.get(name) ?? [];
    expect({
      name,
      status: task.status,
      attempts: task.attempts,
      executions: calls.length,
      judgements: judgements.get(name) ?? 0,
      errorKind: (task.error as { kind?: string } | undefined)?.kind,
    }).toEqual({
      name,
      status: fate.status,
      attempts: fate.attempts,
      executions: fate.executions,
      judgements: fate.judgements,
      errorKind: fate.errorKind,
    });
    if (fate.attempts > 1 && calls.length > fate.judgements) {
      expect(calls[1]?.prompt).toContain('the model refused (cyber): This asks for harm.');
    }
    if (fate.judgements > 1) {
      expect(calls[1]?.prompt).toContain(`draft 1 of ${name}`);
      expect(calls[1]?.prompt).toContain(`mend ${name} draft 1`);
      expect(calls[1]?.prompt).toContain(`- flaw in ${name}`);
    }
  }

  expect(server().violations).toEqual([]);
  expect(server().peak).toBe(8);
  const written = cli.read('tasks.json') + run.stdout;
  expect(written).toContain('[redacted]');
  expect(written).not.toContain(TEST_KEY);
});
