/**
 * A task of its own: what was waiting, such as a tap, comes before what is done after it. (No timer: those of a page in the
 * background come once a second.)
 */
export const nextTask = (): Promise<void> =>
  new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
