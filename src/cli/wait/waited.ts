import type { Task } from '../../model/task.ts';
import type { Blocked } from '../../ports/survey.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { survey } from '../survey.ts';

/** A task of which nothing more is to come, as things are. */
export type Ended =
  | { id: string; how: 'completed' | 'failed'; task: Task }
  /** For good: no task that runs, or could run, leads to it. */
  | { id: string; how: 'blocked'; task: Task; blocked: Blocked }
  /** Before anybody saw how it ended. */
  | { id: string; how: 'removed' };

/** Tasks that somebody waits for. */
export class Waited {
  readonly #ids: readonly string[];
  readonly #ended = new Map<string, Ended['how']>();

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  /** Those that have not ended, as of the last look. One that was reset has not ended any more. */
  get open(): string[] {
    return this.#ids.filter((id) => !this.#ended.has(id));
  }

  /** Whether all of them are completed, as of the last look. */
  get allCompleted(): boolean {
    return this.#ids.every((id) => this.#ended.get(id) === 'completed');
  }

  /** @returns what has ended since the last look, in the order in which they are waited for. */
  async look(store: TaskStore): Promise<Ended[]> {
    const { ready, later, running, failed, stuck, hopeful } = await survey(store, {
      only: new Set(this.#ids),
      most: Number.POSITIVE_INFINITY,
    });
    const waiting = hopeful.map(({ task }) => task);
    const open = new Set([...ready, ...later, ...running, ...waiting].map(({ id }) => id));
    const stuckById = new Map(stuck.map((each) => [each.task.id, each]));
    const failedById = new Map(failed.map((task) => [task.id, task]));
    const news: Ended[] = [];
    for (const id of this.#ids) {
      if (open.has(id)) {
        this.#ended.delete(id);
        continue;
      }
      const [isStuck, task] = [stuckById.get(id), failedById.get(id)];
      if (isStuck) this.#note(news, { id, how: 'blocked', task: isStuck.task, blocked: isStuck });
      else if (task) this.#note(news, { id, how: 'failed', task });
      else if (this.#ended.get(id) !== 'completed') await this.#find(id, store, news);
    }
    return news;
  }

  /** It is completed, or gone; one that has ended otherwise and is gone stays as it was. */
  async #find(id: string, store: TaskStore, news: Ended[]): Promise<void> {
    const task = await store.get(id);
    if (task?.status === 'completed') this.#note(news, { id, how: 'completed', task });
    else if (!task && this.#ended.get(id) !== 'failed') this.#note(news, { id, how: 'removed' });
  }

  #note(news: Ended[], ended: Ended): void {
    if (this.#ended.get(ended.id) === ended.how) return;
    this.#ended.set(ended.id, ended.how);
    news.push(ended);
  }
}
