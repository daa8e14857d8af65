import { SIGNAL_EXIT, type StopSignal } from './exit-codes.ts';

/** Signals that end what is under way, and with it the commands that it started. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What came first, if anything did. */
  readonly by: StopSignal | undefined;
  /** From now on they end the process, as ever. */
  release(): void;
}

const SIGNALS = Object.keys(SIGNAL_EXIT) as StopSignal[];

export function onInterruption(): Interruption {
  const controller = new AbortController();
  let by: StopSignal | undefined;
  const abort = (signal: StopSignal): void => {
    by ??= signal;
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, abort);
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, abort);
    },
  };
}
