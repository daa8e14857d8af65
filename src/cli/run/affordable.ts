import type { ClaudeRequest } from '../../claude/ask.ts';
import type { PriceTable } from '../../claude/prices.ts';
import { maxTokensWithin, worstCaseUsd } from '../../claude/worst-case.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { money } from '../format.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';
import { isJudged, type OwnPrompts } from './parts.ts';
import { BYTES_A_TOKEN, requestsOf, type TaskTexts } from './requests.ts';
import { withCriteria } from './with-criteria.ts';

/** A call of the run, for the smallest task. */
interface SmallestCall {
  request: ClaudeRequest;
  /** Bytes that its prompt may grow by with each token that an answer may have: a judge is shown one. */
  growth: number;
}

/**
 * Before anything is claimed: a cap can hold only where all prices are known, and one call of each kind has to fit, with the prompts in
 * force and the smallest task that is left. Simulated calls cost nothing.
 * @param only of these tasks, where given.
 * @throws `usage`
 */
export async function requireAffordable(
  settings: RunSettings,
  prompts: OwnPrompts,
  prices: PriceTable,
  store: Pick<TaskStore, 'list'>,
  only?: ReadonlySet<string>,
): Promise<void> {
  const { maxCost, maxTaskCost, simulate } = settings;
  if (simulate || (maxCost === undefined && maxTaskCost === undefined)) return;
  const caps = [
    ['--max-cost', maxCost],
    ['--max-task-cost', maxTaskCost],
  ] as const;
  const calls = await smallestCalls(settings, prompts, store, only);
  for (const [flag, cap] of caps) {
    if (cap === undefined) continue;
    for (const { request } of calls) requireKnown(flag, request.model, prices);
    requireRoom(flag, cap, calls, prices, settings);
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

/** One of each kind that the run makes. No result is shorter than an empty one. */
async function smallestCalls(
  settings: RunSettings,
  prompts: OwnPrompts,
  store: Pick<TaskStore, 'list'>,
  only: ReadonlySet<string> | undefined,
): Promise<SmallestCall[]> {
  const requests = await requestsOf(settings, prompts);
  // Who stays may be given a smaller one than there is.
  const task = settings.stay ? NONE : await smallestTask(store, only, settings.criteria);
  const calls: SmallestCall[] = [];
  if (requests.executor) {
    const request = requests.executor(task);
    const models = [request.model, ...(settings.escalate ?? [])];
    calls.push(...models.map((model) => ({ request: { ...request, model }, growth: 0 })));
  }
  if (requests.judge) calls.push({ request: requests.judge(task, ''), growth: BYTES_A_TOKEN });
  return calls;
}

/** A task without a word: there is none smaller. */
const NONE: TaskTexts = { description: '' };

/** Of those that are not done; `NONE` where there are none. */
async function smallestTask(
  store: Pick<TaskStore, 'list'>,
  only: ReadonlySet<string> | undefined,
  runCriteria: string | undefined,
): Promise<TaskTexts> {
  let [smallest, least]: [TaskTexts, number] = [NONE, Number.POSITIVE_INFINITY];
  for (const status of ['pending', 'in_progress'] as const) {
    for await (const task of store.list({ status })) {
      if (only && !only.has(task.id)) continue;
      const { description, criteria } = withCriteria(task, runCriteria);
      const bytes = Buffer.byteLength(description) + Buffer.byteLength(criteria ?? '');
      if (bytes >= least) continue;
      least = bytes;
      smallest = criteria === undefined ? { description } : { description, criteria };
    }
  }
  return smallest;
}

/** @throws `usage` */
export function requireKnown(flag: string, model: string, prices: PriceTable): void {
  if (prices.knows(model)) return;
  throw usage(
    `The price of ${model} is not known, so that ${flag} cannot hold; give it under "prices" in the config file, or leave ${flag} out`,
  );
}

function requireRoom(
  flag: string,
  cap: number,
  calls: SmallestCall[],
  prices: PriceTable,
  { exec }: RunSettings,
): void {
  const dearest = Math.max(...calls.map(({ request }) => worstCaseUsd(request, prices) ?? 0));
  if (dearest <= cap) return;
  const fits = Math.min(...calls.map(({ request, growth }) => maxTokensWithin(cap, request, prices, growth)));
  const least = money(roundedUp(dearest));
  // With --exec there is no --max-tokens to be given.
  const wayOut =
    fits >= 1 && exec === undefined ? `--max-tokens ${fits} would fit` : `give at least ${least}`;
  throw usage(`${flag} ${money(cap)} is less than one call may cost (${least}); ${wayOut}`);
}

/** To the last digit that is shown, so that what is shown is enough. */
function roundedUp(usd: number): number {
  const digits = usd < 1 ? 10_000 : 100;
  return Math.ceil(usd * digits) / digits;
}
