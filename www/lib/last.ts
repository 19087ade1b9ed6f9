import { msg, str } from '@lit/localize';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { connect } from './client';
import { number, parseDecimal } from './format';
import type { Expected, OfMeter, Reading } from './generated';
import { asReading } from './reading';

/** The last reading of the meter that a form is about, as the server was known to have it. */
export class LastReading implements ReactiveController {
  #key = '';
  #reading: Reading | undefined;
  /** What its next reading would usually be, where enough readings of it are known. */
  expected: Expected | undefined;

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
    this.expected = undefined;
    void this.#ask(key, meters);
  }

  /** What the value is beside the last one, for the person; they know whether it can be. */
  since(typed: string, period: string): { words: string; odd: boolean } | undefined {
    const last = this.#reading;
    if (!last || last.period > period) return undefined;
    const value = parseDecimal(typed);
    const before = msg(str`Last ${number(last.value)}`);
    if (typeof value !== 'number') {
      const likely = this.expected && range(this.expected);
      return { words: likely ? msg(str`${before}, expected ${likely}`) : before, odd: false };
    }
    // As many digits as both have: a difference of floats has more.
    const difference = Number((value - last.value).toPrecision(12));
    if (difference < 0) return { words: msg(str`Lower than the last, ${number(last.value)}`), odd: true };
    return { words: msg(str`${before}, ${number(difference)} more`), odd: false };
  }

  async #ask(key: string, meters: OfMeter[]): Promise<void> {
    try {
      const client = await connect();
      for (const meter of meters) {
        const { reading, expected } = await client.latest(meter);
        const found = asReading(reading?.data);
        if (key !== this.#key) return;
        if (!found) continue;
        this.#reading = found;
        this.expected = expected;
        this.host.requestUpdate();
        return;
      }
    } catch {
      // Nothing depends on it.
    }
  }
}

/** What a reading would usually be, in whole numbers where they are large enough. */
export function range({ from, to }: Expected): string {
  const digits = to >= 100 ? 0 : 2;
  const [least, most] = [from, to].map(value => number(Number(value.toFixed(digits))));
  return least === most ? msg(str`about ${most}`) : msg(str`${least} to ${most}`);
}

/** In what the engine finds a value unusual. */
export function unusual(value: number, last: Reading | undefined, expected?: Expected): string {
  if (last && value < last.value) return msg('Lower than the last reading?');
  return expected && value < expected.from ? msg('Much less than usual?') : msg('Much more than usual?');
}
