import type { Executor } from '../../src/ports/executor.ts';

/** Each task is a line: the most that its call may cost, and what it does cost, in US dollars. */
export function spender() {
  const asked: string[] = [];
  const executor: Executor = {
    async execute({ id, description }, { budget, signal }) {
      const [worst, costUsd = 0] = description.split(' ').map(Number);
      asked.push(id);
      const money = await budget!.reserve(worst, signal);
      if (money.refused !== undefined) {
        return { success: false, error: { kind: money.kind, message: money.refused } };
      }
      await money.settle(costUsd);
      return { success: true, output: 'x', usage: { inputTokens: 1, outputTokens: 1, costUsd } };
    },
  };
  return { executor, asked };
}
