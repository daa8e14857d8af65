import type { Task } from './task.ts';

/**
 * What `metadata.encoding` of an execution, and of its attempt, says of an output that cannot be a text, because its bytes are no
 * UTF-8: the output is these bytes in base64.
 */
export const BASE64 = 'base64' as const;

type Metadata = Record<string, unknown> | undefined;

export function isBinary(metadata: Metadata): boolean {
  return metadata?.encoding === BASE64;
}

/** The bytes of an output, exactly as they were given. */
export function outputBytes(output: string, metadata: Metadata): Buffer {
  return Buffer.from(output, isBinary(metadata) ? BASE64 : 'utf8');
}

/** The output as a text, in which what is no UTF-8 is U+FFFD. */
export function outputText(output: string, metadata: Metadata): string {
  return isBinary(metadata) ? outputBytes(output, metadata).toString() : output;
}

/** The bytes of a task's result; undefined where it has none. */
export function resultBytes(task: Task): Buffer | undefined {
  return task.result === undefined ? undefined : outputBytes(task.result, resultMetadata(task));
}

/** What the executor said beside a task's result. */
export function resultMetadata(task: Task): Metadata {
  return task.history.findLast((attempt) => attempt.outcome === 'passed')?.metadata;
}
