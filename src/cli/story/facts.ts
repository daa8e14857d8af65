import { type Task, usageOf } from '../../model/task.ts';
import { count, leaseText, usageLine, when } from '../format.ts';
import { oneLine } from '../safe-text.ts';

/** What a task was given to do it by, a line each. @param width most columns of a value. */
export function factLines(task: Task, now: number, width: number): string[] {
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
  return rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)}  ${oneLine(value, width)}`] : []));
}

function earlierText(attempts: number): string {
  return `${count(attempts, 'attempt')} before it was given one more round`;
}
