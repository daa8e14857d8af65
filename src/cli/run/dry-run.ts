import type { Forecast } from '../../claude/forecast.ts';
import { PriceTable } from '../../claude/prices.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, hint } from '../context.ts';
import { noteFitted } from '../fitted-lines.ts';
import { count, money, nameFirst, when } from '../format.ts';
import { print, printJson } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { oneLine } from '../safe-text.ts';
import { survey } from '../survey.ts';
import { columnsOf } from '../terminal.ts';
import { cut } from '../width.ts';
import { unbroken } from '../wrap.ts';
import { costAhead } from './cost-ahead.ts';
import { planOf } from './simulation.ts';

/** Says what would run, in the order in which one slot would take it. @param only of these tasks, where given. */
export async function dryRun(
  context: Context,
  store: TaskStore,
  settings: RunSettings,
  only?: ReadonlySet<string>,
): Promise<void> {
  const found = await survey(store, { only });
  const planned = await planOf(store, settings.limit, only);
  const width = columnsOf(process.stdout);
  for (const [i, task] of planned.entries()) {
    if (context.json) printJson(task);
    else print(cut(`${i + 1}. ${task.id}  ${oneLine(task.description)}`, width));
  }
  const prices = new PriceTable(context.config?.prices);
  const cost = await costAhead(store, planned, settings, context.env, prices);
  if (context.json && cost) printJson({ forecast: cost });
  if (context.json || context.quiet) return;
  noteFitted(`${count(planned.length, 'task')} would run; nothing was changed`);
  if (cost) noteFitted(costText(cost));
  const stuck = found.stuck.map((each) => each.task.id);
  if (stuck.length > 0)
    noteFitted(
      `${nameFirst(stuck, found.stuckCount)} blocked; ${unbroken(hint(context, 'status'))} says by what`,
    );
  const [next] = found.later;
  if (next) {
    noteFitted(
      `${count(found.laterCount, 'task')} due later, ${next.id} not before ${when(next.notBefore ?? '')}`,
    );
  }
}

function costText({ calls, inputTokens, likelyUsd, mostUsd }: Forecast): string {
  const size = `${count(calls, 'call')} to Claude with some ${inputTokens.toLocaleString('en')} tokens in`;
  if (mostUsd === undefined) return `${size}; what they cost is not known: a price is missing`;
  const most = `at most ${money(mostUsd)}, if all attempts are needed and all answers are as long as they may be`;
  if (likelyUsd === undefined) return `${size}, if each task needs one attempt; ${most}`;
  return `${size} and answers as long as those so far: about ${money(likelyUsd)}, if each task needs one attempt; ${most}`;
}
