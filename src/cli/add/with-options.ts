import type { NewTask } from '../../model/task.ts';
import type { AddOptions } from './options.ts';

/** The options, with the schema itself. */
type TaskOptions = Omit<AddOptions, 'schema'> & Pick<NewTask, 'schema'>;

/** With what the options say. The tasks given stay as they are: what is wrong with them is told of their lines. */
export function tasksOf(tasks: NewTask[], options: TaskOptions): NewTask[] {
  const given = givenFields(options);
  const { after, tag, meta } = options;
  const isPlain = Object.keys(given).length === 0 && !after && !tag && !meta;
  return isPlain ? tasks : tasks.map((task) => withOptions({ ...given, ...task }, options));
}

/** What the options say of each task that does not say it itself. */
function givenFields({
  priority,
  notBefore,
  id,
  maxAttempts,
  criteria,
  check,
  expect,
  schema,
}: TaskOptions): Partial<NewTask> {
  const fields = { priority, notBefore, id, maxAttempts, criteria, check, expect, schema };
  const given = Object.entries(fields);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Lists and metadata are put together. */
function withOptions(task: NewTask, options: TaskOptions): NewTask {
  if (options.after) task.after = [...new Set([...(task.after ?? []), ...options.after])];
  if (options.tag) task.tags = [...new Set([...(task.tags ?? []), ...options.tag])];
  if (options.meta) task.metadata = { ...options.meta, ...task.metadata };
  return task;
}
