import type { ModelState } from '../../claude/governor/state.ts';
import { isoTime } from '../../model/clock.ts';
import { formatDuration } from '../../model/duration.ts';

/** For a person: `12 waiting for requests (600/min)`; nothing where no call waits. */
export function waitingText(states: ModelState[], now: number): string[] {
  return states.flatMap((state) => {
    const why = reasonText(state, now);
    return why === undefined ? [] : [`${state.waiting} waiting ${why}`];
  });
}

function reasonText({ waitsFor, limits, until }: ModelState, now: number): string | undefined {
  switch (waitsFor) {
    case undefined:
      return undefined;
    case 'requests':
      return `for requests${rate(limits.requests?.perMinute)}`;
    case 'input tokens':
      return `for input tokens${rate(limits.inputTokens?.perMinute)}`;
    case 'output tokens':
      return `for output tokens${rate(limits.outputTokens?.perMinute)}`;
    case 'retry-after':
      return `for retry-after (${formatDuration(Math.ceil(Math.max(0, (until ?? now) - now) / 1000) * 1000)})`;
    case 'overload':
      return 'because the API is overloaded';
    case 'first answer':
      return 'for the first answer';
  }
}

function rate(perMinute: number | undefined): string {
  return perMinute === undefined ? '' : ` (${perMinute.toLocaleString('en-US')}/min)`;
}

/** What `--json` says of it, after the event's name, time and run. */
export function limitFields({ until, ...state }: ModelState): object {
  return until === undefined ? state : { ...state, until: isoTime(until) };
}

/** What is worth a new line: other limits, or another reason to wait. How much is left changes all the time. */
export function limitKey({ limits, waitsFor, waiting }: Omit<ModelState, 'model' | 'inFlight'>): string {
  const rates = Object.entries(limits).map(([name, { perMinute }]) => `${name} ${perMinute}`);
  return [...rates, waitsFor, waiting > 0].join();
}
