import { messageOf } from '../model/errors.ts';
import type { EventMap, EventName, RunEvent } from '../model/event.ts';

/** Called with what happened. It may be async: the run goes on meanwhile, and waits for it before it ends. */
export type Hook<N extends EventName> = (event: RunEvent<N>) => unknown;

/** A hook that threw or rejected. */
export type HookErrorListener = (message: string) => void;

/** Delivers events in the order in which they happen. A hook that throws is reported and changes nothing. */
export class Hooks {
  readonly #hooks: Array<{ name: EventName | '*'; hook: (event: RunEvent) => unknown }> = [];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #report: HookErrorListener;

  constructor(report: HookErrorListener) {
    this.#report = report;
  }

  on<N extends EventName>(name: N, hook: Hook<N>): void {
    this.#hooks.push({ name, hook: hook as (event: RunEvent) => unknown });
  }

  onAny(hook: (event: RunEvent) => unknown): void {
    this.#hooks.push({ name: '*', hook });
  }

  /** Whether anybody would be told of such an event. */
  hears(name: EventName): boolean {
    return this.#hooks.some(({ name: wanted }) => wanted === name || wanted === '*');
  }

  emit<N extends EventName>(name: N, run: string, at: string, payload: EventMap[N]): void {
    const event = { event: name, at, run, ...payload } as unknown as RunEvent;
    for (const { name: wanted, hook } of this.#hooks) {
      if (wanted === name || wanted === '*') this.#call(name, hook, event);
    }
  }

  /** Resolves when every hook that was called has ended. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #call(name: EventName, hook: (event: RunEvent) => unknown, event: RunEvent): void {
    const report = (thrown: unknown): void => this.#tell(`A hook for ${name} failed: ${messageOf(thrown)}`);
    try {
      const answer = hook(event);
      if (!isThenable(answer)) return;
      const guarded = Promise.resolve(answer)
        .catch(report)
        .finally(() => this.#pending.delete(guarded));
      this.#pending.add(guarded);
    } catch (thrown) {
      report(thrown);
    }
  }

  #tell(message: string): void {
    try {
      this.#report(message);
    } catch {
      // Who cannot bear a report gets none: the run goes on.
    }
  }
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return (
    typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
  );
}
