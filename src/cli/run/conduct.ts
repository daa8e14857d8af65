import type { Governor } from '../../claude/governor/governor.ts';
import { OrchestratorBuilder } from '../../core/builder.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import type { RunEvent } from '../../model/event.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { runExitCode } from '../exit-codes.ts';
import { note } from '../output.ts';
import { reporterOf } from '../reporters/choose.ts';
import type { RunSettings } from '../run-options.ts';
import { survey } from '../survey.ts';
import { governed } from './governed.ts';
import { keepUnsaved } from './keep-unsaved.ts';
import { buildExecutor, buildSafety, buildVerifier, configOf, requireCredentials } from './parts.ts';
import { steerBySignals } from './signals.ts';

/** One run from its parts to its exit code. */
export async function conduct(context: Context, store: TaskStore, settings: RunSettings): Promise<void> {
  requireCredentials(settings, context.env);
  const reporter = await reporterOf(context, settings, await store.counts());
  const { governor, release } = await governed(settings, store, reporter);
  const orchestrator = await build(context, store, settings, governor, (event) => reporter.onEvent(event));
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
    release();
  }
}

async function build(
  context: Context,
  store: TaskStore,
  settings: RunSettings,
  governor: Governor | undefined,
  onEvent: (event: RunEvent) => void,
): Promise<Orchestrator> {
  const builder = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(await buildExecutor(settings, context.env, governor))
    .withSafety(buildSafety(settings))
    .withConfig(configOf(settings))
    .onEvent(onEvent);
  const verifier = await buildVerifier(settings, context.env, governor);
  return (verifier ? builder.withVerifier(verifier) : builder).build();
}
