/** Who waits for a dialog's answer. */
const asking = new WeakMap<HTMLDialogElement, (answer: string) => void>();

/** Opens a dialog, and tells what it was closed with; nothing where it was left. */
export function answered(dialog: HTMLDialogElement): Promise<string> {
  settle(dialog, ''); // a question before this one was left, and the browser tells of it late
  dialog.returnValue = '';
  if (!dialog.open) dialog.showModal();
  dialog.addEventListener('close', ended);
  return new Promise(resolve => asking.set(dialog, resolve));
}

/** Closes it with this, which counts at once: the browser tells of the end late, and by then a person may be typing again. */
export function answer(dialog: HTMLDialogElement, value: string): void {
  dialog.close(value);
  settle(dialog, value);
}

/** The end of the question before may be told when the next one is open: it is no answer to that. */
function ended({ currentTarget }: Event): void {
  const dialog = currentTarget as HTMLDialogElement;
  if (!dialog.open) settle(dialog, dialog.returnValue);
}

function settle(dialog: HTMLDialogElement, value: string): void {
  asking.get(dialog)?.(value);
  asking.delete(dialog);
}
