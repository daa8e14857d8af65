import { closeSync } from 'node:fs';

/** An open file that is closed once nobody holds it any more. */
export class HeldFile {
  readonly #fd: number;
  #holders = 0;
  #isClosing = false;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Keeps it open, though it be closed, until what this returns is called. */
  hold(): () => void {
    this.#holders++;
    return () => {
      this.#holders--;
      this.#closeWhenIdle();
    };
  }

  /** Whoever holds it is waited for. */
  close(): void {
    this.#isClosing = true;
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (!this.#isClosing || this.#isClosed || this.#holders > 0) return;
    this.#isClosed = true;
    try {
      closeSync(this.#fd);
    } catch {
      // What has to be on the disk was synced.
    }
  }
}
