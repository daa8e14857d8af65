import { OrchError } from '../../../model/errors.ts';

/** What a store says when its files do not belong together. Nothing is written then. */

const DECIDE =
  '`orch doctor --take file` goes on with the file as it is, `orch doctor --take journal` puts those changes into it';

export function missing(name: string): OrchError {
  return new OrchError('store-missing', `${name} does not exist; adding a task creates it`);
}

/** A file that was there has gone: it is not begun anew, as if there had never been one. */
export class Vanished extends OrchError {
  constructor(message: string) {
    super('store-unusable', message);
  }
}

export function vanished(name: string): Vanished {
  return new Vanished(
    `${name} has vanished while it was in use; put it back, or end all runs before you begin a new one`,
  );
}

/** It knows nothing of what was done since: to go on from it would do, and pay for, that once more. */
export function olderCopy(name: string, revision: number, known: number): OrchError {
  const message = `An older copy was put in the place of ${name} (revision ${revision} after ${known}); put the newer one back, or go on with the older one by \`orch doctor --take file\``;
  return new OrchError('store-unusable', message);
}

export function changedByHand(name: string, records: number, revision: number, known: number): OrchError {
  const how =
    revision < known ? `replaced by an older copy (revision ${revision} after ${known})` : 'changed';
  const message = `${name} was ${how} while ${changes(records)} that it lacks ${records === 1 ? 'was' : 'were'} in its journal; ${DECIDE}, and both are kept as copies`;
  return new OrchError('store-unusable', message);
}

/** Somebody saved it just while it was being written anew: that is not written over. */
export function changedMeanwhile(name: string): OrchError {
  return new OrchError('store-unusable', `${name} was changed by somebody else this moment; try again`);
}

export function linked(name: string): OrchError {
  return new OrchError(
    'store-unusable',
    `${name} is a hard link: who uses it under its other name would not see these changes; make a copy, or a symbolic link`,
  );
}

/** What it held is known to this process still, but to nobody who comes later. */
export function journalVanished(name: string, records: number): Vanished {
  return new Vanished(
    `The journal of ${name} has vanished while it was in use, with ${changes(records)} that ${name} lacks; put it back, or end all runs to go on with ${name} as it is`,
  );
}

export function journalCut(path: string): Vanished {
  return new Vanished(`${path} was cut short or replaced while it was in use; end all runs, and put it back`);
}

export function lockVanished(name: string): OrchError {
  return new OrchError(
    'store-unusable',
    `${name}.lock was deleted while it was in use, so that others may write at the same time; leave it where it is, and try again`,
  );
}

export function goneUnderJournal(name: string, records: number): Vanished {
  const message = `${name} has gone, and its journal holds ${changes(records)} made to it; put it back, or begin anew by \`orch doctor --take file\``;
  return new Vanished(message);
}

/** @param offset byte at which the broken line begins. */
export function brokenJournal(path: string, { offset }: { offset: number }): OrchError {
  const message = `${path} is broken at byte ${offset}, before whole records; \`orch doctor\` shows what is lost, and cuts it off on request`;
  return new OrchError('store-unusable', message);
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`;
}
