/** Finds codes in a picture; the part of `BarcodeDetector` that is used here. */
export interface CodeReader {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface Native {
  new (options: { formats: string[] }): CodeReader;
  getSupportedFormats(): Promise<string[]>;
}

/** Whether the browser reads QR codes by itself. */
export async function readsByItself(): Promise<boolean> {
  const native = (globalThis as { BarcodeDetector?: Native }).BarcodeDetector;
  const formats = await native?.getSupportedFormats().catch((): string[] => []);
  return formats?.includes('qr_code') ?? false;
}

/** The browser's own reader, else one that is loaded. */
export async function codeReader(): Promise<CodeReader> {
  const native = (globalThis as { BarcodeDetector?: Native }).BarcodeDetector;
  if (native && (await readsByItself())) return new native({ formats: ['qr_code'] });
  return (await import('./code-reader')).reader();
}

/** What a printed code says of its meter, as the query that fills in the form; undefined where it is no meter's code. */
export function meterCode(text: string): string | undefined {
  if (text.length > 2_000 || !URL.canParse(text, location.origin)) return undefined;
  const { searchParams: query } = new URL(text, location.origin);
  if (!query.get('property')?.trim() || !query.get('unit')?.trim()) return undefined;
  const { property, unit, meter } = Object.fromEntries(query);
  return `?${new URLSearchParams({ property: property ?? '', unit: unit ?? '', meter: meter ?? '' })}`;
}
