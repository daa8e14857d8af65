import { findCredentials } from '../../claude/credentials.ts';
import { PriceTable } from '../../claude/prices.ts';
import { OrchestratorBuilder } from '../../core/builder.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import type { RunEvent } from '../../model/event.ts';
import { manifest } from '../../package-files.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { runExitCode } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import { reporterOf } from '../reporters/choose.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { RunSettings } from '../run-options.ts';
import { MOST_NAMED, survey } from '../survey.ts';
import { idleCap, requireAffordable } from './affordable.ts';
import { governed } from './governed.ts';
import { keepUnsaved } from './keep-unsaved.ts';
import { requireMeans } from './means.ts';
import { OutDir } from './out-dir.ts';
import { ownChecks } from './own-checks.ts';
import {
  buildExecutor,
  buildSafety,
  buildVerifier,
  type ClaudeParts,
  configOf,
  needsClaude,
  type OwnChecks,
} from './parts.ts';
import { preflight } from './preflight.ts';
import { readPrompts } from './prompts.ts';
import { serviceOf } from './service-of.ts';
import { steerBySignals } from './signals.ts';

export interface ConductOptions {
  /** These tasks alone. Default: all. */
  only?: ReadonlySet<string> | undefined;
  /** The tasks' checks may be run, whoever they are from. */
  trust?: boolean | undefined;
}

/** One run from its parts to its exit code. */
export async function conduct(
  context: Context,
  store: TaskStore,
  settings: RunSettings,
  { only, trust = false }: ConductOptions = {},
): Promise<void> {
  await requireMeans(settings, context);
  const prices = new PriceTable(context.config?.prices);
  const prompts = await readPrompts(settings);
  await requireAffordable(settings, prompts, prices, store, only);
  const idle = idleCap(settings);
  if (idle !== undefined) noteFitted(idle);
  const own = await ownChecks(context, store, settings, { only, trust });
  if (!own) return;
  const outDir =
    settings.outDir === undefined ? undefined : await OutDir.open(settings.outDir, settings.outExt ?? 'txt');
  const found = await survey(store, { only, most: 0 });
  const reporter = await reporterOf(context, settings, found);
  const {
    governor,
    onEvent: share,
    release,
  } = await governed(settings, store, reporter, serviceOf(context.env));
  try {
    const claude = { prices, governor, prompts };
    const onEvent = (event: RunEvent): void => {
      share(event);
      reporter.onEvent(withCredentials(event, settings, context.env));
    };
    const orchestrator = await build({ ...context, claude, only, outDir, own }, store, settings, onEvent);
    await preflight(context, found.counts, settings);
    await outDir?.writeMissing(store, only);
    await toItsEnd(orchestrator, store, reporter, only);
  } finally {
    outDir?.close();
    release();
  }
}

/** For whoever reads events alone: where the credentials are from. */
function withCredentials(event: RunEvent, settings: RunSettings, env: NodeJS.ProcessEnv): RunEvent {
  if (event.event !== 'run:start' || !needsClaude(settings)) return event;
  const source = findCredentials(env);
  return source ? { ...event, credentials: source.description } : event;
}

async function toItsEnd(
  orchestrator: Orchestrator,
  store: TaskStore,
  reporter: Reporter,
  only: ReadonlySet<string> | undefined,
): Promise<void> {
  reporter.onStop?.(() => orchestrator.stats.stopReason);
  const signals = steerBySignals(orchestrator, noteFitted);
  try {
    const stats = await orchestrator.run().finally(() => reporter.close?.());
    // Reports name so many that it did nothing to; others among the first may be some that it gave back.
    const left = await survey(store, { only, most: 2 * MOST_NAMED });
    await reporter.end?.(left);
    process.exitCode = runExitCode(stats, left, signals.last);
  } catch (error) {
    await keepUnsaved(orchestrator.unsaved);
    await reporter.broke?.();
    throw error;
  } finally {
    signals.release();
  }
}

async function build(
  context: Context & {
    claude: ClaudeParts;
    only: ReadonlySet<string> | undefined;
    outDir: OutDir | undefined;
    own: OwnChecks;
  },
  store: TaskStore,
  settings: RunSettings,
  onEvent: (event: RunEvent) => void,
): Promise<Orchestrator> {
  const builder = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(await buildExecutor(settings, context.env, context.claude))
    .withSafety(buildSafety(settings))
    .withConfig({
      ...configOf(settings),
      only: context.only,
      version: manifest().version,
      ...(needsClaude(settings) && { service: serviceOf(context.env) }),
    })
    .onEvent(onEvent);
  const { outDir } = context;
  if (outDir) builder.onTaskComplete(({ task }) => outDir.write(task));
  const verifier = await buildVerifier(settings, context.env, context.claude, context.own);
  return (verifier ? builder.withVerifier(verifier) : builder).build();
}
