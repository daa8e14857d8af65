import { placeholdersIn, replacePlaceholders } from '../model/placeholders.ts';
import type { Task } from '../model/task.ts';
import type { ResultOf } from '../ports/result-of.ts';
import { fenced } from './fence.ts';

/** Bytes of one result that are put into a prompt. */
export const MAX_RESULT_BYTES = 64 * 1024;

/** Bytes of all results of a task together. */
export const MAX_RESULTS_BYTES = 4 * MAX_RESULT_BYTES;

/** The result of an earlier task, for the place in a description that asks for it. */
export interface TaskResult {
  id: string;
  /** Its beginning, at most `MAX_RESULT_BYTES` long. */
  text: string;
  /** Length of the whole, in bytes of UTF-8. */
  bytes: number;
}

/** What the description asks for. @param resultOf undefined: nobody gives results, and the placeholders stay. */
export async function taskResults(task: Task, resultOf: ResultOf | undefined): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  let left = MAX_RESULTS_BYTES;
  for (const id of resultOf ? placeholdersIn(task) : []) {
    const bytes = bytesOf(await resultOf!(id));
    const taken = Math.min(bytes.length, MAX_RESULT_BYTES, left);
    results.push({ id, text: beginning(bytes, taken), bytes: bytes.length });
    left -= taken;
  }
  return results;
}

/** The most bytes that results can add to the prompt of a task. */
export function mostResultBytes(task: Task): number {
  return Math.min(placeholdersIn(task).length * MAX_RESULT_BYTES, MAX_RESULTS_BYTES);
}

/**
 * The description with each result, fenced, in its place, and said to be cut where it is. One that is asked for again is named there and not
 * repeated: a description could ask for it any number of times.
 * @param name of the fences; must stand in none of the texts.
 */
export function filledDescription(
  { description }: Pick<Task, 'description'>,
  results: readonly TaskResult[],
  name: string,
): string {
  const byId = new Map(results.map((result) => [result.id, result]));
  const placed = new Set<string>();
  return replacePlaceholders(description, (id) => {
    const result = byId.get(id);
    if (!result) return undefined;
    if (placed.has(id)) return `[the result of ${id}, as above]`;
    placed.add(id);
    return fencedResult(result, name);
  });
}

function fencedResult({ id, text, bytes }: TaskResult, name: string): string {
  const fence = fenced({ label: `result-of-${id}`, text }, name);
  const kept = Buffer.byteLength(text);
  return kept < bytes ? `${fence}\n[cut: these are the first ${kept} of its ${bytes} bytes]` : fence;
}

/** What is no text is told in base64. */
function bytesOf(result: string | Buffer): Buffer {
  return Buffer.from(typeof result === 'string' ? result : result.toString('base64'));
}

/** A character that the cut would split is left out. */
function beginning(bytes: Buffer, length: number): string {
  if (length === bytes.length) return bytes.toString();
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true });
}
