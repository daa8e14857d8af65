import { writeFileSync } from 'node:fs';
import { references } from './reference.ts';

/** `npm run docs` */
for (const [path, text] of Object.entries(await references())) {
  writeFileSync(new URL(`../../../${path}`, import.meta.url), text);
}
