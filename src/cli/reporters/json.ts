import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent } from '../../model/event.ts';
import { briefTask, cutTexts } from '../brief-task.ts';
import { printJson } from '../output.ts';
import { LimitEvents } from './limit-events.ts';
import type { Reporter } from './reporter.ts';

/** An event a line. */
export class JsonReporter implements Reporter {
  readonly #limits = new LimitEvents({ print: printJson, now: Date.now });
  #run: string | undefined;

  onEvent(event: RunEvent): void {
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
