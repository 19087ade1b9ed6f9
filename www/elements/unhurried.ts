import { LitElement } from 'lit';
import { nextTask } from '../lib/next-task';

/**
 * An element with much in it: its first rendering is a task of its own, so that a slow phone takes a tap between the parts of
 * a page and not only after the last.
 */
export class Unhurried extends LitElement {
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTask();
    super.scheduleUpdate();
  }
}
