import { parentPort } from 'node:worker_threads';
import { patternOf } from '../../model/pattern.ts';

/** Whether a text matches a pattern. */
export interface Match {
  pattern: string;
  text: string;
}

parentPort?.on('message', ({ pattern, text }: Match) => {
  parentPort?.postMessage(patternOf(pattern).test(text));
});
