import type { Command } from 'commander';
import { isOrchError, OrchError } from '../model/errors.ts';
import { TASK_STATUSES, type Task, type TaskStatus } from '../model/task.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { isInRange, parseRange, type Range } from './range.ts';
import { splitNames, usage } from './values.ts';

/** What `--status` and `--tag` say. */
export interface SelectOptions {
  status?: TaskStatus[];
  tag?: string[];
}

/** Which tasks a command is about. What is left out narrows nothing. */
export interface Selection {
  /** Ids, and ranges of them. */
  words?: readonly string[] | undefined;
  /** In any of these. */
  statuses?: readonly TaskStatus[] | undefined;
  /** With any of these. */
  tags?: readonly string[] | undefined;
}

/** How often a selection is made again because tasks changed before anything was done to them. */
const MOST_TRIES = 20;

/** Gives a command `--status` and `--tag`, each to be repeated, or with commas. */
export function addSelectors(command: Command): Command {
  return command
    .option(
      '--status <status>',
      `only these: ${TASK_STATUSES.join(', ')}; repeat it, or use commas`,
      statuses,
    )
    .option('--tag <tag>', 'only those with this tag; repeat it, or use commas', tags);
}

export function selectionOf(words: readonly string[], { status, tag }: SelectOptions): Selection {
  return { words, statuses: status, tags: tag };
}

export function selectsAll({ words = [], statuses, tags }: Selection): boolean {
  return words.length === 0 && !statuses && !tags;
}

/**
 * The selected tasks, in the order they were added. Unknown words are told before the first task.
 * @throws `not-found`: there is no such task, or none in a range. `usage`: a range that is none.
 */
export async function* selectTasks(store: TaskStore, selection: Selection): AsyncIterable<Task> {
  const { words = [], statuses, tags } = selection;
  const ids = words.length > 0 ? await idsOf(store, words) : undefined;
  const status = statuses?.length === 1 ? statuses[0] : undefined;
  for await (const task of store.list(status && { status })) {
    if (ids && !ids.has(task.id)) continue;
    if (statuses && !statuses.includes(task.status)) continue;
    if (tags && !tags.some((tag) => task.tags?.includes(tag))) continue;
    yield task;
  }
}

/** Their ids: as they were named where nothing else selects, otherwise in the order they were added. @throws as `selectTasks` */
export async function selectIds(store: TaskStore, selection: Selection): Promise<string[]> {
  const { words = [], statuses, tags } = selection;
  if (words.length > 0 && !statuses && !tags && !words.some((word) => word.includes('..'))) {
    return [...(await idsOf(store, words))];
  }
  const ids: string[] = [];
  for await (const { id } of selectTasks(store, selection)) ids.push(id);
  return ids;
}

/**
 * Selects tasks, and does something to all of them. Where that is refused because they changed in between, they are selected again.
 * @returns undefined where none is selected.
 */
export async function onSelected<T>(
  store: TaskStore,
  selection: Selection,
  act: (ids: string[]) => Promise<T>,
): Promise<T | undefined> {
  let ids = await selectIds(store, selection);
  for (let tries = 1; ids.length > 0; tries++) {
    try {
      return await act(ids);
    } catch (error) {
      if (tries === MOST_TRIES || !isOrchError(error) || !PASSING.includes(error.code)) throw error;
      const again = await selectIds(store, selection);
      if (again.join() === ids.join()) throw error;
      ids = again;
    }
  }
  return undefined;
}

const PASSING = ['conflict', 'not-found'];

async function idsOf(store: TaskStore, words: readonly string[]): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const ranges: Range[] = [];
  for (const word of words) {
    // An id may have two dots of its own.
    const isId = (await store.get(word)) !== undefined;
    const range = isId ? undefined : parseRange(word);
    if (!isId && !range) throw noTask(JSON.stringify(word));
    if (range) ranges.push(range);
    else ids.add(word);
  }
  return ranges.length > 0 ? inRanges(store, ranges, ids) : ids;
}

async function inRanges(
  store: TaskStore,
  ranges: readonly Range[],
  ids: Set<string>,
): Promise<ReadonlySet<string>> {
  const empty = new Set(ranges);
  for await (const { id } of store.list()) {
    for (const range of ranges) {
      if (!isInRange(id, range)) continue;
      empty.delete(range);
      ids.add(id);
    }
  }
  for (const { text } of empty) throw noTask(`in ${text}`);
  return ids;
}

/** @throws `not-found` */
export async function findTask(store: TaskStore, id: string): Promise<Task> {
  const task = await store.get(id);
  if (task) return task;
  throw noTask(JSON.stringify(id));
}

function noTask(which: string): OrchError {
  return new OrchError('not-found', `There is no task ${which}; orch list shows those there are`);
}

function statuses(text: string, before: TaskStatus[] = []): TaskStatus[] {
  const named = (splitNames(text) ?? [text]).map((name) => {
    const status = TASK_STATUSES.find((each) => each === name);
    if (!status)
      throw usage(`Expected --status to be one of ${TASK_STATUSES.join(', ')}, got ${JSON.stringify(name)}`);
    return status;
  });
  return [...new Set([...before, ...named])];
}

function tags(text: string, before: string[] = []): string[] {
  const named = splitNames(text);
  if (!named) throw usage(`Expected --tag to be tags separated by commas, got ${JSON.stringify(text)}`);
  return [...new Set([...before, ...named])];
}
