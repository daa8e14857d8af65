/** For NODE_OPTIONS of an orch that is started: its time of day is what the file in CLOCK_FILE says, in milliseconds since the epoch. */
import { readFileSync } from 'node:fs';

Date.now = () => Number(readFileSync(process.env.CLOCK_FILE ?? '', 'utf8'));
