import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Does jobs in a thread of its own, one at a time: what takes too long there can be ended, and holds nothing else up. The thread
 * starts with the first job, and keeps no process alive between two.
 */
export class TimedThread<Job, Answer> {
  readonly #script: URL;
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param script which answers each message by one; without its ending, which differs before and after the build.
   * @param from `import.meta.url` of whoever names it.
   */
  constructor(script: string, from: string) {
    this.#script = new URL(`${script}${extname(from)}`, from);
  }

  /**
   * @param timeoutMs from the job's own beginning, in milliseconds.
   * Rejects when it takes longer, is aborted, or throws.
   */
  run(job: Job, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const turn = this.#last.then(() => this.#work(job, timeoutMs, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #work(job: Job, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const thread = await this.#started();
    const deadline = AbortSignal.timeout(timeoutMs);
    thread.ref();
    try {
      const answered = once(thread, 'message', { signal: AbortSignal.any([signal, deadline]) });
      thread.postMessage(job);
      const [answer] = await answered;
      thread.unref();
      return answer as Answer;
    } catch (error) {
      this.#thread = undefined;
      await thread.terminate();
      if (deadline.aborted && !signal.aborted) throw new Error(`it did not end within ${timeoutMs / 1000} s`);
      throw error;
    }
  }

  async #started(): Promise<Worker> {
    if (this.#thread) return this.#thread;
    const thread = new Worker(this.#script);
    await once(thread, 'online');
    thread.on('error', () => {
      this.#thread = undefined;
    });
    this.#thread = thread;
    return thread;
  }
}
