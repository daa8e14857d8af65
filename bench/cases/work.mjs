import { OrchestratorBuilder } from 'orch';

/**
 * Works on a store until nothing is left, with an executor that does nothing.
 * @param resultBytes length of each result, which differs from task to task.
 * @returns tasks that this run completed.
 */
export async function work(store, concurrency, resultBytes = 2) {
  const execute = async (task) => ({
    success: true,
    output: task.id.padEnd(resultBytes, '.').slice(0, resultBytes),
  });
  const orchestrator = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor({ execute })
    .withConfig({ concurrency })
    .build();
  const { completed } = await orchestrator.run();
  return completed;
}
