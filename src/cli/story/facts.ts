import { type Task, usageOf } from '../../model/task.ts';
import { count, leaseText, usageLine, when } from '../format.ts';
import { oneLine } from '../safe-text.ts';
import { wrapped } from '../wrap.ts';

/** Between the start of a line and a value, and the name within it. */
const VALUE_COLUMN = 14;
const NAME_COLUMNS = 10;

/** What a task was given to do it by, a line each. @param most columns of a value that are shown. @param columns of the screen. */
export function factLines(
  task: Task,
  now: number,
  { most, columns }: { most: number; columns: number },
): string[] {
  const { lease } = task;
  const usage = usageOf(task);
  const time = (iso: string) => when(iso, now);
  const held = lease && `${lease.run}, ${leaseText({ since: lease.since, until: lease.expiresAt }, now)}`;
  const rows: [string, string | undefined][] = [
    ['added', time(task.createdAt)],
    ['priority', task.priority === 0 ? undefined : String(task.priority)],
    ['attempts', task.maxAttempts === undefined ? undefined : `at most ${task.maxAttempts}`],
    ['earlier', task.earlierAttempts === undefined ? undefined : earlierText(task.earlierAttempts)],
    ['after', task.after?.join(', ')],
    ['not before', task.notBefore && time(task.notBefore)],
    ['criteria', task.criteria],
    ['check', task.check],
    ['sealed', task.seal?.files && Object.keys(task.seal.files).join(', ')],
    ['expect', task.expect],
    ['schema', task.schema && JSON.stringify(task.schema)],
    ['tags', task.tags?.join(', ')],
    ['metadata', task.metadata && JSON.stringify(task.metadata)],
    ['feedback', task.feedback],
    ['held by', held],
    ['used', usage && usageLine(usage)],
  ];
  return rows.flatMap(([name, value]) => {
    if (!value) return [];
    const [first = '', ...others] = wrapped(oneLine(value, most), columns - VALUE_COLUMN);
    return [
      `  ${name.padEnd(NAME_COLUMNS)}  ${first}`,
      ...others.map((line) => ' '.repeat(VALUE_COLUMN) + line),
    ];
  });
}

function earlierText(attempts: number): string {
  return `${count(attempts, 'attempt')} before it was given one more round`;
}
