import type { Context } from '../context.ts';
import { rememberDigests } from './require-trust.ts';
import { type Checked, hasCheck, TrustedChecks } from './trusted-checks.ts';

/** The checks of tasks that are to be added: this user's own may be run, others when somebody has agreed to them. */
export class AddedChecks {
  readonly #trusted: TrustedChecks;
  readonly #isOwn: (check: string | undefined) => boolean;
  readonly #own = new Set<string>();
  #foreign = 0;
  #last: { seal: Checked['seal']; digest: string } | undefined;

  /** @param isOwn whether a check is this user's own. */
  static async of(context: Context, isOwn: (check: string | undefined) => boolean): Promise<AddedChecks> {
    const trusted = new TrustedChecks(context.store, context.env);
    await trusted.read();
    return new AddedChecks(trusted, isOwn);
  }

  private constructor(trusted: TrustedChecks, isOwn: (check: string | undefined) => boolean) {
    this.#trusted = trusted;
    this.#isOwn = isOwn;
  }

  take(task: Checked): void {
    if (!hasCheck(task)) return;
    const digest = this.#digestOf(task);
    if (this.#isOwn(task.check)) this.#own.add(digest);
    else if (!this.#trusted.knows(digest)) this.#foreign++;
  }

  /** Before the tasks are added, so that a run which is waiting for them knows it. @returns how many have a check that nobody agreed to. */
  async remember(): Promise<number> {
    await rememberDigests(this.#own, this.#trusted);
    return this.#foreign;
  }

  /** Many that come one after the other share one seal. */
  #digestOf(task: Checked): string {
    if (!this.#last || this.#last.seal !== task.seal)
      this.#last = { seal: task.seal, digest: this.#trusted.digestOf(task) };
    return this.#last.digest;
  }
}
