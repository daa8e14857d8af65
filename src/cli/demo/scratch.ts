import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import { SIGNAL_EXIT, type StopSignal } from '../exit-codes.ts';
import { isRunLive } from '../run/signals.ts';
import { usage } from '../values.ts';

/** Hands over a folder that is gone afterwards, however this process ends, but for SIGKILL. @throws `usage`: there is no place for it. */
export async function inScratchFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = scratchFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const signals = Object.keys(SIGNAL_EXIT) as StopSignal[];
  // A run that is under way hears of it itself, and ends in its own way.
  const leave = (signal: StopSignal) => {
    if (!isRunLive()) process.exit(SIGNAL_EXIT[signal]);
  };
  process.on('exit', remove);
  for (const signal of signals) process.on(signal, leave);
  try {
    await work(folder);
  } finally {
    for (const signal of signals) process.off(signal, leave);
    process.off('exit', remove);
    remove();
  }
}

function scratchFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'orch-demo-'));
  } catch (error) {
    throw usage(
      `No scratch folder can be made: ${messageOf(error)}; set TMPDIR to a folder that can be written`,
    );
  }
}
