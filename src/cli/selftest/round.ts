import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import { JsonTaskStore } from '../../stores/json/json-task-store.ts';
import { strike } from './blows.ts';
import { Crew, Halted } from './crew.ts';
import type { Dice } from './dice.ts';
import { judge } from './judge.ts';
import type { Blow } from './plan.ts';
import type { Violation } from './violation.ts';

export interface RoundParts {
  /** To be made; the store goes there. */
  folder: string;
  blows: Blow[];
  dice: Dice;
  /** Ends it: it rejects with the reason. */
  signal: AbortSignal;
  onBlow: (blow: Blow) => void;
}

export interface RoundResult {
  workers: number;
  /** In the store at the end. */
  tasks: number;
  violations: Violation[];
}

/** One store: takes its blows, is worked on until everything is done, and is held against what was acknowledged. */
export async function playRound({ folder, blows, dice, signal, onBlow }: RoundParts): Promise<RoundResult> {
  mkdirSync(folder);
  const store = join(folder, 'tasks.json');
  const crew = new Crew(store, signal);
  const violations: Violation[] = [];
  let tasks: Task[] | undefined;
  try {
    for (const blow of blows) {
      await strike(blow, crew, store, dice);
      onBlow(blow);
    }
    await finish(crew);
    tasks = await inspect(store, violations);
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    if (error.violation) violations.push(error.violation);
  } finally {
    await crew.disband();
  }
  violations.push(...judge(crew.told, tasks));
  return { workers: crew.size, tasks: tasks?.length ?? 0, violations };
}

async function finish(crew: Crew): Promise<void> {
  for (const worker of crew.working) worker.dismiss();
  await crew.untilEnded();
  crew.hire({ adds: [], finish: true });
  await crew.untilEnded();
}

/** @returns undefined when it cannot be read. */
async function inspect(path: string, violations: Violation[]): Promise<Task[] | undefined> {
  try {
    const store = await JsonTaskStore.open(path, { create: false });
    const tasks: Task[] = [];
    for await (const task of store.list()) tasks.push(task);
    await store.close();
    const file: { tasks: Task[] } = JSON.parse(readFileSync(path, 'utf8'));
    if (!isDeepStrictEqual(file.tasks, tasks)) {
      violations.push({
        rule: 'store',
        message: 'tasks.json does not show what is in the store after all have closed it',
      });
    }
    return tasks;
  } catch (error) {
    violations.push({ rule: 'store', message: `The store cannot be read in the end: ${messageOf(error)}` });
    return undefined;
  }
}
