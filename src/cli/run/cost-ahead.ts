import { findCredentials } from '../../claude/credentials.ts';
import { estimatedTokens, type Forecast, forecast, type Planned } from '../../claude/forecast.ts';
import { DEFAULT_MAX_TOKENS } from '../../claude/models.ts';
import type { PriceTable } from '../../claude/prices.ts';
import { completeConfig } from '../../core/config.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { RunSettings } from '../run-options.ts';
import { configOf, needsClaude } from './parts.ts';
import { readPrompts } from './prompts.ts';
import { BYTES_A_TOKEN, type Requests, requestsOf } from './requests.ts';

/** Prompts that are counted by the API; the others are reckoned by these. It has a limit of its own for that. */
const COUNTED = 20;

/** Longest that the counting may take, in milliseconds. */
const COUNTING_MS = 10_000;

/** Whose call it is: their prompts differ too much to be reckoned by each other. */
type PlannedCall = Planned & { role: keyof Requests };

/** What planned tasks may cost. @returns undefined where Claude has no part in it. */
export async function costAhead(
  store: TaskStore,
  tasks: readonly Task[],
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  prices: PriceTable,
): Promise<Forecast | undefined> {
  if (!needsClaude(settings) || tasks.length === 0) return undefined;
  const requests = await requestsOf(settings, await readPrompts(settings));
  const mean = await meanOutput(store, Object.keys(requests).length);
  const plan = planOf(tasks, settings, requests, mean ?? 0);
  return forecast(findCredentials(env) ? await counted(plan) : plan, prices, mean);
}

/** Tokens that a call gave so far. */
async function meanOutput(store: TaskStore, calls: number): Promise<number | undefined> {
  let [tokens, attempts] = [0, 0];
  for await (const { history } of store.list()) {
    for (const { usage } of history) {
      // A call whose answer was lost says nothing of how long one is.
      if (!usage || usage.outputTokens === 0) continue;
      tokens += usage.outputTokens;
      attempts++;
    }
  }
  return attempts === 0 ? undefined : Math.ceil(tokens / attempts / calls);
}

/** The worst of a retry and of a judgement: a result as long as it may be is in the prompt. */
function planOf(
  tasks: readonly Task[],
  settings: RunSettings,
  { executor, judge }: Requests,
  outputTokens: number,
): PlannedCall[] {
  const { maxAttempts, retryOnFailure } = completeConfig(configOf(settings));
  const { maxTokens = DEFAULT_MAX_TOKENS } = settings;
  const longest = maxTokens * BYTES_A_TOKEN;
  return tasks.flatMap((task) => {
    const times = retryOnFailure ? (task.maxAttempts ?? maxAttempts) : 1;
    const planned: PlannedCall[] = [];
    if (executor) {
      const request = executor(task);
      const models = [request.model, ...(settings.escalate ?? [])];
      const atWorst = Array.from({ length: times }, (_, i) => ({
        model: models[Math.min(i, models.length - 1)]!,
        moreBytes: i === 0 ? 0 : longest,
      }));
      planned.push({ role: 'executor', request, atWorst });
    }
    if (judge) {
      const request = judge(task, '');
      const atWorst = Array(times).fill({ model: request.model, moreBytes: longest });
      planned.push({ role: 'judge', request, moreTokens: outputTokens, atWorst });
    }
    return planned;
  });
}

/** Some are counted, and say by how much the reckoning of their role is off. */
async function counted(plan: PlannedCall[]): Promise<Planned[]> {
  const { createTokenCounter } = await import('../../claude/count-tokens.ts');
  const count = createTokenCounter(AbortSignal.timeout(COUNTING_MS));
  const sums = { executor: { real: 0, reckoned: 0 }, judge: { real: 0, reckoned: 0 } };
  for (const { role, request } of plan.slice(0, COUNTED)) {
    const tokens = await count(request);
    if (tokens === undefined) break;
    sums[role].real += tokens;
    sums[role].reckoned += estimatedTokens(request);
  }
  return plan.map((planned) => {
    const { real, reckoned } = sums[planned.role];
    if (reckoned === 0) return planned;
    return { ...planned, inputTokens: Math.ceil((estimatedTokens(planned.request) * real) / reckoned) };
  });
}
