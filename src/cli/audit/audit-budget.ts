import type { Budget, Refusal, Reservation } from '../../ports/budget.ts';
import { money } from '../format.ts';

/** What an audit may pay the judge: the most that a call may cost is set aside before it, so that the cap holds at any concurrency. */
export class AuditBudget implements Budget {
  readonly #capUsd: number;
  #spentUsd = 0;
  #reservedUsd = 0;
  #waiting: (() => void)[] = [];

  constructor(capUsd: number) {
    this.#capUsd = capUsd;
  }

  async reserve(usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal> {
    if (usd === undefined) return refuse('the price of the judge is not known');
    while (this.#spentUsd + this.#reservedUsd + usd > this.#capUsd) {
      if (this.#reservedUsd === 0 || signal.aborted) {
        const room = `${money(this.#spentUsd)} of ${money(this.#capUsd)} spent, and a call may cost ${money(usd)}`;
        return refuse(`the judge was not asked: ${room}; give a higher --max-cost`);
      }
      await this.#nextSettled(signal);
    }
    this.#reservedUsd += usd;
    return { settle: async (cost) => this.#settle(usd, cost) };
  }

  /** What has no price costs what was set aside. */
  #settle(usd: number, cost = usd): void {
    this.#reservedUsd -= usd;
    this.#spentUsd += cost >= 0 && Number.isFinite(cost) ? cost : usd;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #nextSettled(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise;
  }
}

function refuse(refused: string): Refusal {
  return { refused, kind: 'transient' };
}
