import type { Context } from '../context.ts';
import type { RunSettings } from '../run-options.ts';

/** For the reports of a run, where it is to leave any. @throws `usage`: one of them cannot be written. */
export async function makeWay(context: Context, settings: RunSettings): Promise<void> {
  if (settings.junit === undefined && settings.summary === undefined) return;
  const { removeOldReports } = await import('../reports/old-reports.ts');
  removeOldReports(context, settings);
}
