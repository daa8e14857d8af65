import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExportFormat, exported } from '../../../src/cli/export/formats.ts';
import { eachCsvRow } from '../../../src/cli/input/csv-rows.ts';
import { readImport } from '../../../src/cli/input/read-import.ts';
import type { Task } from '../../../src/model/task.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { sourceOf } from '../../support/source.ts';
import { listed } from '../../support/store-parts.ts';
import { makeTask } from '../../support/task.ts';
import { wholeTasks } from '../../support/whole-task.ts';

async function textOf(tasks: Task[], format: ExportFormat): Promise<string> {
  const store = new MemoryTaskStore({ tasks });
  let text = '';
  for await (const line of exported(() => store.list(), format)) text += `${line}\n`;
  return text;
}

test.each(['jsonl', 'json'] as const)(
  '%s: what is exported is imported as the same tasks',
  async (format) => {
    const property = fc.asyncProperty(
      wholeTasks,
      fc.integer({ min: 1, max: 100 }),
      async (tasks, pieceBytes) => {
        const text = await textOf(tasks, format);
        const read = await readImport(sourceOf(text, pieceBytes), format, () => {});
        const store = new MemoryTaskStore();
        await store.import(read.tasks);
        expect(await listed(store)).toEqual(tasks);
      },
    );
    await fc.assert(property);
  },
);

test('csv: any task comes out in its row, each field of metadata in a column', async () => {
  const property = fc.asyncProperty(wholeTasks, async (tasks) => {
    const rows: Array<Record<string, unknown>> = [];
    await eachCsvRow(sourceOf(await textOf(tasks, 'csv')), (row) => rows.push(row));
    expect(rows).toHaveLength(tasks.length);
    for (const [i, task] of tasks.entries()) {
      const row = rows[i] ?? {};
      // A lone surrogate has no UTF-8.
      const plain = (text = '') => text.toWellFormed();
      expect(row).toMatchObject({ id: task.id, status: task.status, result: plain(task.result) });
      expect(row.description ?? '').toBe(plain(task.description));
      for (const [field, value] of Object.entries(task.metadata ?? {})) {
        const cell = typeof value === 'string' ? plain(value) : value === null ? '' : JSON.stringify(value);
        expect(row[`metadata.${field}`]).toBe(cell);
      }
    }
  });
  await fc.assert(property);
});

test('md: no text ends its fence, or becomes a heading', async () => {
  const text = '# no heading\n````\n## nor this\n```';
  const task = makeTask({
    status: 'completed',
    description: text,
    result: text,
    verified: true,
    attempts: 1,
  });
  const lines = (await textOf([task], 'md')).split('\n');
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    if (fence === undefined && line.startsWith('`')) fence = line.replace('text', '');
    else if (line === fence) fence = undefined;
    else if (fence === undefined && line !== '') outside.push(line);
  }
  expect(outside).toEqual(['## task-001', 'completed, 1 attempt', '**Task**', '**Result**']);
});
