// Preloaded into an orch that a test starts: a database that was lost is tried for TEST_PATIENCE_MS, and not for five minutes.
import { changeConstant } from './change-constant.ts';

changeConstant(/\bPATIENCE_MS = (?:300_000|3e5);/, `PATIENCE_MS = ${process.env.TEST_PATIENCE_MS};`);
