import type { RunEvent } from '../../model/event.ts';
import { briefTask, cutTexts } from '../brief-task.ts';
import { printJson } from '../output.ts';
import type { Reporter } from './reporter.ts';

/** An event a line. */
export class JsonReporter implements Reporter {
  onEvent(event: RunEvent): void {
    printJson(briefEvent(event));
  }
}

export function briefEvent(event: RunEvent): object {
  if (!('task' in event)) return cutTexts(event);
  const { event: name, at, run, task, ...rest } = event;
  return { event: name, at, run, task: briefTask(task), ...cutTexts(rest) };
}
