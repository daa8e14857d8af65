import { bestMetadata, bestOutput } from '../../model/best-attempt.ts';
import { BASE64, isBinary } from '../../model/encoding.ts';
import { type Task, usageOf } from '../../model/task.ts';
import { errorText } from '../format.ts';

/** What each column holds of a task; what it has not is an empty cell. */
const COLUMNS: Record<string, (task: Task) => unknown> = {
  id: ({ id }) => id,
  status: ({ status }) => status,
  description: ({ description }) => description,
  result: ({ result }) => result,
  encoding: (task) => (isBinary(bestMetadata(task)) ? BASE64 : undefined),
  verified: ({ verified }) => verified,
  confidence: ({ confidence }) => confidence,
  error: errorText,
  best: (task) => (task.status === 'failed' ? bestOutput(task) : undefined),
  attempts: ({ attempts }) => attempts,
  maxAttempts: ({ maxAttempts }) => maxAttempts,
  priority: ({ priority }) => priority,
  after: ({ after }) => after?.join(','),
  notBefore: ({ notBefore }) => notBefore,
  criteria: ({ criteria }) => criteria,
  check: ({ check }) => check,
  expect: ({ expect }) => expect,
  schema: ({ schema }) => schema,
  tags: ({ tags }) => tags?.join(','),
  createdAt: ({ createdAt }) => createdAt,
  startedAt: ({ startedAt }) => startedAt,
  endedAt: ({ endedAt }) => endedAt,
  inputTokens: (task) => usageOf(task)?.inputTokens,
  outputTokens: (task) => usageOf(task)?.outputTokens,
  costUsd: (task) => usageOf(task)?.costUsd,
};

/** The names in the metadata of any of these tasks, in the order in which they come. */
export async function metadataFields(tasks: AsyncIterable<Task>): Promise<string[]> {
  const fields = new Set<string>();
  for await (const { metadata = {} } of tasks) for (const field of Object.keys(metadata)) fields.add(field);
  return [...fields];
}

/** A row a task, as RFC 4180 has it; the first one names the columns, and each field of metadata has one. */
export async function* csvLines(tasks: AsyncIterable<Task>, fields: string[]): AsyncGenerator<string> {
  yield rowOf([...Object.keys(COLUMNS), ...fields.map((field) => `metadata.${field}`)]);
  const columns = Object.values(COLUMNS);
  for await (const task of tasks) {
    const { metadata = {} } = task;
    const own = fields.map((field) => (Object.hasOwn(metadata, field) ? metadata[field] : undefined));
    yield rowOf([...columns.map((column) => column(task)), ...own]);
  }
}

function rowOf(values: unknown[]): string {
  return values.map(cellOf).join(',');
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
