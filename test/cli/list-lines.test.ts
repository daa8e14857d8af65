import { expect, test } from 'vitest';
import { listLines } from '../../src/cli/list-lines.ts';
import { selectTasks } from '../../src/cli/select.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { SurveyRequest } from '../../src/ports/survey.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';

test('orch list looks a few times at a store in which many tasks wait for others: each look may read all of it', async () => {
  const store = new MemoryTaskStore();
  const waiting = { description: 'x', after: ['first'] };
  await store.add([{ id: 'first', description: 'x' }, ...Array.from({ length: 10_000 }, () => waiting)]);
  let looks = 0;
  const counted = {
    runs: () => store.runs(),
    survey: (request: SurveyRequest) => {
      looks += 1;
      return store.survey(request);
    },
  };
  const lines: string[] = [];
  const options = { paint: await paint(false), columns: 80 };
  for await (const line of listLines(selectTasks(store, {}), counted, options)) lines.push(line);
  expect(lines).toHaveLength(10_001);
  expect(lines.at(-1)).toMatch(/^· task-\d+ +blocked +x - blocked by first \(pending\)$/);
  // 20 and then twice as many each time: after 9 of them they are 10,220.
  expect(looks).toBe(9);
});

test('no line is wider than the terminal, blanks included, however long the id', async () => {
  const store = new MemoryTaskStore();
  await store.add([
    { id: 'a'.repeat(64), description: 'x' },
    { id: 'b'.repeat(20), description: 'y'.repeat(50) },
  ]);
  const lines: string[] = [];
  const options = { paint: await paint(false), columns: 40 };
  for await (const line of listLines(selectTasks(store, {}), store, options)) lines.push(line);
  expect(lines).toEqual([`· ${'a'.repeat(37)}…`, `· ${'b'.repeat(20)}  pending     yyy…`]);
});
