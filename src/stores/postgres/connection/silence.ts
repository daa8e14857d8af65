import type { Link } from './link.ts';

/** How long nothing may come until it is asked about, in milliseconds. */
const SILENT_MS = 10_000;

/** What is on its way has so long to come, in milliseconds. */
const ON_ITS_WAY_MS = 1000;

/**
 * Ends a link by which an answer is due that never comes: packets are swallowed without a word on some ways. A statement may take as long as it
 * takes, so the server is asked in another way whether it still works on it.
 * @returns what ends the watch.
 */
export function watchSilence(link: Link, isAtWork: (pid: number) => Promise<boolean>): () => void {
  let heard = link.heard;
  let isAsking = false;
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (await isAtWork(link.pid)) return;
    await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY_MS).unref());
    if (!isOver && link.isWaiting && link.heard === heard) link.destroy();
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
