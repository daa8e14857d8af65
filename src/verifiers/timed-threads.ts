import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Threads at most: jobs that never end hold up no others, unless there are so many at once. */
const MOST = 4;

/**
 * Does jobs in threads of their own: what takes too long there can be ended, and holds nothing else up. A thread starts when a job finds
 * no idle one, and keeps no process alive between two jobs.
 */
export class TimedThreads<Job, Answer> {
  readonly #script: URL;
  readonly #idle: Worker[] = [];
  #free = MOST;
  readonly #waiting: Array<() => void> = [];

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
  async run(job: Job, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    await this.#turn();
    try {
      signal.throwIfAborted();
      return await this.#work(job, timeoutMs, signal);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #work(job: Job, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const thread = this.#idle.pop() ?? (await this.#start());
    const deadline = AbortSignal.timeout(timeoutMs);
    thread.ref();
    try {
      const answered = once(thread, 'message', { signal: AbortSignal.any([signal, deadline]) });
      thread.postMessage(job);
      const [answer] = await answered;
      thread.unref();
      this.#idle.push(thread);
      return answer as Answer;
    } catch (error) {
      await thread.terminate();
      if (deadline.aborted && !signal.aborted) throw new Error(`it did not end within ${timeoutMs / 1000} s`);
      throw error;
    }
  }

  async #start(): Promise<Worker> {
    const thread = new Worker(this.#script);
    await once(thread, 'online');
    thread.on('error', () => {
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return thread;
  }
}
