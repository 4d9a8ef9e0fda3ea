/** When a weak connection is worth a word of advice. Pure. */

/** Judgements in a row, 2 s each, until advice is given … */
const WEAK_AFTER = 4;
/** … and until it goes away again. */
const WELL_AFTER = 5;

/** A connection that is poor for a while is weak until it was good for a while: advice that comes and goes helps nobody. */
export class Weakness {
  #isWeak = false;
  #run = 0;

  /** Whether advice is due. */
  get isWeak(): boolean {
    return this.#isWeak;
  }

  /** Takes a judgement; whether {@link isWeak} changed. */
  heard(quality: 'good' | 'fair' | 'poor'): boolean {
    const speaksForChange = this.#isWeak ? quality === 'good' : quality === 'poor';
    this.#run = speaksForChange ? this.#run + 1 : 0;
    if (this.#run < (this.#isWeak ? WELL_AFTER : WEAK_AFTER)) return false;
    this.#isWeak = !this.#isWeak;
    this.#run = 0;
    return true;
  }
}
