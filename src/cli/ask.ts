import { createInterface } from 'node:readline';
import { SIGNAL_EXIT } from './exit-codes.ts';
import { note } from './output.ts';
import { endProgress } from './progress.ts';

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Whether a person says yes on the terminal: nothing, Ctrl-D and Ctrl-C are a no; the last is the exit code, too. */
export async function agrees(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim());
}

function ask(question: string): Promise<string> {
  endProgress();
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    dialogue.once('SIGINT', () => {
      process.exitCode = SIGNAL_EXIT.SIGINT;
      dialogue.close();
    });
    dialogue.once('close', () => {
      note('');
      resolve('');
    });
    dialogue.question(question, (answer) => {
      dialogue.removeAllListeners('close').close();
      resolve(answer);
    });
  });
}
