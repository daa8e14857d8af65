import type { Doing } from './at-work.ts';
import type { Link } from './link.ts';

/** How long nothing may come until it is asked about, in milliseconds. */
const SILENT_MS = 10_000;

/** What is on its way has so long to come, in milliseconds. */
const ON_ITS_WAY_MS = 1000;

/** Who is in a hurry waited for somebody's lock. Its code is that of lock_not_available. */
const BLOCKED = Object.assign(new Error('it waits for a lock that another session has'), { code: '55P03' });

/**
 * Ends a link by which an answer is due that never comes: packets are swallowed without a word on some ways. A statement may take as long as it
 * takes, so the server is asked in another way whether it still works on it.
 * @param hasTime whether it may wait for locks any longer. @returns what ends the watch.
 */
export function watchSilence(
  link: Link,
  whatItDoes: (pid: number) => Promise<Doing>,
  hasTime: () => boolean,
): () => void {
  let heard = link.heard;
  let isAsking = false;
  let isOver = false;
  const ask = async (): Promise<void> => {
    const doing = await whatItDoes(link.pid);
    if (doing === 'works' || (doing === 'blocked' && hasTime())) return;
    await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY_MS).unref());
    if (!isOver && link.isWaiting && link.heard === heard)
      link.destroy(doing === 'blocked' ? BLOCKED : undefined);
  };
  const timer = setInterval(() => {
    const isSilent = link.isWaiting && link.heard === heard;
    heard = link.heard;
    if (!isSilent || isAsking) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
    });
  }, SILENT_MS);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
