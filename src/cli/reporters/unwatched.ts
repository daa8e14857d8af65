import { fstatSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Context, hint } from '../context.ts';
import { lastWrittenAt, note, noteCommand } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { refuseStore } from '../store-place.ts';
import { contradiction } from '../values.ts';
import { isInActions } from '../workflow-commands.ts';
import type { Ahead, Reporter } from './reporter.ts';
import type { WorkLog } from './work-log.ts';

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

/** What of the output can be seen by whoever waits for a sign of life: JSON is for a program, and a file for later. */
function seen({ json }: Context): NodeJS.WriteStream[] {
  return json || fstatSync(1).isFile() ? [process.stderr] : [process.stderr, process.stdout];
}

async function reportsOf(context: Context, settings: RunSettings): Promise<Reporter[]> {
  const { junit, summary, noSummary } = settings;
  const { env } = context;
  const step = (!noSummary && env.GITHUB_STEP_SUMMARY) || undefined;
  const inActions = isInActions(env);
  if (junit === undefined && summary === undefined && step === undefined && !inActions) return [];
  if (junit !== undefined && summary !== undefined && resolve(junit) === resolve(summary))
    throw contradiction(`--junit ${junit}`, `--summary ${summary}`);
  for (const path of [junit, summary]) {
    if (path !== undefined) refuseStore(path, context.store);
  }
  const [{ WorkLog }, files] = await Promise.all([import('./work-log.ts'), import('./report-files.ts')]);
  const log = new WorkLog({ withOutputs: junit !== undefined });
  const reporters: Reporter[] = [{ onEvent: (event) => log.onEvent(event) }];
  if (junit !== undefined) {
    const { junitLines } = await import('./junit.ts');
    const suite = basename(context.store, '.json').replaceAll('.', '-');
    reporters.push(files.reportFile(junit, (left) => junitLines(log, { suite, left }).join('\n')));
  }
  if (summary !== undefined || step !== undefined)
    reporters.push(await summaryReport(context, log, summary, step));
  if (inActions) {
    const { annotations } = await import('./annotations.ts');
    reporters.push(annotations(log, noteCommand));
  }
  return reporters;
}

/** Where it is to go to the step by name, it is added there as ever: others write to that file, too. */
async function summaryReport(
  context: Context,
  log: WorkLog,
  summary: string | undefined,
  step: string | undefined,
): Promise<Reporter> {
  const [{ markdownSummary }, { appendedReport, reportFile }] = await Promise.all([
    import('./markdown-summary.ts'),
    import('./report-files.ts'),
  ]);
  const text = (left: Parameters<typeof markdownSummary>[1]['left']) =>
    markdownSummary(log, { left, hint: (command) => hint(context, command) });
  if (summary === undefined || (step !== undefined && resolve(summary) === resolve(step)))
    return appendedReport(step ?? '', text);
  return reportFile(summary, text);
}
