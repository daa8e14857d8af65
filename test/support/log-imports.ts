// Preloaded into an orch that a test starts: writes down every module that it loads, a URL a line.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const log = process.env.TEST_IMPORT_LOG ?? '';

registerHooks({
  load: (url, context, next) => {
    appendFileSync(log, `${url}\n`);
    return next(url, context);
  },
});
