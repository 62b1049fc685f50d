/** Loaded before a program, this turns the wall clock that it sees back by 400 days; nothing else of it changes. */
const BACK = 400 * 86_400_000;
const RealDate = Date;

class EarlierDate extends RealDate {
  constructor(...given: [] | [value: number | string | Date]) {
    super(...((given.length === 0 ? [RealDate.now() - BACK] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() - BACK;
  }
}

globalThis.Date = EarlierDate as DateConstructor;
