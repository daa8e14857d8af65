import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent } from '../../model/event.ts';
import type { Task } from '../../model/task.ts';
import { briefTask, cutTexts } from '../brief-task.ts';
import { printJson } from '../output.ts';
import { LimitEvents } from './limit-events.ts';
import type { Reporter } from './reporter.ts';

/** An event a line; or the tasks that have ended, for somebody else to print. */
export class JsonReporter implements Reporter {
  readonly #limits = new LimitEvents({ print: printJson, now: Date.now });
  readonly #onTaskEnd: ((task: Task) => void) | undefined;
  #run: string | undefined;

  constructor({ onTaskEnd }: { onTaskEnd?: (task: Task) => void } = {}) {
    this.#onTaskEnd = onTaskEnd;
  }

  onEvent(event: RunEvent): void {
    if (this.#onTaskEnd) {
      if (event.event === 'task:complete' || event.event === 'task:fail') this.#onTaskEnd(event.task);
      return;
    }
    this.#run = event.run;
    // The last line of a run is its end.
    if (event.event === 'run:end') this.close();
    printJson(briefEvent(event));
  }

  onLimits(states: () => ModelState[]): void {
    if (this.#run !== undefined) this.#limits.onLimits(states, this.#run);
  }

  close(): void {
    this.#run = undefined;
    this.#limits.close();
  }
}

export function briefEvent(event: RunEvent): object {
  if (!('task' in event)) return cutTexts(event);
  const { event: name, at, run, task, ...rest } = event;
  return { event: name, at, run, task: briefTask(task), ...cutTexts(rest) };
}
