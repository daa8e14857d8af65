// Preloaded into an orch that a test starts: a service counts as out after TEST_OUTAGE_MS, and not after ten minutes.
import { changeConstant } from './change-constant.ts';

changeConstant(/\boutageMs: (?:600_000|6e5)\b/, `outageMs: ${process.env.TEST_OUTAGE_MS}`);
