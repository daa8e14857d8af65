import type { ClaudeRequest } from '../../claude/ask.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL } from '../../claude/models.ts';
import type { Task } from '../../model/task.ts';
import type { RunSettings } from '../run-options.ts';
import { isJudged, judgeTokens, type OwnPrompts } from './parts.ts';
import { withCriteria } from './with-criteria.ts';

/** What stands in a request of a task. */
export type TaskTexts = Pick<Task, 'description' | 'criteria'>;

/** The requests of a run, put together as executor and judge will do it. One that the run does not make is absent. */
export interface Requests {
  /** That of a first attempt, to the first model. */
  executor?: (task: TaskTexts) => ClaudeRequest;
  judge?: (task: TaskTexts, output: string) => ClaudeRequest;
}

/** A result of the length that one usually has, in bytes a token. */
export const BYTES_A_TOKEN = 4;

/** What is known of a run's requests before any is made. */
export async function requestsOf(settings: RunSettings, prompts: OwnPrompts): Promise<Requests> {
  const requests: Requests = {};
  if (settings.exec === undefined) requests.executor = await executorRequest(settings, prompts);
  if (isJudged(settings)) requests.judge = await judgeRequest(settings, prompts);
  return requests;
}

async function executorRequest(settings: RunSettings, prompts: OwnPrompts) {
  const [{ EXECUTOR_SYSTEM }, { executorPrompt }] = await Promise.all([
    import('../../executors/claude/system-prompt.ts'),
    import('../../executors/claude/prompt.ts'),
  ]);
  const { model = DEFAULT_MODEL, maxTokens = DEFAULT_MAX_TOKENS, criteria } = settings;
  const { system = EXECUTOR_SYSTEM } = prompts;
  return (task: TaskTexts): ClaudeRequest => ({
    model,
    maxTokens,
    system,
    content: executorPrompt(withCriteria(task, criteria), undefined, ''),
  });
}

async function judgeRequest(settings: RunSettings, prompts: OwnPrompts) {
  const [{ judgePrompt, judgeSystem }, { JUDGE_SYSTEM }, { VERDICT_SCHEMA: schema }] = await Promise.all([
    import('../../verifiers/claude/prompt.ts'),
    import('../../verifiers/claude/judge-system.ts'),
    import('../../verifiers/claude/verdict.ts'),
  ]);
  const { verifierModel: model = DEFAULT_MODEL, criteria } = settings;
  const maxTokens = judgeTokens(settings);
  const system = judgeSystem(prompts.judgeSystem ?? JUDGE_SYSTEM);
  return (task: TaskTexts, output: string): ClaudeRequest => ({
    model,
    maxTokens,
    system,
    content: judgePrompt(withCriteria(task, criteria), output),
    schema,
  });
}
