import { once } from 'node:events';
import { expect, test } from 'vitest';
import { LIST } from '../../src/claude/prices.ts';
import { worstCaseUsd } from '../../src/claude/worst-case.ts';
import type { Usage } from '../../src/model/usage.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { message } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli } from '../support/cli.ts';
import { enough } from '../support/thorough.ts';

/** Times that it is done. A hundred take some three minutes. */
const TIMES = enough(1, 100);

const PROCESSES = 4;
const CAP_USD = 1;
const MAX_TOKENS = 4_000;
const USD_A_TOKEN = 10 / 1e6;

const server = useFaultServer();

test.each(Array.from({ length: TIMES }, (_, i) => i + 1))(
  'four runs of sixteen at once keep below one cap, and spend nine tenths of it (%i)',
  async () => {
    const cli = new Cli();
    await cli.run(['add', '-'], { input: 'one\n'.repeat(400) });
    const begun = Promise.withResolvers<void>();
    const state = { billed: 0, inFlight: 0, peak: 0 };
    server().handle(async () => {
      state.peak = Math.max(state.peak, ++state.inFlight);
      await begun.promise;
      const output_tokens = Math.ceil(Math.random() * MAX_TOKENS);
      state.billed += output_tokens * USD_A_TOKEN;
      state.inFlight--;
      return message({ text: 'done', usage: { input_tokens: 0, output_tokens } });
    });
    const flags = ['-j', '16', '--no-verify', '--max-tokens', `${MAX_TOKENS}`, '--max-cost', `${CAP_USD}`];
    const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
    const runs = Array.from({ length: PROCESSES }, () => cli.start(['run', ...flags], { env }));
    const ended = Promise.all(runs.map((run) => once(run, 'exit')));
    await untilAllLive(cli.path('tasks.json'));
    begun.resolve();
    expect((await ended).map(([code]) => code)).toEqual(Array(PROCESSES).fill(3));
    expect(state.billed).toBeLessThanOrEqual(CAP_USD);
    expect(state.billed).toBeGreaterThanOrEqual(0.9 * CAP_USD);
    // No more calls were under way than could all have cost the most.
    const worst = worstCaseUsd({ model: 'claude-sonnet-5-5', maxTokens: MAX_TOKENS, content: '' }, LIST) ?? 0;
    expect(state.peak).toBeLessThanOrEqual(CAP_USD / worst);
    const tasks = await cli.tasks();
    const spent = tasks.reduce((sum, { usage }) => sum + ((usage as Usage | undefined)?.costUsd ?? 0), 0);
    expect(spent).toBeCloseTo(state.billed, 8);
  },
);

/** Resolves when each process has its run in the store: before that they would be no pool. */
async function untilAllLive(path: string): Promise<void> {
  const store = await JsonTaskStore.open(path);
  try {
    for (;;) {
      const change = Promise.withResolvers<void>();
      const end = store.changes(() => change.resolve());
      const live = (await store.runs()).length;
      if (live < PROCESSES) await change.promise;
      end();
      if (live === PROCESSES) return;
    }
  } finally {
    await store.close();
  }
}
