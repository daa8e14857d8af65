import type { Budget } from '../../src/ports/budget.ts';

/** Money without end. What is done with it is put into the log, in order: `['reserve', usd]`, `['settle', usd]`. */
export function recordingBudget(): { budget: Budget; log: unknown[] } {
  const log: unknown[] = [];
  const budget: Budget = {
    async reserve(usd) {
      log.push(['reserve', usd]);
      return { settle: async (cost) => void log.push(['settle', cost]) };
    },
  };
  return { budget, log };
}
