/** Loaded before a program, this moves the wall clock that it sees by so many days; nothing else of it changes. */
const SHIFT = Number(process.env.TEST_CLOCK_DAYS ?? 0) * 86_400_000;
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: [] | [value: number | string | Date]) {
    super(...((given.length === 0 ? [RealDate.now() + SHIFT] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() + SHIFT;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
