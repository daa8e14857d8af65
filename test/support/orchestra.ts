import { OrchestratorBuilder } from '../../src/core/builder.ts';
import type { OrchestratorConfig } from '../../src/core/config.ts';
import type { Orchestrator } from '../../src/core/orchestrator.ts';
import type { EventName, RunEvent } from '../../src/model/event.ts';
import type { NewTask, Task } from '../../src/model/task.ts';
import type { Executor } from '../../src/ports/executor.ts';
import type { SafetyCheck } from '../../src/ports/safety-check.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { FakeExecutor } from './fake-executor.ts';
import { ManualRuntime } from './manual-runtime.ts';

export interface Orchestra {
  store: TaskStore;
  executor: FakeExecutor;
  runtime: ManualRuntime;
  orchestrator: Orchestrator;
  events: RunEvent[];
  /** The names of the events so far. */
  names(): EventName[];
  /** The next event of that name that no `event` has returned yet. */
  event<N extends EventName>(name: N): Promise<RunEvent<N>>;
  task(id: string): Promise<Task>;
}

export interface OrchestraOptions {
  tasks?: Array<string | NewTask>;
  config?: Partial<OrchestratorConfig>;
  executor?: Executor;
  verifier?: Verifier;
  safety?: SafetyCheck;
  store?: TaskStore;
  runtime?: ManualRuntime;
}

/** An orchestrator on a memory store with a driven executor, a time that stands still, and a record of its events. */
export async function orchestra(options: OrchestraOptions = {}): Promise<Orchestra> {
  const runtime = options.runtime ?? new ManualRuntime();
  const store = options.store ?? new MemoryTaskStore({ clock: runtime.clock });
  const executor = new FakeExecutor();
  const tasks = (options.tasks ?? []).map((task) =>
    typeof task === 'string' ? { description: task } : task,
  );
  await store.add(tasks);

  const events: RunEvent[] = [];
  const taken = new Map<EventName, number>();
  const waiting: Array<() => void> = [];
  const builder = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(options.executor ?? executor)
    .withConfig({ concurrency: 1, ...options.config })
    .withRuntime(runtime)
    .onEvent((event) => {
      events.push(event);
      for (const look of waiting.splice(0)) look();
    });
  if (options.verifier) builder.withVerifier(options.verifier);
  if (options.safety) builder.withSafety(options.safety);

  return {
    store,
    executor,
    runtime,
    orchestrator: builder.build(),
    events,
    names: () => events.map(({ event }) => event),
    event: async <N extends EventName>(name: N): Promise<RunEvent<N>> => {
      const index = taken.get(name) ?? 0;
      taken.set(name, index + 1);
      for (;;) {
        const found = events.filter(({ event }) => event === name)[index];
        if (found) return found as RunEvent<N>;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    task: async (id) => {
      const task = await store.get(id);
      if (!task) throw new Error(`no task ${id}`);
      return task;
    },
  };
}

/** A verifier that passes everything. */
export const lenient: Verifier = {
  verify: async () => ({ passed: true, confidence: 1, feedback: 'fine', issues: [] }),
};

/** A verifier that rejects the first so many results of each task. */
export function rejecting(times: number): Verifier {
  const seen = new Map<string, number>();
  return {
    verify: async (task) => {
      const count = (seen.get(task.id) ?? 0) + 1;
      seen.set(task.id, count);
      if (count > times) return { passed: true, confidence: 1, feedback: 'fine', issues: [] };
      return { passed: false, confidence: 1, feedback: `mend ${count}`, issues: [`issue ${count}`] };
    },
  };
}
