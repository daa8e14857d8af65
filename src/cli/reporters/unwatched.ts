import type { RunStats } from '../../model/event.ts';
import type { Survey } from '../../ports/survey.ts';
import { type Context, hint } from '../context.ts';
import { heartbeatHere } from '../heartbeat.ts';
import { noteCommand } from '../output.ts';
import type { ReportText } from '../reports/report-files.ts';
import { reportPaths } from '../reports/report-paths.ts';
import type { RunSettings } from '../run-options.ts';
import { storeName } from '../store-place.ts';
import { doable } from '../survey.ts';
import { isInActions } from '../workflow-commands.ts';
import type { Reporter } from './reporter.ts';
import { RunHeartbeat } from './run-heartbeat.ts';

/** Tasks that are there to be done; more may come. @param found what there is when the run begins. */
export function tasksAhead({ limit = Infinity }: RunSettings, found: Survey): number {
  return Math.min(doable(found), limit);
}

/**
 * What a run leaves, and says, for those who do not watch it: CI, and people afterwards.
 * @throws `usage`: a file that it is to leave cannot be written.
 */
export async function unwatched(context: Context, settings: RunSettings, found: Survey): Promise<Reporter[]> {
  const reports = await reportsOf(context, settings);
  const heartbeat = heartbeatHere(context, settings.heartbeat);
  const total = settings.stay ? undefined : tasksAhead(settings, found);
  return heartbeat ? [...reports, new RunHeartbeat({ ...heartbeat, total })] : reports;
}

/** Leaves the files of a run where there was nothing to run: who asked for them finds them, and that nothing is in them. */
export async function reportNothing(context: Context, settings: RunSettings, left: Survey): Promise<void> {
  if (settings.junit === undefined && settings.summary === undefined) return;
  const at = new Date().toISOString();
  for (const reporter of await reportsOf(context, settings)) {
    reporter.onEvent({ event: 'run:end', at, run: '', stats: NOTHING });
    await reporter.end?.(left);
  }
}

const NOTHING: RunStats = {
  processed: 0,
  completed: 0,
  failed: 0,
  retried: 0,
  attempts: 0,
  elapsedSeconds: 0,
  successRate: 0,
};

async function reportsOf(context: Context, settings: RunSettings): Promise<Reporter[]> {
  const { junit, summary, step } = reportPaths(context, settings);
  const inActions = isInActions(context.env);
  if (junit === undefined && summary === undefined && step === undefined && !inActions) return [];
  const [{ WorkLog }, { appendedReport, reportFile }] = await Promise.all([
    import('../reports/work-log.ts'),
    import('../reports/report-files.ts'),
  ]);
  const { isCopy = false } = context;
  const log = new WorkLog({ withOutputs: junit !== undefined });
  const reporters: Reporter[] = [{ onEvent: (event) => log.onEvent(event) }];
  if (junit !== undefined) {
    const { junitLines } = await import('../reports/junit.ts');
    const suite = storeName(context.store).replaceAll('.', '-');
    reporters.push(reportFile(junit, (left) => junitLines(log, { suite, left, isCopy }).join('\n')));
  }
  if (summary !== undefined || step !== undefined) {
    const { markdownSummary } = await import('../reports/markdown-summary.ts');
    const text: ReportText = (left) =>
      markdownSummary(log, { left, isCopy, hint: (command) => hint(context, command) });
    reporters.push(summary === undefined ? appendedReport(step ?? '', text) : reportFile(summary, text));
  }
  if (inActions) {
    const { annotations } = await import('../reports/annotations.ts');
    reporters.push(annotations(log, noteCommand));
  }
  return reporters;
}
