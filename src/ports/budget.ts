/** Money for one call: set aside before it, settled after it, so that a cap holds at any concurrency. */
export interface Budget {
  /**
   * Sets the most that a call may cost aside. Waits while money that others have set aside may come back. Refuses once the executor or
   * verifier has answered that it was given to.
   * @param usd US dollars; undefined: the price is not known.
   * @returns what has to be settled when the call has ended, or why it must not be made.
   */
  reserve(usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal>;
}

export interface Reservation {
  refused?: undefined;
  /**
   * To be called once, before the executor or verifier answers: what is not settled by then costs what was set aside. Never rejects.
   * @param usd what the call did cost, in US dollars; undefined, infinite or below 0: its price is not known.
   */
  settle(usd: number | undefined): Promise<void>;
}

export interface Refusal {
  refused: string;
  /** `permanent`: this task may cost no more. `transient`: it does not fit into what the run may spend, which ends or leaves this task. */
  kind: 'permanent' | 'transient';
}
