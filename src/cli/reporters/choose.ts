import type { Counts } from '../../model/task.ts';
import { type Context, hint } from '../context.ts';
import { note, print } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { columnsOf, isInteractive } from '../terminal.ts';
import type { Reporter } from './reporter.ts';

/** How this run is shown: JSON alone, or lines and a summary, with a live line on a terminal. */
export async function reporterOf(context: Context, settings: RunSettings, counts: Counts): Promise<Reporter> {
  if (settings.simulate && !context.quiet) announceSimulation(context);
  if (context.json) {
    const { JsonReporter } = await import('./json.ts');
    return new JsonReporter();
  }
  const { SummaryReporter } = await import('./summary.ts');
  const options = { print, hint: (command: string) => hint(context, command), quiet: context.quiet };
  const reporters: Reporter[] = [new SummaryReporter({ ...options, paint: context.paint })];
  if (!context.quiet) {
    const { LinesReporter } = await import('./lines.ts');
    reporters.unshift(
      new LinesReporter({ print, paint: context.paint, columns: () => columnsOf(process.stdout) }),
    );
    // A terminal that says it is 0 columns wide (a bare pty) would keep ora clearing lines for ever.
    if (isInteractive(process.stderr, context.env) && process.stderr.columns > 0) {
      const { LiveReporter } = await import('./live.ts');
      const total = Math.min(counts.pending + counts.in_progress, settings.limit ?? Infinity);
      // First, so that it is taken away before the summary is printed.
      reporters.unshift(new LiveReporter({ stream: process.stderr, total }));
    }
  }
  return together(reporters);
}

function announceSimulation(context: Context): void {
  const line = 'A rehearsal by a simulated model, on a copy: the store stays as it is';
  context.json ? note(line) : print(line);
}

function together(reporters: Reporter[]): Reporter {
  const each = (tell: (reporter: Reporter) => void) => {
    for (const reporter of reporters) tell(reporter);
  };
  return {
    onEvent: (event) => each((reporter) => reporter.onEvent(event)),
    end: (left) => each((reporter) => reporter.end(left)),
    close: () => each((reporter) => reporter.close()),
  };
}
