import type { StopSignal } from '../exit-codes.ts';

interface Stoppable {
  stop(mode: 'drain' | 'abort'): void;
}

export interface Signals {
  /** The last one that came. */
  readonly last: StopSignal | undefined;
  release(): void;
}

/** The run that is under way in this process. */
let live: Stoppable | undefined;

export function isRunLive(): boolean {
  return live !== undefined;
}

/** Ends the run that is under way, if there is one, as a signal would. @returns whether there is. */
export function abortLiveRun(): boolean {
  live?.stop('abort');
  return live !== undefined;
}

/** The first Ctrl-C lets what runs finish, the second ends it; SIGTERM and SIGHUP end it at once. */
export function steerBySignals(run: Stoppable, say: (line: string) => void): Signals {
  let last: StopSignal | undefined;
  const abort = (signal: StopSignal) => {
    last = signal;
    run.stop('abort');
    say(`${signal}: running tasks are aborted, and go back to pending`);
  };
  const onInterrupt = () => {
    if (last) return abort('SIGINT');
    last = 'SIGINT';
    // Before the line, so that what stands below it is told already.
    run.stop('drain');
    say('Stopping: running tasks may finish, nothing new starts (Ctrl-C again aborts)');
  };
  live = run;
  process.on('SIGINT', onInterrupt).on('SIGTERM', abort).on('SIGHUP', abort);
  return {
    get last() {
      return last;
    },
    release: () => {
      live = undefined;
      process.off('SIGINT', onInterrupt).off('SIGTERM', abort).off('SIGHUP', abort);
    },
  };
}
