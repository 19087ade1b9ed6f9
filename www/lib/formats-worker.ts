/** Makes a first format of dates, for the other threads' sake (formats.ts). */
new Intl.DateTimeFormat().format();
postMessage('made');
