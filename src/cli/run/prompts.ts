import { readFileText } from '../input/read-text.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';
import { isJudged, type OwnPrompts } from './parts.ts';

/**
 * Reads those that the run needs. To be called once: a pipe gives its text only once.
 * @throws `usage`: one cannot be read, is no UTF-8, or says nothing.
 */
export async function readPrompts(settings: RunSettings): Promise<OwnPrompts> {
  const { exec, simulate, system, retryPrompt, judgeSystem } = settings;
  const prompts: OwnPrompts = {};
  if (!simulate && exec === undefined) {
    prompts.system = await readPrompt(system);
    prompts.retryPrompt = await readPrompt(retryPrompt);
  }
  if (isJudged(settings)) prompts.judgeSystem = await readPrompt(judgeSystem);
  return prompts;
}

/** Its text without the line ends and blanks behind it. */
async function readPrompt(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = (await readFileText(path)).trimEnd();
  if (text === '') throw usage(`The prompt file ${path} is empty; write the prompt into it`);
  return text;
}
