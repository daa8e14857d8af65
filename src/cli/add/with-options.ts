import type { NewTask } from '../../model/task.ts';
import type { AddOptions } from './options.ts';

/** The options, with the schema itself. */
type TaskOptions = Omit<AddOptions, 'schema'> & Pick<NewTask, 'schema'>;

/** What the command line says of each task. */
export interface TaskDefaults {
  /** Where the task does not say it itself. */
  fields: Partial<NewTask>;
  /** Besides its own, as are these. */
  after: string[] | undefined;
  tags: string[] | undefined;
  metadata: Record<string, string> | undefined;
}

export function defaultsOf(options: TaskOptions): TaskDefaults {
  const { priority, notBefore, id, maxAttempts, criteria, check, expect, schema } = options;
  const fields = { priority, notBefore, id, maxAttempts, criteria, check, expect, schema };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const { after, tag, meta: metadata } = options;
  return {
    fields: Object.fromEntries(given),
    after: after && [...new Set(after)],
    tags: tag && [...new Set(tag)],
    metadata,
  };
}

/** Lists and metadata are put together. Many rows share what they have of the command line alone. */
export function withDefaults(task: NewTask, { fields, after, tags, metadata }: TaskDefaults): NewTask {
  const whole: NewTask = { ...fields, ...task };
  if (after) whole.after = together(task.after, after);
  if (tags) whole.tags = together(task.tags, tags);
  if (metadata) whole.metadata = task.metadata ? { ...metadata, ...task.metadata } : metadata;
  return whole;
}

function together(own: string[] | undefined, others: string[]): string[] {
  return own ? [...new Set([...own, ...others])] : others;
}
