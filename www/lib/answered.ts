/** Opens a dialog, and tells what it was closed with; nothing where it was left. */
export function answered(dialog: HTMLDialogElement): Promise<string> {
  dialog.returnValue = '';
  if (!dialog.open) dialog.showModal();
  return new Promise(resolve => {
    const decide = () => {
      // The end of the question before is told late: it is no answer to this one.
      if (dialog.open) return;
      dialog.removeEventListener('close', decide);
      resolve(dialog.returnValue);
    };
    dialog.addEventListener('close', decide);
  });
}
