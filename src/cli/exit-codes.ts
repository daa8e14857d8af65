import type { OrchErrorCode } from '../model/errors.ts';
import type { RunStats } from '../model/event.ts';
import type { Survey } from '../ports/survey.ts';

/** What the exit status of `orch` says to a script; `reference/topics.ts` says it in full. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  safety: 3,
  store: 4,
  /** EX_SOFTWARE of sysexits.h. */
  defect: 70,
  /** As `timeout` of coreutils has it. */
  timeout: 124,
  /** EX_TEMPFAIL of sysexits.h. */
  unavailable: 75,
} as const;

/** Where all went well but for this: the exit code is 1. At the very end, since a command sets its own code last. */
export function failAtExit(): void {
  process.once('exit', () => {
    process.exitCode ||= EXIT.failed;
  });
}

/** 128 and the signal's number, as shells have it. */
export const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof SIGNAL_EXIT;

export const EXIT_OF_ERROR: Record<OrchErrorCode, number> = {
  usage: EXIT.usage,
  'not-found': EXIT.usage,
  conflict: EXIT.usage,
  'store-missing': EXIT.usage,
  'store-unusable': EXIT.store,
  'lease-lost': EXIT.defect,
};

/** When several apply: signal, wrong configuration, safety, try later, failed. A store that broke never gets here. */
export function runExitCode(stats: RunStats, left: Pick<Survey, 'stuckCount'>, signal?: StopSignal): number {
  if (signal) return SIGNAL_EXIT[signal];
  const stopped = stats.stopReason?.kind;
  if (stopped === 'fatal') return EXIT.usage;
  if (stopped === 'safety') return EXIT.safety;
  if (stopped === 'unavailable') return EXIT.unavailable;
  return stats.failed > 0 || left.stuckCount > 0 ? EXIT.failed : EXIT.ok;
}
