import { messageOf } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';

/** Too many processes or open files, too little memory or room on the disk: it may pass. */
const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'];
/** The folder is not there, or is not to be written in: it does not pass by itself. */
const WRONG_FOLDER = ['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'];

/** Whether the system could not do it for the moment, by its code. */
export function isShortage(code: string | undefined): boolean {
  return code !== undefined && SHORTAGES.includes(code);
}

/** What follows where the files for a command cannot be written: this machine is at fault, and not the task. */
export function filesFailure(thrown: unknown): Failure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const [kind, what] = WRONG_FOLDER.includes(code)
    ? ([
        'fatal',
        'temporary files cannot be written (set TMPDIR to a folder that can be written in)',
      ] as const)
    : (['transient', 'temporary files cannot be written for now'] as const);
  return { kind, message: `${what}: ${messageOf(thrown)}` };
}
