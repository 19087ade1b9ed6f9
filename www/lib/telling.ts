import { msg } from '@lit/localize';
import { syncCounts } from './activity';
import type { Status } from './generated';
import { toast } from './toast';

/**
 * Tells of what a person may have missed: the connection going and coming, a sync that ended. They are one story, so the
 * later message takes the place of the earlier one.
 */
export class Telling {
  private online: boolean | null | undefined;
  private draining = false;

  tell({ connectivity: { isOnline }, currentProgress, isActive }: Status): void {
    if (this.online === true && isOnline === false) {
      toast({ key: 'sync', message: msg('Connection lost. What you save stays on this device.') });
    }
    if (this.online === false && isOnline === true) {
      toast({ key: 'sync', message: msg('Connection restored.') });
    }
    this.online = isOnline;

    if (this.draining && currentProgress?.endedAt !== undefined && !isActive) {
      const { completedItems, failedItems, trigger } = currentProgress;
      // A manual one is answered where it was asked for.
      if (trigger === 'auto' && completedItems + failedItems > 0) {
        const kind = failedItems > 0 ? 'plain' : 'done';
        toast({ key: 'sync', kind, message: `${msg('Sync finished.')} ${syncCounts(currentProgress)}` });
      }
    }
    this.draining = isActive;
  }
}
