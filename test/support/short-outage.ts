// Preloaded into an orch that a test starts: a service counts as out after TEST_OUTAGE_MS, and not after ten minutes.
import { registerHooks } from 'node:module';

const DEFAULT = 'outageMs: 600_000,';

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith('/dist/core/config.js')) return loaded;
    const source = String(loaded.source);
    if (!source.includes(DEFAULT)) throw new Error(`there is no ${DEFAULT} in ${url}`);
    return { ...loaded, source: source.replace(DEFAULT, `outageMs: ${process.env.TEST_OUTAGE_MS},`) };
  },
});
