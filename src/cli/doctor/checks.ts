import { claude } from './claude.ts';
import type { Check } from './finding.ts';
import { machine } from './machine.ts';
import { store } from './store.ts';

/** In the order in which they are shown. */
export const CHECKS: Check[] = [machine, claude, store];
