// Preloaded into an orch that a test starts: a database that was lost is tried for TEST_PATIENCE_MS, and not for five minutes.
import { registerHooks } from 'node:module';

const DEFAULT = 'PATIENCE_MS = 300_000;';

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith('/dist/stores/postgres/connection/patience.js')) return loaded;
    const source = String(loaded.source);
    if (!source.includes(DEFAULT)) throw new Error(`there is no ${DEFAULT} in ${url}`);
    return { ...loaded, source: source.replace(DEFAULT, `PATIENCE_MS = ${process.env.TEST_PATIENCE_MS};`) };
  },
});
