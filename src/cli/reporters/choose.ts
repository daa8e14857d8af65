import type { Counts } from '../../model/task.ts';
import { type Context, hint } from '../context.ts';
import { linesStream, print } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { columnsOf, isInteractive } from '../terminal.ts';
import { JsonReporter } from './json.ts';
import { LinesReporter } from './lines.ts';
import type { Reporter } from './reporter.ts';
import { SummaryReporter } from './summary.ts';

/** How this run is shown: JSON alone, or lines and a summary, with a live line on a terminal. */
export async function reporterOf(context: Context, settings: RunSettings, counts: Counts): Promise<Reporter> {
  if (context.json) return new JsonReporter(context);
  const { paint, quiet } = context;
  const reporters: Reporter[] = [
    new SummaryReporter({
      print,
      paint,
      quiet,
      hint: (command) => hint(context, command),
      isCopy: context.isCopy ?? false,
      isScratch: context.isScratch ?? false,
    }),
  ];
  if (!quiet) {
    reporters.push(new LinesReporter({ print, paint, columns: () => columnsOf(linesStream()) }));
    // A terminal that says it is 0 columns wide (a bare pty) would keep ora clearing lines for ever.
    if (isInteractive(process.stderr, context.env) && process.stderr.columns > 0) {
      const { LiveReporter } = await import('./live.ts');
      const total = Math.min(counts.pending + counts.in_progress, settings.limit ?? Infinity);
      reporters.push(new LiveReporter({ stream: process.stderr, total }));
    }
  }
  return together(reporters);
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
    end: (left) => {
      for (const reporter of reporters) reporter.end?.(left);
    },
  };
}
