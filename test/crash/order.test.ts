import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';
import { enough } from '../support/thorough.ts';

const TASKS = 1000;
const CONCURRENCY = 16;

/**
 * Sees for itself that all that the task comes after has been done, by the files that those left; the ids come in a variable. The file
 * of its own is made before the task is settled: whether that was waited for is seen from the store.
 */
const EXEC = [
  'for id in $ORCH_METADATA_NEEDS; do [ -e "done/$id" ] || echo "$ORCH_TASK_ID before $id" >>violations; done',
  ': >"done/$ORCH_TASK_ID"',
  'echo "$ORCH_TASK_ID"',
].join('\n');

interface Plan {
  /** For each task in the order of work, how far back those are that it comes after. */
  edges: number[][];
  /** The place of each in the file. */
  places: number[];
  priorities: number[];
  /** After how many more completed tasks each run is killed. */
  kills: number[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  edges: fc.array(fc.array(fc.integer({ min: 1, max: TASKS / 5 }), { maxLength: 4 }), {
    minLength: TASKS,
    maxLength: TASKS,
  }),
  places: fc.infiniteStream(fc.nat(1_000_000)).map((stream) => [...stream.take(TASKS)]),
  priorities: fc.infiniteStream(fc.integer({ min: -2, max: 2 })).map((stream) => [...stream.take(TASKS)]),
  kills: fc.array(fc.integer({ min: 3 * CONCURRENCY, max: 0.15 * TASKS }), { minLength: 3, maxLength: 5 }),
});

interface Row {
  id: string;
  description: string;
  priority: number;
  after: string[];
  metadata: { needs: string };
}

/** Tasks in any order: one may come after others on later lines. */
function rowsOf({ edges, places, priorities }: Plan): Row[] {
  const rows = edges.map((backs, i): Row => {
    const after = [...new Set(backs.filter((back) => back <= i).map((back) => `t${i - back}`))];
    return {
      id: `t${i}`,
      description: 'x',
      priority: priorities[i]!,
      after,
      metadata: { needs: after.join(' ') },
    };
  });
  return rows
    .map((row, i) => ({ row, place: places[i]! }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => row);
}

/** Kills the run once it has completed so many tasks. */
async function killedAfter(run: ChildProcess, completed: number): Promise<void> {
  let left = completed;
  run.stdout?.on('data', (chunk: Buffer) => {
    left -= chunk.toString().split('"event":"task:complete"').length - 1;
    if (left <= 0) run.kill('SIGKILL');
  });
  await once(run, 'close');
  expect(run.signalCode).toBe('SIGKILL');
}

test('of 1,000 tasks with random edges each runs after all it depends on, while runs of 16 slots are killed', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const cli = new Cli();
      const rows = rowsOf(plan);
      cli.write('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
      expect((await cli.run(['add', '-f', 'rows.jsonl'])).stderr).toBe('');
      await cli.sh('mkdir done; : >violations');

      const args = ['run', '--exec', EXEC, '-j', `${CONCURRENCY}`, '--json'];
      for (const completed of plan.kills) await killedAfter(cli.start(args), completed);
      let last = await cli.run(args);
      // A task that was in hand at three kills is set aside as crashed, as it should be.
      if (last.code === 1 && (await cli.run(['reset'])).code === 0) last = await cli.run(args);
      expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' });
      expect(jsonLines(last.stdout).at(-1)).toMatchObject({ event: 'run:end' });

      expect(cli.read('violations')).toBe('');
      const tasks = new Map((await cli.tasks()).map((task) => [task.id, task as unknown as Done]));
      expect([...tasks.values()].every(({ status }) => status === 'completed')).toBe(true);
      const early = rows.flatMap(({ id, after }) =>
        after.filter((other) => startedBefore(tasks.get(id)!, tasks.get(other)!)),
      );
      expect(early).toEqual([]);
    }),
    { numRuns: enough(1, 2), endOnFailure: true },
  );
}, 480_000);

interface Done {
  status: string;
  /** When it was claimed first. */
  startedAt: string;
  endedAt: string;
}

function startedBefore({ startedAt }: Done, other: Done): boolean {
  return Date.parse(startedAt) < Date.parse(other.endedAt);
}
