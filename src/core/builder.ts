import { OrchError } from '../model/errors.ts';
import type { EventName, RunEvent } from '../model/event.ts';
import type { Executor } from '../ports/executor.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { completeConfig, type OrchestratorConfig } from './config.ts';
import { type Hook, type HookErrorListener, Hooks } from './hooks.ts';
import { Orchestrator } from './orchestrator.ts';
import { type Runtime, systemRuntime } from './runtime.ts';

/** Puts an orchestrator together. A store and an executor are needed; the rest is as you like. */
export class OrchestratorBuilder {
  #store: TaskStore | undefined;
  #executor: Executor | undefined;
  #verifier: Verifier | undefined;
  #safety: SafetyCheck | undefined;
  #config: Partial<OrchestratorConfig> = {};
  #runtime: Runtime = systemRuntime;
  #reportHookError: HookErrorListener = (message) => console.error(message);
  readonly #hooks: Array<(hooks: Hooks) => void> = [];

  withTaskStore(store: TaskStore): this {
    this.#store = store;
    return this;
  }

  withExecutor(executor: Executor): this {
    this.#executor = executor;
    return this;
  }

  /** Without one, or where it does not apply, completed tasks are `verified: false`. */
  withVerifier(verifier: Verifier): this {
    this.#verifier = verifier;
    return this;
  }

  /** Without one nothing bounds the run but the attempts of each task. Several: `allSafe`. */
  withSafety(safety: SafetyCheck): this {
    this.#safety = safety;
    return this;
  }

  /** May be called more than once; what is given later wins. */
  withConfig(config: Partial<OrchestratorConfig>): this {
    this.#config = { ...this.#config, ...config };
    return this;
  }

  /** For tests: the clock, the waiting, the dice. */
  withRuntime(runtime: Runtime): this {
    this.#runtime = runtime;
    return this;
  }

  onRunStart(hook: Hook<'run:start'>): this {
    return this.on('run:start', hook);
  }

  onTaskStart(hook: Hook<'task:start'>): this {
    return this.on('task:start', hook);
  }

  onTaskComplete(hook: Hook<'task:complete'>): this {
    return this.on('task:complete', hook);
  }

  onTaskFail(hook: Hook<'task:fail'>): this {
    return this.on('task:fail', hook);
  }

  onTaskRetry(hook: Hook<'task:retry'>): this {
    return this.on('task:retry', hook);
  }

  onRunEnd(hook: Hook<'run:end'>): this {
    return this.on('run:end', hook);
  }

  /** Any one event by its name. */
  on<N extends EventName>(name: N, hook: Hook<N>): this {
    this.#hooks.push((hooks) => hooks.on(name, hook));
    return this;
  }

  /** All events. */
  onEvent(hook: (event: RunEvent) => unknown): this {
    this.#hooks.push((hooks) => hooks.onAny(hook));
    return this;
  }

  /** Told when a hook throws. Default: a line on stderr. */
  onHookError(listener: HookErrorListener): this {
    this.#reportHookError = listener;
    return this;
  }

  /** @throws OrchError `usage` when a part is missing or the configuration cannot be meant. */
  build(): Orchestrator {
    if (!this.#store) throw new OrchError('usage', 'An orchestrator needs a task store; call withTaskStore');
    if (!this.#executor) throw new OrchError('usage', 'An orchestrator needs an executor; call withExecutor');
    const hooks = new Hooks(this.#reportHookError);
    for (const add of this.#hooks) add(hooks);
    return new Orchestrator({
      store: this.#store,
      executor: this.#executor,
      verifier: this.#verifier,
      safety: this.#safety,
      config: completeConfig(this.#config),
      runtime: this.#runtime,
      hooks,
    });
  }
}
