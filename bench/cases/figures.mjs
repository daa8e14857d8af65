import { readFileSync } from 'node:fs';

/** @returns milliseconds that the work took. */
export async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Prints the figures of this case, and with them its peak memory, as the line that the harness reads. */
export function print(figures) {
  process.stdout.write(`${JSON.stringify({ ...figures, peakMb: peakMb() })}\n`);
}

/** What Linux counts in `maxRSS` begins with the memory of the parent; its own high-water mark does not. */
function peakMb() {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
