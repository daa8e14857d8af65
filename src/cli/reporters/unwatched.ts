import { fstatSync } from 'node:fs';
import { basename } from 'node:path';
import { type Context, hint } from '../context.ts';
import { lastWrittenAt, note, noteCommand } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { isInActions } from '../workflow-commands.ts';
import type { ReportText } from './report-files.ts';
import { reportPaths } from './report-paths.ts';
import type { Ahead, Reporter } from './reporter.ts';

/** Milliseconds of silence after which a job is shown to be alive. */
const HEARTBEAT_MS = 60_000;

/** What a run leaves, and says, for those who do not watch it: CI, and people afterwards. */
export async function unwatched(context: Context, settings: RunSettings, ahead: Ahead): Promise<Reporter[]> {
  const reports = await reportsOf(context, settings);
  const everyMs = settings.heartbeat ?? (context.quiet ? 0 : HEARTBEAT_MS);
  if (everyMs === 0 || ahead.isWatched) return reports;
  const [{ Heartbeat }, { systemTime }] = await Promise.all([
    import('./heartbeat.ts'),
    import('../../claude/governor/time.ts'),
  ]);
  const total = settings.stay ? undefined : ahead.total;
  const lastSaidAt = () => Math.max(...seen(context).map(lastWrittenAt));
  return [...reports, new Heartbeat({ everyMs, total, lastSaidAt, say: note, time: systemTime })];
}

/** What of the output is seen by whoever waits for a sign of life: JSON is for a program, a file for later, and /dev/null for nobody. */
function seen({ json }: Context): NodeJS.WriteStream[] {
  const out = fstatSync(1);
  const isSeen = !json && (process.stdout.isTTY || out.isFIFO() || out.isSocket());
  return isSeen ? [process.stderr, process.stdout] : [process.stderr];
}

async function reportsOf(context: Context, settings: RunSettings): Promise<Reporter[]> {
  const { junit, summary, step } = reportPaths(context, settings);
  const inActions = isInActions(context.env);
  if (junit === undefined && summary === undefined && step === undefined && !inActions) return [];
  const [{ WorkLog }, { appendedReport, reportFile }] = await Promise.all([
    import('./work-log.ts'),
    import('./report-files.ts'),
  ]);
  const { isCopy = false } = context;
  const log = new WorkLog({ withOutputs: junit !== undefined });
  const reporters: Reporter[] = [{ onEvent: (event) => log.onEvent(event) }];
  if (junit !== undefined) {
    const { junitLines } = await import('./junit.ts');
    const suite = basename(context.store, '.json').replaceAll('.', '-');
    reporters.push(reportFile(junit, (left) => junitLines(log, { suite, left, isCopy }).join('\n')));
  }
  if (summary !== undefined || step !== undefined) {
    const { markdownSummary } = await import('./markdown-summary.ts');
    const text: ReportText = (left) =>
      markdownSummary(log, { left, isCopy, hint: (command) => hint(context, command) });
    reporters.push(summary === undefined ? appendedReport(step ?? '', text) : reportFile(summary, text));
  }
  if (inActions) {
    const { annotations } = await import('./annotations.ts');
    reporters.push(annotations(log, noteCommand));
  }
  return reporters;
}
