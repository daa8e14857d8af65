import { PriceTable } from '../../claude/prices.ts';
import { OrchestratorBuilder } from '../../core/builder.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import type { RunEvent } from '../../model/event.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { runExitCode } from '../exit-codes.ts';
import { note } from '../output.ts';
import { reporterOf } from '../reporters/choose.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { RunSettings } from '../run-options.ts';
import { survey } from '../survey.ts';
import { idleCap, requireAffordable } from './affordable.ts';
import { governed } from './governed.ts';
import { keepUnsaved } from './keep-unsaved.ts';
import { ownChecks } from './own-checks.ts';
import {
  buildExecutor,
  buildSafety,
  buildVerifier,
  type ClaudeParts,
  configOf,
  type OwnChecks,
  requireCredentials,
} from './parts.ts';
import { preflight } from './preflight.ts';
import { steerBySignals } from './signals.ts';

/**
 * One run from its parts to its exit code.
 * @param trust the tasks' checks may be run, whoever they are from.
 */
export async function conduct(
  context: Context,
  store: TaskStore,
  settings: RunSettings,
  trust = false,
): Promise<void> {
  requireCredentials(settings, context.env);
  const prices = new PriceTable(context.config?.prices);
  requireAffordable(settings, prices);
  const idle = idleCap(settings);
  if (idle !== undefined) note(idle);
  const own = await ownChecks(context, store, settings, trust);
  if (!own) return;
  const counts = await store.counts();
  const reporter = await reporterOf(context, settings, counts);
  const { governor, onEvent: share, release } = await governed(settings, store, reporter);
  try {
    const claude = { prices, governor };
    const onEvent = (event: RunEvent): void => {
      share(event);
      reporter.onEvent(event);
    };
    const orchestrator = await build({ ...context, claude, own }, store, settings, onEvent);
    await preflight(context, counts, settings);
    await toItsEnd(orchestrator, store, reporter);
  } finally {
    release();
  }
}

async function toItsEnd(orchestrator: Orchestrator, store: TaskStore, reporter: Reporter): Promise<void> {
  const signals = steerBySignals(orchestrator, note);
  try {
    const stats = await orchestrator.run().finally(() => reporter.close?.());
    const left = await survey(store);
    reporter.end?.(left);
    process.exitCode = runExitCode(stats, left, signals.last);
  } catch (error) {
    await keepUnsaved(orchestrator.unsaved);
    throw error;
  } finally {
    signals.release();
  }
}

async function build(
  context: Context & { claude: ClaudeParts; own: OwnChecks },
  store: TaskStore,
  settings: RunSettings,
  onEvent: (event: RunEvent) => void,
): Promise<Orchestrator> {
  const builder = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(await buildExecutor(settings, context.env, context.claude))
    .withSafety(buildSafety(settings))
    .withConfig(configOf(settings))
    .onEvent(onEvent);
  const verifier = await buildVerifier(settings, context.env, context.claude, context.own);
  return (verifier ? builder.withVerifier(verifier) : builder).build();
}
