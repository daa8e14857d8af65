import { writeSync } from 'node:fs';
import { Cli } from './cli.ts';
import { openPipe } from './open-pipe.ts';

/** For `run --exec`: a task ends when the test says what comes of it; `broken` is a failure. */
export const TOLD = 'read said < "go-$ORCH_TASK_ID"; echo "$said"; test "$said" != broken';

/** For `run --check`: rejects what is `long`. */
export const NOT_LONG = 'if grep -q long; then echo "Too long: one line too many"; exit 1; fi';

export interface ToldTasks {
  cli: Cli;
  /** Ends the attempt of `task-00<number>` that is under way, or that begins next: its output is what is said. */
  letGo(number: number, said: string): void;
}

/** A store with these tasks, at most nine, of which each ends when the test says so. */
export async function toldTasks(descriptions: string[]): Promise<ToldTasks> {
  const cli = new Cli();
  await cli.add(...descriptions);
  const pipes = descriptions.map((_, i) => openPipe(cli.path(`go-task-00${i + 1}`)));
  return { cli, letGo: (number, said) => writeSync(pipes[number - 1] ?? -1, `${said}\n`) };
}
