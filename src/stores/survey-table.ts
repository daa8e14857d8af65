import type { Ahead, Survey, SurveyRequest } from '../ports/survey.ts';
import { taskOf } from './entry.ts';
import { Surveyor } from './surveyor.ts';
import type { TaskTable } from './task-table.ts';

/** A survey of a table. @param now milliseconds since the epoch. */
export function surveyTable(table: TaskTable, request: SurveyRequest, now: number): Survey {
  const { only, withEarlier } = request;
  const meant = only && withEarlier ? { ...request, only: andEarlier(only, table) } : request;
  const surveyor = new Surveyor(meant, now);
  for (const entry of [...table.entries()]) {
    if (surveyor.isWanted(entry.id, entry.status)) surveyor.see(taskOf(entry));
    else surveyor.know(entry.id, entry.status);
  }
  return surveyor.done();
}

/** What is claimed before a task. */
export function aheadIn(table: TaskTable, id: string, now: number): Ahead {
  const { ready } = surveyTable(table, { most: Number.POSITIVE_INFINITY }, now);
  const place = ready.findIndex((task) => task.id === id);
  if (place === -1) return { higher: 0, older: 0 };
  const { priority } = ready[place]!;
  const higher = ready.filter((task) => task.priority > priority).length;
  return { higher, older: place - higher };
}

function andEarlier(ids: ReadonlySet<string>, table: TaskTable): ReadonlySet<string> {
  const all = new Set(ids);
  // A set that grows while it is gone through is gone through to its end.
  for (const id of all) for (const earlier of table.entry(id)?.after ?? []) all.add(earlier);
  return all;
}
