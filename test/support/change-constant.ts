import { registerHooks } from 'node:module';

/** From now on, whatever of orch's build is loaded has another value for a constant. */
export function changeConstant(before: RegExp, after: string): void {
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.includes('/dist/') || url.includes('/node_modules/')) return loaded;
      return { ...loaded, source: String(loaded.source).replace(before, after) };
    },
  });
}
