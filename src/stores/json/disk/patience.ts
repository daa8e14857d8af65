/** Waits so many milliseconds, as tests can do it. */
export type Sleep = (ms: number) => Promise<unknown>;

/** Between two tries, in milliseconds. */
const PAUSE_MS = 50;

/** As many as fit in a second: longer than an editor or git needs to write a file in its place. */
const MORE_TRIES = 20;

/** Does the work again, for about a second, while it fails with what may pass. */
export async function patiently<T>(
  work: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  sleep: Sleep,
): Promise<T> {
  for (let triesLeft = MORE_TRIES; ; triesLeft--) {
    try {
      return await work();
    } catch (error) {
      if (triesLeft === 0 || !mayPass(error)) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
