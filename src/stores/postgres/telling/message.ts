/**
 * What stores tell each other:
 * - `runnable`: a task may have become so
 * - `spoken-for`: one has, and the run that made it so has room for it
 * - `settled`: one has ended, and its run goes on with another
 * - `ended`: one has ended, and nothing was begun in its place
 * - `money`: some is free again
 * - `control`: runs were told something
 * - `runs`: one has come
 * - `schema`: an orch has changed it
 */
export type Word = 'runnable' | 'spoken-for' | 'settled' | 'ended' | 'money' | 'control' | 'runs' | 'schema';

export interface Message {
  word: Word;
  /** The tasks that it is about; absent: any. */
  tasks?: readonly string[];
}

/** Where the names of tasks take more, they are left out. A payload has room for 8000 bytes. */
const MOST = 7000;

export function payloadOf({ word, tasks = [] }: Message): string {
  const payload = [word, ...tasks].join(' ');
  return payload.length > MOST ? word : payload;
}

/** Undefined: something may have been missed. */
export function messageOf(payload: string): Message | undefined {
  if (payload === '') return undefined;
  const [word, ...tasks] = payload.split(' ');
  return { word: word as Word, ...(tasks.length > 0 && { tasks }) };
}
