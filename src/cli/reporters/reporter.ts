import type { RunEvent } from '../../model/event.ts';
import type { Survey } from '../survey.ts';

/** Shows a run. It knows of it only what events say. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** Takes away what it has on the screen. Called once, when the run is over or has broken. */
  close?(): void;
  /** The run is over, and did not break; `left` is what the store holds now. */
  end?(left: Survey): void;
}
