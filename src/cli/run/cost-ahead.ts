import { findCredentials } from '../../claude/credentials.ts';
import { estimatedTokens, type Forecast, forecast, type Planned } from '../../claude/forecast.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL } from '../../claude/models.ts';
import type { PriceTable } from '../../claude/prices.ts';
import { mostResultBytes, type TaskResult } from '../../claude/task-results.ts';
import { completeConfig } from '../../core/config.ts';
import { placeholdersIn } from '../../model/placeholders.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { RunSettings } from '../run-options.ts';
import { configOf, isJudged, judgeTokens, needsClaude } from './parts.ts';
import { readPrompt } from './prompts.ts';

/** Prompts that are counted by the API; the others are reckoned by these. It has a limit of its own for that. */
const COUNTED = 20;

/** Longest that the counting may take, in milliseconds. */
const COUNTING_MS = 10_000;

/** A result of the length that one usually has, in bytes a token. */
const BYTES_A_TOKEN = 4;

/** What planned tasks may cost. @returns undefined where Claude has no part in it. */
export async function costAhead(
  store: TaskStore,
  tasks: readonly Task[],
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  prices: PriceTable,
): Promise<Forecast | undefined> {
  if (!needsClaude(settings) || tasks.length === 0) return undefined;
  const calls = (settings.exec === undefined ? 1 : 0) + (isJudged(settings) ? 1 : 0);
  const mean = await meanOutput(store, calls);
  const plan = await planOf(tasks, settings, mean ?? 0);
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
async function planOf(
  tasks: readonly Task[],
  settings: RunSettings,
  outputTokens: number,
): Promise<Planned[]> {
  const { exec, model = DEFAULT_MODEL, escalate = [], verifierModel = DEFAULT_MODEL } = settings;
  const { maxTokens = DEFAULT_MAX_TOKENS } = settings;
  const { maxAttempts, retryOnFailure } = completeConfig(configOf(settings));
  const prompts = await promptsOf(settings);
  const models = [model, ...escalate];
  const longest = maxTokens * BYTES_A_TOKEN;
  const output = ' '.repeat(outputTokens * BYTES_A_TOKEN);
  return tasks.flatMap((task) => {
    const times = retryOnFailure ? (task.maxAttempts ?? maxAttempts) : 1;
    const planned: Planned[] = [];
    const results = placeholdersIn(task).map(
      (id): TaskResult => ({ id, text: output, bytes: output.length }),
    );
    const filled = mostResultBytes(task);
    if (exec === undefined) {
      const { system } = prompts;
      const atWorst = Array.from({ length: times }, (_, i) => ({
        model: models[Math.min(i, models.length - 1)]!,
        moreBytes: filled + (i === 0 ? 0 : longest),
      }));
      planned.push({ request: { model, maxTokens, system, content: prompts.work(task, results) }, atWorst });
    }
    if (isJudged(settings)) {
      const { judgeSystem: system, schema } = prompts;
      const atWorst = Array(times).fill({ model: verifierModel, moreBytes: filled + longest });
      const content = prompts.judge(task, output, undefined, results);
      const request = { model: verifierModel, maxTokens: judgeTokens(settings), system, content, schema };
      planned.push({ request, atWorst });
    }
    return planned;
  });
}

/** As executor and judge put them together. */
async function promptsOf(settings: RunSettings) {
  const [executor, work, judge, instructions, verdict] = await Promise.all([
    import('../../executors/claude/system-prompt.ts'),
    import('../../executors/claude/prompt.ts'),
    import('../../verifiers/claude/prompt.ts'),
    import('../../verifiers/claude/judge-system.ts'),
    import('../../verifiers/claude/verdict.ts'),
  ]);
  return {
    system: (await readPrompt(settings.system)) ?? executor.EXECUTOR_SYSTEM,
    work: (task: Task, results: readonly TaskResult[]) =>
      work.executorPrompt(task, undefined, '', undefined, results),
    judgeSystem: judge.judgeSystem((await readPrompt(settings.judgeSystem)) ?? instructions.JUDGE_SYSTEM),
    judge: judge.judgePrompt,
    schema: verdict.VERDICT_SCHEMA,
  };
}

/** Some are counted, and say by how much the reckoning is off. */
async function counted(plan: Planned[]): Promise<Planned[]> {
  const { createTokenCounter } = await import('../../claude/count-tokens.ts');
  const count = createTokenCounter(AbortSignal.timeout(COUNTING_MS));
  let [real, reckoned] = [0, 0];
  for (const { request } of plan.slice(0, COUNTED)) {
    const tokens = await count(request);
    if (tokens === undefined) break;
    real += tokens;
    reckoned += estimatedTokens(request);
  }
  if (reckoned === 0) return plan;
  return plan.map((planned) => ({
    ...planned,
    inputTokens: Math.ceil((estimatedTokens(planned.request) * real) / reckoned),
  }));
}
