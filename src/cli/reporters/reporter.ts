import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent, StopReason } from '../../model/event.ts';
import type { Survey } from '../../ports/survey.ts';

/** Shows a run. It knows of it only what it is told here. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** The limits of the API are used otherwise than before: `states` says how, at whatever time it is asked. A few times a second. */
  onLimits?(states: () => ModelState[]): void;
  /** `reason` says, at whatever time it is asked, why the run ends before its work does; undefined: it goes on. Called once, before it begins. */
  onStop?(reason: () => StopReason | undefined): void;
  /** Takes away what it has on the screen. Called once, when the run is over or has broken. */
  close?(): void;
  /** The run is over, and did not break; `left` is what the store holds now. */
  end?(left: Survey): void | Promise<void>;
  /** The store broke, so that nobody can say what is left. In the place of `end`. */
  broke?(): void | Promise<void>;
}
