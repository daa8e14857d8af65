import type { NewTask, Task } from '../model/task.ts';
import { created } from '../model/transitions.ts';
import type { Added } from '../ports/task-store.ts';
import { taskOf } from './entry.ts';
import type { PackedTasks } from './packed-tasks.ts';
import type { AddPlan } from './plan-add.ts';

/** What came of packed tasks, made when it is asked for. @param at when they were added. ISO 8601. */
export function answerOf(plan: AddPlan, wanted: PackedTasks, at: string): Added {
  const { length, there } = plan;
  const made = (index: number, task: NewTask): Task => created(task, plan.idOf(index), at);
  const taskAt = (index: number): Task => {
    const same = there.get(index) ?? index;
    return typeof same === 'number' ? made(same, wanted.get(same)) : taskOf(same);
  };
  return {
    count: length,
    *ids() {
      for (let index = 0; index < length; index++) yield plan.idOf(index);
    },
    *tasks() {
      let index = 0;
      for (const text of wanted.texts()) {
        yield there.has(index) ? taskAt(index) : made(index, JSON.parse(text));
        index++;
      }
    },
    *there() {
      for (const index of there.keys()) yield { given: wanted.get(index), kept: taskAt(index) };
    },
  };
}
