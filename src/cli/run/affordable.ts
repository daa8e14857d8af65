import type { ClaudeRequest } from '../../claude/ask.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL } from '../../claude/models.ts';
import type { PriceTable } from '../../claude/prices.ts';
import { maxTokensWithin, worstCaseUsd } from '../../claude/worst-case.ts';
import { money } from '../format.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';
import { isJudged, judgeTokens } from './parts.ts';

/**
 * Before anything is claimed: a cap can hold only where all prices are known, and one call has to fit.
 * @throws `usage`
 */
export function requireAffordable(settings: RunSettings, prices: PriceTable): void {
  const { maxCost, maxTaskCost } = settings;
  const caps = [
    ['--max-cost', maxCost],
    ['--max-task-cost', maxTaskCost],
  ] as const;
  const calls = smallestCalls(settings);
  for (const [flag, cap] of caps) {
    if (cap === undefined) continue;
    for (const { model } of calls) requireKnown(flag, model, prices);
    requireRoom(flag, cap, calls, prices);
  }
}

/** A cap that can hold nothing. @returns what to say of it. */
export function idleCap({
  maxCost,
  maxTaskCost,
  exec,
  simulate,
  ...settings
}: RunSettings): string | undefined {
  if (exec === undefined || simulate || isJudged({ ...settings, exec })) return undefined;
  const flags = [maxCost && '--max-cost', maxTaskCost && '--max-task-cost'].filter(Boolean);
  if (flags.length === 0) return undefined;
  const verb = flags.length === 1 ? 'holds' : 'hold';
  return `${flags.join(' and ')} ${verb} nothing here: with --exec and without --judge, orch makes no call that costs money, and what the command spends is not known`;
}

/** Of a short task with its instructions. */
const WORK_BYTES = 1_000;

/** Of what every judge is told, at least: its instructions, the format of a verdict, the fences. */
const JUDGE_BYTES = 3_000;

/** One of each kind that the run makes, for a short task. */
function smallestCalls(settings: RunSettings): ClaudeRequest[] {
  const {
    exec,
    model = DEFAULT_MODEL,
    escalate = [],
    verifierModel = DEFAULT_MODEL,
    maxTokens = DEFAULT_MAX_TOKENS,
  } = settings;
  const calls: ClaudeRequest[] = [];
  const workers = exec === undefined ? [model, ...escalate] : [];
  calls.push(...workers.map((each) => ({ model: each, maxTokens, content: ' '.repeat(WORK_BYTES) })));
  if (isJudged(settings)) {
    calls.push({ model: verifierModel, maxTokens: judgeTokens(settings), content: ' '.repeat(JUDGE_BYTES) });
  }
  return calls;
}

function requireKnown(flag: string, model: string, prices: PriceTable): void {
  if (prices.knows(model)) return;
  throw usage(
    `The price of ${model} is not known, so that ${flag} cannot hold; give it under "prices" in the config file, or leave ${flag} out`,
  );
}

function requireRoom(flag: string, cap: number, calls: ClaudeRequest[], prices: PriceTable): void {
  const dearest = Math.max(...calls.map((call) => worstCaseUsd(call, prices) ?? 0));
  if (dearest <= cap) return;
  const fits = Math.min(...calls.map((call) => maxTokensWithin(cap, call, prices)));
  const wayOut = fits >= 1 ? `--max-tokens ${fits} would fit` : `give at least ${money(dearest)}`;
  throw usage(`${flag} ${money(cap)} is less than one call may cost (${money(dearest)}); ${wayOut}`);
}
