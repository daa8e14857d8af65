import { OrchError } from '../../../model/errors.ts';
import type { TextLog } from '../../packed-tasks.ts';
import { storeFault } from '../disk/faults.ts';
import { ShelfLog } from '../snapshot/shelf-log.ts';

/** Where tasks are packed whose journal lines are made of that. @param path the store's file. @param name how messages call the store. */
export function intakeLog(path: string, name: string): TextLog {
  const log = new ShelfLog(path, name);
  return {
    get end() {
      return log.end;
    },
    append: (text) => {
      if (log.append(text)) return;
      if (log.failure !== undefined) throw storeFault('use', name, log.failure);
      throw new OrchError('store-unusable', `${name} has been closed; open it again`);
    },
    readInto: (target, at, offset, length) => log.readInto(target, at, offset, length),
    close: () => log.close(),
  };
}
