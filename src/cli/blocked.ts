import type { Blocked } from '../ports/survey.ts';
import { nameSome, STATUS_WORDS } from './format.ts';

/** `blocked by task-001 (failed), task-002 (gone)` */
export function blockedText({ circle, waitsFor }: Blocked): string {
  if (circle) return `waits for itself: ${nameSome(circle)}`;
  const words = waitsFor.map(({ id, status }) => `${id} (${status ? STATUS_WORDS[status] : 'gone'})`);
  return `blocked by ${words.join(', ')}`;
}
