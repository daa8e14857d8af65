import type { Message } from './message.ts';
import type { Wants } from './wants.ts';

/** When those are to be woken who wait for something. */
export interface HowSoon {
  /** Milliseconds from now: what came meanwhile is told with it. */
  afterMs: number;
  /** Milliseconds since they were woken last. */
  restMs: number;
}

export const AT_ONCE: HowSoon = { afterMs: 0, restMs: 0 };

/** There may be work: at once, but no two times come closer together than this. */
export const QUICK: HowSoon = { afterMs: 0, restMs: 100 };

/** Nobody can begin with it; it matters to those who wait for an end, or for room. In a fleet it is told many times a second. */
const SLOW_MS = 1000;

/** It hardly matters to who finds nothing to do: others do what there is. */
const PATIENT_MS = 30_000;

/** How soon a message is to be heeded, which reaches a whole fleet: an idle run asks the database each time. Undefined: not at all. */
export function howSoon({ word, tasks }: Message, wants: Wants): HowSoon | undefined {
  switch (word) {
    case 'runnable':
      return wants.couldUse(tasks) ? QUICK : undefined;
    case 'spoken-for':
      if (!wants.couldUse(tasks)) return undefined;
      return wants.isIdle && !wants.isNamed(tasks) ? patient() : QUICK;
    case 'runs':
      return QUICK;
    case 'ended':
      return slow();
    case 'settled':
      return wants.isIdle && !wants.isNamed(tasks) ? patient() : slow();
    case 'money':
      return wants.isIdle && !wants.isShort ? patient() : slow();
    default:
      return AT_ONCE;
  }
}

function slow(): HowSoon {
  return { afterMs: unevenly(SLOW_MS), restMs: 0 };
}

function patient(): HowSoon {
  return { ...slow(), restMs: unevenly(PATIENT_MS) };
}

/** Up to a quarter more, by chance: a fleet must not ask all at once. */
function unevenly(ms: number): number {
  return ms * (1 + Math.random() / 4);
}
