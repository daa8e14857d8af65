import type { RunEvent } from '../../model/event.ts';
import type { Survey } from '../survey.ts';

/** Shows a run. It knows of it only what events say. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** The run is over; `left` is what the store holds now. */
  end(left: Survey): void;
  /** Takes away what it has on the screen, whatever happened. May be called more than once. */
  close(): void;
}
