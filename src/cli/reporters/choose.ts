import type { Counts } from '../../model/task.ts';
import { type Context, hint } from '../context.ts';
import { print } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { columnsOf, isInteractive } from '../terminal.ts';
import { JsonReporter } from './json.ts';
import { LinesReporter } from './lines.ts';
import type { Ahead, Reporter } from './reporter.ts';
import { SummaryReporter } from './summary.ts';
import { unwatched } from './unwatched.ts';

/**
 * How this run is shown: JSON alone, or lines and a summary, with a live line on a terminal; and what it leaves for those who do not watch.
 * @throws `usage`: a file that it is to leave cannot be written.
 */
export async function reporterOf(context: Context, settings: RunSettings, counts: Counts): Promise<Reporter> {
  const total = Math.min(counts.pending + counts.in_progress, settings.limit ?? Infinity);
  const isWatched = isInteractive(process.stderr, context.env) && process.stderr.columns > 0;
  const shown = context.json ? [new JsonReporter()] : await forPeople(context, { total, isWatched });
  return together([...shown, ...(await unwatched(context, settings, { total, isWatched }))]);
}

async function forPeople(context: Context, { total, isWatched }: Ahead): Promise<Reporter[]> {
  const { paint, quiet } = context;
  const reporters: Reporter[] = [
    new SummaryReporter({
      print,
      paint,
      quiet,
      hint: (command) => hint(context, command),
      isCopy: context.isCopy ?? false,
    }),
  ];
  if (quiet) return reporters;
  reporters.push(new LinesReporter({ print, paint, columns: () => columnsOf(process.stdout) }));
  // A terminal that says it is 0 columns wide would keep ora clearing lines for ever.
  if (isWatched) {
    const { LiveReporter } = await import('./live.ts');
    reporters.push(new LiveReporter({ stream: process.stderr, total }));
  }
  return reporters;
}

function together(reporters: Reporter[]): Reporter {
  return {
    onEvent: (event) => {
      for (const reporter of reporters) reporter.onEvent(event);
    },
    onLimits: (states) => {
      for (const reporter of reporters) reporter.onLimits?.(states);
    },
    close: () => {
      for (const reporter of reporters) reporter.close?.();
    },
    end: async (left) => {
      for (const reporter of reporters) await reporter.end?.(left);
    },
    broke: async () => {
      for (const reporter of reporters) await reporter.broke?.();
    },
  };
}
