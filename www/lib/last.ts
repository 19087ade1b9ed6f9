import { msg, str } from '@lit/localize';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { connect } from './client';
import { number, parseDecimal } from './format';
import type { OfMeter, Reading } from './generated';
import { asReading } from './reading';

/** The last reading of the meter that a form is about, as the server was known to have it. */
export class LastReading implements ReactiveController {
  #key = '';
  #reading: Reading | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#key = '';
  }

  /** Says which meter it is: the first of these that has a reading. Asked for once, however often it is said. */
  follow(meters: OfMeter[]): void {
    const key = JSON.stringify(meters);
    if (key === this.#key) return;
    this.#key = key;
    this.#reading = undefined;
    void this.#ask(key, meters);
  }

  /** What the value is beside the last one, for the person; they know whether it can be. */
  since(typed: string, period: string): { words: string; odd: boolean } | undefined {
    const last = this.#reading;
    if (!last || last.period > period) return undefined;
    const value = parseDecimal(typed);
    const before = msg(str`Last ${number(last.value)}`);
    if (typeof value !== 'number') return { words: before, odd: false };
    // As many digits as both have: a difference of floats has more.
    const difference = Number((value - last.value).toPrecision(12));
    if (difference < 0) return { words: msg(str`Lower than the last, ${number(last.value)}`), odd: true };
    return { words: msg(str`${before}, ${number(difference)} more`), odd: false };
  }

  async #ask(key: string, meters: OfMeter[]): Promise<void> {
    try {
      const client = await connect();
      for (const meter of meters) {
        const found = asReading((await client.latest(meter))?.data);
        if (key !== this.#key) return;
        if (!found) continue;
        this.#reading = found;
        this.host.requestUpdate();
        return;
      }
    } catch {
      // Nothing depends on it.
    }
  }
}
