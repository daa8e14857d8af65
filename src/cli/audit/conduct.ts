import type { Command } from 'commander';
import { DEFAULT_MODEL } from '../../claude/models.ts';
import { PriceTable } from '../../claude/prices.ts';
import type { Budget } from '../../ports/budget.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Verifier } from '../../ports/verifier.ts';
import { layersHere } from '../config.ts';
import { type Context, contextOf, withStore } from '../context.ts';
import { EXIT, SIGNAL_EXIT } from '../exit-codes.ts';
import { flagLayer } from '../flags.ts';
import { SYMBOLS } from '../format.ts';
import { beat, heartbeatHere } from '../heartbeat.ts';
import { onInterruption } from '../interruption.ts';
import { type Layer, requireCheck, resolveRunSettings } from '../layers.ts';
import { print, printJson } from '../output.ts';
import { sayMeanwhile } from '../progress.ts';
import { requireKnown } from '../run/affordable.ts';
import { agreedChecks } from '../run/own-checks.ts';
import { buildVerifier, requireCredentials } from '../run/parts.ts';
import type { RunSettings } from '../run-options.ts';
import type { CheckedTask } from '../trust/require-trust.ts';
import { hasCheck } from '../trust/trusted-checks.ts';
import { usage } from '../values.ts';
import { type AuditCounts, audit, type Completed, completed } from './audit.ts';
import { AuditBudget } from './audit-budget.ts';
import { auditedText, auditLine, summaryLine } from './lines.ts';
import { AUDIT_OPTIONS } from './options.ts';

export interface AuditFlags {
  reopen?: boolean;
  judge?: boolean;
  trust?: boolean;
}

/** One audit from its parts to its exit code. */
export async function conductAudit(ids: string[], flags: AuditFlags, command: Command): Promise<void> {
  const context = await contextOf(command);
  const settings = settingsOf(context, command, flags.judge === true);
  requireCredentials(settings, context.env);
  await withStore(context, async (store) => {
    const checked: CheckedTask[] = [];
    for await (const task of completed(store, ids)) {
      const { id, check, seal } = task;
      if (hasCheck(task)) checked.push({ id, check, seal });
    }
    const own = await agreedChecks(context, settings, checked, flags.trust === true);
    if (!own) return;
    const verifier = await buildVerifier(settings, context.env, await claudeParts(context, settings), own);
    const budget = settings.maxCost === undefined ? undefined : new AuditBudget(settings.maxCost);
    if (verifier) await report(context, store, completed(store, ids), { flags, settings, verifier, budget });
  });
}

/** As of a run here, but that nothing is executed: the judge is off unless it is asked for, as with a command. */
function settingsOf(context: Context, command: Command, judge: boolean): RunSettings {
  const given = flagLayer(command, AUDIT_OPTIONS);
  for (const name of ['criteria', 'verifierModel', 'verifierEffort', 'judgeSystem', 'maxCost'] as const) {
    if (given.values[name] && !judge)
      throw usage(`${given.nameOf(name)} is for the judge, which is off; add --judge`);
  }
  const settings = resolveRunSettings([given, ...layersHere(context).map(shared)]);
  requireCheck(given, settings);
  return { ...settings, exec: '', judge };
}

/** What an audit has no option for overrules nothing of what it has: results are verified, with `ORCH_NO_VERIFY=1` too. */
function shared({ values, nameOf }: Layer): Layer {
  const those = AUDIT_OPTIONS.filter((name) => values[name] !== undefined);
  return { values: Object.fromEntries(those.map((name) => [name, values[name]])), nameOf };
}

async function claudeParts(context: Context, { judge, maxCost, verifierModel }: RunSettings) {
  const prices = new PriceTable(context.config?.prices);
  if (!judge) return { prices };
  if (maxCost !== undefined) requireKnown('--max-cost', verifierModel ?? DEFAULT_MODEL, prices);
  const { Governor } = await import('../../claude/governor/governor.ts');
  return { prices, governor: new Governor() };
}

async function report(
  context: Context,
  store: TaskStore,
  tasks: AsyncIterable<Completed>,
  {
    flags,
    ...parts
  }: { flags: AuditFlags; settings: RunSettings; verifier: Verifier; budget: Budget | undefined },
): Promise<void> {
  const { json, quiet, paint } = context;
  const interruption = onInterruption();
  const heartbeat = heartbeatHere(context, parts.settings.heartbeat);
  let [seen, bad] = [0, 0];
  const said = (ms: number) => auditedText(seen, bad, ms);
  const endBeat = heartbeat && beat(heartbeat, (ms) => `${SYMBOLS.note} ${said(ms)}`);
  const endProgress = sayMeanwhile(context, said);
  try {
    const counts = await audit(store, tasks, {
      ...parts,
      reopen: flags.reopen === true,
      signal: interruption.signal,
      onAudited: (audited, reopened) => {
        seen += 1;
        if (audited.finding === 'fails') bad += 1;
        if (json) return printJson({ ...audited, ...(reopened && { reopened }) });
        const line = auditLine(audited, reopened, paint);
        if (line !== undefined) print(line);
      },
    });
    endProgress();
    if (!json && !quiet) print(summaryLine(counts));
    process.exitCode = interruption.by ? SIGNAL_EXIT[interruption.by] : exitCodeOf(counts);
  } finally {
    endBeat?.();
    endProgress();
    interruption.release();
  }
}

/** What could not be told does not hold. */
function exitCodeOf({ fails, unclear }: AuditCounts): number {
  return fails + unclear > 0 ? EXIT.failed : EXIT.ok;
}
