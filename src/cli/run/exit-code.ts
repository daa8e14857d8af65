import type { RunStats } from '../../model/event.ts';
import { EXIT, SIGNAL_EXIT, type StopSignal } from '../exit-codes.ts';
import type { Survey } from '../survey.ts';

/** When several apply: signal, wrong configuration, safety, try later, failed. A store that broke never gets here. */
export function runExitCode(stats: RunStats, left: Pick<Survey, 'blocked'>, signal?: StopSignal): number {
  if (signal) return SIGNAL_EXIT[signal];
  const stopped = stats.stopReason?.kind;
  if (stopped === 'fatal') return EXIT.usage;
  if (stopped === 'safety') return EXIT.safety;
  if (stopped === 'unavailable') return EXIT.unavailable;
  return stats.failed > 0 || left.blocked.some((each) => each.forGood) ? EXIT.failed : EXIT.ok;
}
