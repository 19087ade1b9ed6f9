import { msg } from '@lit/localize';
import { reload, tryAgain } from './again';

/** The code of the app has not come whole: says so in its place, and loads the page anew once the network is back. */
export function showBrokenOff(): void {
  const words = document.createElement('p');
  words.textContent = msg(
    'fieldsync has not come to this device whole. It goes on with the next connection.',
  );
  const again = document.createElement('button');
  again.type = 'button';
  again.textContent = msg('Try again');
  again.addEventListener('click', () => location.reload());
  const box = document.createElement('div');
  box.className = 'plain';
  box.setAttribute('role', 'alert');
  box.append(words, again);
  document.querySelector('fs-app')?.append(box);
  tryAgain(reload);
}
