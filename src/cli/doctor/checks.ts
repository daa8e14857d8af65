import { claude } from './claude.ts';
import type { Check } from './finding.ts';
import { machine } from './machine.ts';
import { store } from './store.ts';

/** In the order in which they are shown, and what each looks at. */
export const CHECKS: { what: string; look: Check }[] = [
  { what: 'the machine', look: machine },
  { what: 'Claude', look: claude },
  { what: 'the store', look: store },
];
