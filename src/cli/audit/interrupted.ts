import type { StopSignal } from '../exit-codes.ts';

/** A signal that ends what is under way, and with it the commands that it started. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What came, if anything did. */
  readonly by: StopSignal | undefined;
  release(): void;
}

const SIGNALS: StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function onInterruption(): Interruption {
  const controller = new AbortController();
  let by: StopSignal | undefined;
  const abort = (signal: StopSignal) => {
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
