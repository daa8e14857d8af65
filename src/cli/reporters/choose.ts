import type { Survey } from '../../ports/survey.ts';
import { hasPlaceForBoard } from '../board/place.ts';
import { type Context, hint } from '../context.ts';
import { linesStream, print } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { columnsOf } from '../terminal.ts';
import { JsonReporter } from './json.ts';
import { LinesReporter } from './lines.ts';
import type { Reporter } from './reporter.ts';
import { SummaryReporter } from './summary.ts';
import { tasksAhead, unwatched } from './unwatched.ts';

/**
 * What tells of this run: whoever looks on, and those who do not.
 * @throws `usage`: a file that it is to leave cannot be written.
 */
export async function reporterOf(context: Context, settings: RunSettings, found: Survey): Promise<Reporter> {
  const shown = await shownBy(context, settings, found);
  return together([...shown, ...(await unwatched(context, settings, found))]);
}

/** How it is shown: JSON alone, or lines and a summary, with a board at the foot of a terminal. */
async function shownBy(context: Context, settings: RunSettings, found: Survey): Promise<Reporter[]> {
  if (context.json) return [new JsonReporter(context)];
  const { paint, quiet, verbose } = context;
  const reporters: Reporter[] = [
    new SummaryReporter({
      print,
      columns: () => columnsOf(linesStream()),
      paint,
      quiet,
      hint: (command) => hint(context, command),
      isCopy: context.isCopy ?? false,
      isScratch: context.isScratch ?? false,
    }),
  ];
  if (!quiet) {
    reporters.push(new LinesReporter({ print, paint, verbose, columns: () => columnsOf(linesStream()) }));
    if (hasPlaceForBoard(context.env)) {
      const { LiveReporter } = await import('./live.ts');
      const total = tasksAhead(settings, found);
      const paint = await context.paintError();
      // First, so that what stands below a line is what is known when it is printed.
      reporters.unshift(new LiveReporter({ terminal: process.stderr, paint, total }));
    }
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
    onStop: (reason) => {
      for (const reporter of reporters) reporter.onStop?.(reason);
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
