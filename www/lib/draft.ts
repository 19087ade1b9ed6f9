import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { connect } from './client';
import type { FormName } from './forms';
import type { Draft, ItemId } from './generated';
import { kept } from './kept';

/** What stands in a form's fields, as typed or chosen, by where each belongs in the record. */
export type Entries = Record<string, string | string[]>;

/** A form that was begun and is not saved yet. There may be several. */
export interface FormDraft {
  id: string;
  form: FormName;
  entries: Entries;
  changedAt: number;
  /** The address of who is signed in; another person on this device does not see it. */
  person?: string;
  /** The record that it changes or corrects, as it was when that began. What the form does not ask for stays. */
  base: Record<string, unknown>;
  /** The entity that it changes, at which version the server had it then. */
  entityId?: ItemId;
  baseVersion?: number;
  /** The queued item that it takes the place of. */
  replaces?: ItemId;
  /** The entity of that one, which it keeps where others wait for it. */
  instead?: ItemId;
  /** The item that goes before it. */
  dependsOn?: ItemId;
  /** The entity that it becomes, where it makes one: by this it is known again once it is saved. */
  becomes?: ItemId;
  /** Its photos, by their ids. */
  photos?: ItemId[];
  /** What it was about to be saved as. If the browser ended then, that may be in the queue already. */
  saving?: Draft;
}

const drafts = kept('drafts');

/** Whose drafts are made, and seen, on this device now. */
export async function whose(): Promise<Pick<FormDraft, 'person'>> {
  const { email } = await (await connect()).account();
  return email ? { person: email } : {};
}

/** Told on this page whenever a draft is kept or dropped. */
const CHANGED = 'fs-drafts';

/** Keeps a form's draft at every change. Rejects where this device has no room. */
export async function keepFormDraft(draft: FormDraft): Promise<void> {
  await drafts.put(draft.id, draft);
  dispatchEvent(new Event(CHANGED));
}

/** Drops one: it was saved, or the person does not want it. */
export async function dropFormDraft(id: string): Promise<void> {
  await drafts.remove(id);
  dispatchEvent(new Event(CHANGED));
}

/** One of them, if it is still there. */
export const formDraft = async (id: string): Promise<FormDraft | undefined> =>
  (await drafts.get(id)) as FormDraft | undefined;

/** What was begun and not saved, the latest first, for an element that shows it. What turns out to be saved leaves. */
export class Unfinished implements ReactiveController {
  all: FormDraft[] = [];
  readonly #look = () => void this.look();

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener(CHANGED, this.#look);
    // Another tab may have gone on with one.
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  hostDisconnected(): void {
    removeEventListener(CHANGED, this.#look);
    document.removeEventListener('visibilitychange', this.#look);
  }

  async look(): Promise<void> {
    try {
      const [all, { person }] = await Promise.all([drafts.all() as Promise<FormDraft[]>, whose()]);
      // What was begun before anybody had signed in is whoever's comes first.
      const own = all.filter(draft => draft.person === undefined || draft.person === person);
      this.all = own.sort((one, other) => other.changedAt - one.changedAt);
      const cut = own.filter(({ saving }) => saving);
      if (cut.length > 0) void import('./filling').then(({ finish }) => Promise.all(cut.map(finish)));
    } catch {
      // Without storage there is nothing unfinished either.
    }
    this.host.requestUpdate();
  }
}
